"""What to do about something that Slack refuses."""

from templates.mrkdwn import Mrkdwn
from templates.words import Words


def mend(error: str, words: Words, place: str = "") -> Mrkdwn:
    """Of Slack's `error`, for a channel or person by the name the settings use."""
    return words(_mend(error, words), error=error, place=place)


def plain_mend(error: str, place: str = "") -> str:
    """The same for the log."""
    words = Words("en", "UTC")
    return words.plain(_mend(error, words), error=error, place=place)


def _mend(error: str, words: Words) -> str:
    name = f"trouble.mend.{error}"
    return name if words.has(name) else "trouble.mend.other"
