"""What customers read: one customer update as a notice in one language, for mail and for Slack.

The texts are `templates/customer_updates/<kind>.<language>.txt.j2`. What people typed is only ever a value in them,
so braces and markup in it stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from domain.customer_updates import CustomerUpdate, Facts, Kind
from domain.incident import DataLoss, Incident
from domain.severity import Severity
from domain.team import Team
from templates.blocks import SECTION_LIMIT
from templates.mrkdwn import Mrkdwn, escape
from templates.notice_times import NoticeTimes
from templates.words import Words

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

TEXTS = Path(__file__).parent / "customer_updates"
LAST = (Kind.RESOLVED, Kind.CORRECTION)
"""After these customers need not hear from us again."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Plain text, exactly what a mail would carry."""

    subject: str
    """One line."""
    body: str


def notice(
    update: CustomerUpdate,
    *,
    incident: Incident,
    team: Team,
    language: str,
    earlier: Sequence[CustomerUpdate],
    addressee: str = "",
) -> Notice:
    """The update as its readers get it; pure.

    `earlier` are the incident's other updates (later ones are left aside), `addressee` the customer's name where
    only one reads it. Facts that were written in another language only are shown as they are, marked as the
    original, except in a holding update, which says nothing new. Raises ValueError when an update promises no
    next one though customers still wait.
    """
    if update.promise is None and update.kind not in LAST:
        raise ValueError(f"Update {update.number} does not say when the next one comes.")
    words = Words(language, team.timezone)
    told = sorted(
        (other for other in earlier if other.number < update.number), key=lambda other: other.number
    )
    before = told[-1] if told else None
    facts, original, written_in = _facts(update, words.language)
    product = team.products.get(incident.product or "")
    started_at, ended_at = _outage(update, incident)
    rendered = _text(update.kind, words.language).render(
        update=update,
        number=update.number,
        incident=incident.number,
        practice=incident.practice,
        service=_one_line(product.called(language) if product else incident.title),
        named=product is not None,
        addressee=_one_line(addressee),
        grave=incident.severity <= Severity.TWO,
        state=update.state.value,
        state_name=words.plain(f"state.customer.{update.state.value}"),
        told=told,
        before=before,
        again=before is not None and before.kind is Kind.RESOLVED,
        same_state=before is not None and before.state is update.state,
        facts=facts,
        original=None if original.empty else original,
        original_language=words.plain(f"language.{written_in}"),
        times=NoticeTimes(words.language, team.timezone),
        noticed_at=None if any(other.kind is Kind.RESOLVED for other in told) else incident.declared_at,
        started_at=started_at,
        ended_at=ended_at,
        lasted=_lasted(started_at, ended_at, words),
        data_loss=_data_loss(update, incident).value,
    )
    subject, _, body = rendered.partition("\n")
    return Notice(subject=subject, body=body.strip("\n"))


def slack_notice(notice: Notice) -> Mrkdwn:
    """The same words for a Slack channel: the subject in bold, nothing in them a mention or a link."""
    return Mrkdwn(f"*{escape(notice.subject)}*\n{escape(notice.body)}")


def slack_sections(notice: Notice, limit: int = SECTION_LIMIT) -> tuple[Mrkdwn, ...]:
    """The notice in pieces that Slack shows whole, cut between lines (inside one only where it alone is too long)."""
    pieces: list[str] = []
    for line in slack_notice(notice).split("\n"):
        if pieces and len(pieces[-1]) + 1 + len(line) <= limit:
            pieces[-1] += f"\n{line}"
        else:
            pieces += _cut(line, limit)
    return tuple(Mrkdwn(piece) for piece in pieces if piece.strip())


def _cut(line: str, limit: int) -> list[str]:
    """Never inside an entity such as `&amp;`."""
    pieces = []
    while len(line) > limit:
        end = limit
        if "&" in line[end - 4 : end]:
            end = line.rindex("&", 0, end)
        pieces.append(line[:end])
        line = line[end:]
    return [*pieces, line]


def prepare() -> None:
    """Read every text once, which takes a quarter of a second that the first person would wait for otherwise."""
    environment = _environment()
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)


@cache
def _text(kind: Kind, language: str) -> "Template":
    return _environment().get_template(f"{kind.value}.{language}.txt.j2")


@cache
def _environment() -> "ImmutableSandboxedEnvironment":
    # Here, because most starts of the program render no notice.
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEXTS),
        undefined=StrictUndefined,
        autoescape=False,  # Plain text; `slack_notice` escapes for Slack.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _facts(update: CustomerUpdate, language: str) -> tuple[Facts, Facts, str]:
    """The facts in the reader's language; those that were written in another one only; and that language."""
    own = _relevant(update.kind, update.facts.get(language, Facts()))
    for other, said in update.facts.items():
        missing = replace(
            _relevant(update.kind, said), **{name: "" for name, text in vars(own).items() if text}
        )
        if update.kind is Kind.HOLDING:
            # The rest is not new, and the fixed sentences are complete.
            missing = Facts(changed=missing.changed)
        if other != language and not missing.empty:
            return own, missing, other
    return own, Facts(), language


def _relevant(kind: Kind, facts: Facts) -> Facts:
    """Trimmed, and without what is over once service is restored or the alarm proved false."""
    trimmed = Facts(**{name: "\n".join(text.splitlines()).strip() for name, text in vars(facts).items()})
    match kind:
        case Kind.RESOLVED:
            return replace(trimmed, doing="", workaround="")
        case Kind.CORRECTION:
            return Facts(changed=trimmed.changed)
        case _:
            return trimmed


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _outage(update: CustomerUpdate, incident: Incident) -> tuple[datetime | None, datetime | None]:
    """Start and end as this update tells them; an incident resolved again since then has other ones."""
    resolution = incident.resolution
    if update.started_at or resolution is None or update.kind is not Kind.RESOLVED:
        return update.started_at, update.ended_at
    # Updates kept by earlier versions do not carry the start.
    if update.ended_at in (None, resolution.ended_at):
        return resolution.started_at, resolution.ended_at
    return None, update.ended_at


def _lasted(started_at: datetime | None, ended_at: datetime | None, words: Words) -> str:
    if started_at is None or ended_at is None:
        return ""
    minute = timedelta(minutes=1)
    return words.duration(_minute(ended_at) - _minute(started_at)) if ended_at - started_at >= minute else ""


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _data_loss(update: CustomerUpdate, incident: Incident) -> DataLoss:
    """Stated even if there was none; not known where nobody said."""
    if update.data_loss is not None:
        return update.data_loss
    return incident.resolution.data_loss if incident.resolution else DataLoss.UNKNOWN
