"""What customers are told: the kinds of update, their facts per language, who receives them, and what counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.incident import TEXT_LIMIT, DataLoss, Incident, State
from domain.refusals import Refusal, Why
from domain.team import Team

LANGUAGES = ("ja", "en")


class Kind(StrEnum):
    FIRST = "first"
    SCOPE = "scope"
    PROGRESS = "progress"
    HOLDING = "holding"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CORRECTION = "correction"
    """A withdrawn incident: what customers were told was a false alarm."""


WRITTEN = (Kind.FIRST, Kind.SCOPE, Kind.PROGRESS, Kind.HOLDING, Kind.MONITORING)
"""The kinds the update form offers; `resolved` is sent by resolving."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The free-text facts of an update in one language; a template cannot translate them."""

    symptom: str = ""
    affected: str = ""
    doing: str = ""
    changed: str = ""
    workaround: str = ""
    done: str = ""
    """What ended the incident; only in `resolved`."""
    customer_action: str = ""
    """What customers must do; only in `resolved`."""

    @property
    def empty(self) -> bool:
        return not any(vars(self).values())


@dataclass(frozen=True, kw_only=True)
class CustomerUpdate:
    """One update, as recorded at the tap that sent it."""

    number: int
    """Counts the incident's updates from 1."""
    kind: Kind
    state: State
    author: str
    sent_at: datetime
    promise: datetime | None
    """When customers hear from us next; None for `resolved` and `correction`, after which they need not."""
    cycle: int
    """The wait it ends."""
    minutes_late: int
    facts: Mapping[str, Facts]
    """By language."""
    delivered_at: datetime | None = None
    """When the first recipient was confirmed."""
    data_loss: DataLoss | None = None
    """Only in `resolved`, as are start and end of the outage as customers were told them."""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One conversation an update goes to, once, in one language."""

    place: str
    """The channel as the settings name it (name or id), or `swarm`."""
    language: str
    customers: tuple[str, ...] = ()
    """Keys of the customers who read there; empty for a channel of everybody's."""


class Receipt(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What became of one update for one recipient."""

    number: int
    recipient: Recipient
    receipt: Receipt = Receipt.WAITING
    at: datetime | None = None
    error: str = ""


SWARM = "swarm"


def recipients_of(incident: Incident, team: Team) -> tuple[Recipient, ...]:
    """The conversations an update goes to, each once.

    The linked customers' channels; while none is linked those of every customer of the product; and the channels
    everybody reads. Of a private incident only the linked customers hear. With nobody at all, the swarm's own channel
    stands in.
    """
    found: dict[str, Recipient] = {}
    keys = incident.customers
    if not keys and not incident.private:
        keys = tuple(key for key, customer in team.customers.items() if incident.product in customer.products)
    for key in keys:
        customer = team.customers.get(key)
        if customer is None:
            continue
        for place in customer.channels:
            before = found.get(place)
            found[place] = Recipient(
                place=place,
                language=before.language if before else customer.language or team.language,
                customers=(*before.customers, key) if before else (key,),
            )
    if not incident.private:
        for place in team.update_channels:
            found.setdefault(place, Recipient(place=place, language=team.language))
    return tuple(found.values()) or (Recipient(place=SWARM, language=incident.language),)


def languages_of(recipients: Iterable[Recipient]) -> tuple[str, ...]:
    """The languages the recipients read, in the product's order."""
    read = {recipient.language for recipient in recipients}
    return tuple(language for language in LANGUAGES if language in read)


def language_for_team(incident: Incident, recipients: Iterable[Recipient]) -> str:
    """In which of its languages a swarm reads an update: its own where any recipient reads that, else the first's."""
    read = [recipient.language for recipient in recipients]
    return incident.language if incident.language in read or not read else read[0]


def holdings_in_a_row(updates: Sequence[CustomerUpdate]) -> int:
    """How many of the newest updates only said "still working on it"."""
    count = 0
    for update in reversed(updates):
        if update.kind is not Kind.HOLDING:
            break
        count += 1
    return count


def facts_for_holding(updates: Sequence[CustomerUpdate]) -> Mapping[str, Facts]:
    """A holding update says again what customers were told last, and nothing new."""
    for update in reversed(updates):
        return {
            language: Facts(
                symptom=facts.symptom,
                affected=facts.affected,
                doing=facts.doing,
                workaround=facts.workaround,
            )
            for language, facts in update.facts.items()
        }
    return {}


def check_kind(kind: Kind, updates: Sequence[CustomerUpdate]) -> None:
    """There is one first notice, and nothing else can be the first. Raises Refusal FIRST_NOTICE_SENT_BEFORE."""
    if kind is Kind.FIRST and updates:
        raise Refusal(Why.FIRST_NOTICE_SENT_BEFORE, field="kind", number=updates[0].number)


def check_facts(kind: Kind, facts: Mapping[str, Facts], languages: Sequence[str]) -> None:
    """An update says what customers see and who is affected, in at least one language its readers need.

    Raises Refusal: TEXT_MISSING, TEXT_TOO_LONG; the field carries the language's suffix for all but the first.
    """
    for language, said in facts.items():
        for name, text in vars(said).items():
            if len(text) > TEXT_LIMIT:
                raise Refusal(
                    Why.TEXT_TOO_LONG,
                    field=field_name(name, language, languages),
                    limit=TEXT_LIMIT,
                    length=len(text),
                )
    if kind is Kind.HOLDING:
        return
    needed = ["symptom", "affected"]
    if kind is Kind.PROGRESS:
        needed.insert(0, "changed")
    for name in needed:
        if not any(getattr(said, name).strip() for said in facts.values()):
            raise Refusal(Why.TEXT_MISSING, field=field_name(name, languages[0], languages))


def field_name(name: str, language: str, languages: Sequence[str]) -> str:
    """The form's field for a fact: plain for the first language asked for, with `_en` or `_ja` for a second."""
    return name if language == languages[0] else f"{name}_{language}"


@dataclass(frozen=True, kw_only=True)
class Hint:
    """What somebody in the swarm says customers may know now; it goes into the next update's draft."""

    cycle: int
    person: str
    at: datetime
    text: str

    @property
    def language(self) -> str:
        """The language it is written in, as far as its letters tell."""
        return "ja" if any("\u3040" <= letter <= "\u9fff" for letter in self.text) else "en"


HINT_LIMIT = 300


def facts_with_hints(
    facts: Mapping[str, Facts], hints: Iterable[Hint], *, first: bool
) -> Mapping[str, Facts]:
    """The draft with what the experts said: as what changed, in a first notice as what is being done."""
    filled = dict(facts)
    for hint in hints:
        said = filled.get(hint.language, Facts())
        name = "doing" if first else "changed"
        before = getattr(said, name)
        filled[hint.language] = replace(said, **{name: f"{before}\n{hint.text}".strip()})
    return filled


def check_not_outdated(after_update: int, updates: Sequence[CustomerUpdate]) -> None:
    """Raises Refusal NEWER_UPDATE when somebody told customers something since the form was filled."""
    if updates and updates[-1].number > after_update:
        newest = updates[-1]
        raise Refusal(
            Why.NEWER_UPDATE, field="kind", number=newest.number, author=newest.author, at=newest.sent_at
        )
