"""What people type into a field."""

from domain.refusals import Refusal, Why


def trimmed(text: str, *, field: str, limit: int) -> str:
    """The text without spaces around it; empty where nothing else was typed. Raises Refusal TEXT_TOO_LONG."""
    said = text.strip()
    if len(said) > limit:
        raise Refusal(Why.TEXT_TOO_LONG, field=field, limit=limit, length=len(said))
    return said


def required(text: str, *, field: str, limit: int, missing: Why = Why.TEXT_MISSING) -> str:
    """The text without spaces around it. Raises Refusal: TEXT_TOO_LONG, and `missing` where there is nothing else."""
    said = trimmed(text, field=field, limit=limit)
    if not said:
        raise Refusal(missing, field=field)
    return said
