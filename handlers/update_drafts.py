"""What the update form keeps between one click and the next, and the update it becomes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.customer_updates import CustomerUpdate, Facts, Kind, facts_for_holding, field_name
from domain.incident import WORKING, State
from domain.promises import read_time
from domain.refusals import Refusal, Why
from handlers.form_values import FormValues
from handlers.front import Body
from services import drafts
from services.customer_updates import Prepared, Written
from services.desk import Actor, Desk
from templates.forms.customer_updates import FACTS, PHRASES, UpdateForm, asks_for_facts
from templates.forms.typed_times import typed_time
from templates.words import Words

KIND = "update"


@dataclass(frozen=True, kw_only=True)
class UpdateDraft:
    id: str
    number: int
    """The incident's."""
    channel: str | None
    """Where the form was opened."""
    after_update: int
    """The newest update its author has seen."""
    languages: tuple[str, ...]
    typed: Mapping[str, str]
    """What stands in the text fields, those out of sight too."""
    promise_typed: str
    """What `next_update` said when the form opened, …"""
    promise: str
    """… and the moment it means, to the second; ISO 8601."""
    to_translate: str = ""
    """What was said so far in languages the form does not ask for."""
    shown_update: int | None = None
    needs_words: bool = False
    written: Mapping[str, Any] = field(default_factory=dict)
    """The update as its preview shows it."""

    def actor(self, person: str) -> Actor:
        return Actor(person=person, channel_id=self.channel)


async def start(
    desk: Desk,
    prepared: Prepared,
    *,
    actor: Actor,
    words: Words,
    shown_update: int | None = None,
    needs_words: bool = False,
) -> UpdateDraft:
    """A draft filled from the last update."""
    prefilled = {
        field_name(fact, language, prepared.languages): getattr(said, fact)
        for language in prepared.languages
        if (said := prepared.facts.get(language))
        for fact in FACTS
        if getattr(said, fact)
    }
    promise = typed_time(prepared.promise, now=desk.now(), words=words)
    draft = UpdateDraft(
        id="",
        number=prepared.incident.number,
        channel=actor.channel_id,
        after_update=prepared.after_update,
        languages=prepared.languages,
        typed={**prefilled, "next_update": promise},
        promise_typed=promise,
        promise=prepared.promise.isoformat(),
        to_translate=_to_translate(prepared),
        shown_update=shown_update,
        needs_words=needs_words,
    )
    draft_id = await drafts.save(
        desk, KIND, person=actor.person, payload=_payload(draft), incident=draft.number
    )
    return replace(draft, id=draft_id)


async def load(desk: Desk, draft_id: str) -> UpdateDraft:
    """Raises Refusal DRAFT_GONE."""
    number, kept = await drafts.load(desk, draft_id, KIND)
    if number is None:
        raise Refusal(Why.DRAFT_GONE)
    return UpdateDraft(id=draft_id, number=number, **{**kept, "languages": tuple(kept["languages"])})


async def save(desk: Desk, draft: UpdateDraft, *, person: str) -> None:
    await drafts.save(
        desk, KIND, person=person, payload=_payload(draft), incident=draft.number, draft_id=draft.id
    )


def with_typed(draft: UpdateDraft, body: Body) -> UpdateDraft:
    """The draft with what stands in the form now; fields out of sight keep what they held."""
    in_sight = {
        name: str(element.get("value") or "")
        for block in body["view"]["state"]["values"].values()
        for name, element in block.items()
        if element["type"] == "plain_text_input"
    }
    return replace(draft, typed={**draft.typed, **in_sight})


def with_written(draft: UpdateDraft, written: Written) -> UpdateDraft:
    return replace(
        draft,
        written={
            "kind": written.kind.value,
            "state": written.state.value,
            "facts": {language: asdict(facts) for language, facts in written.facts.items()},
            "promise": written.promise.isoformat(),
        },
    )


def written_before(draft: UpdateDraft) -> Written:
    """The update as its preview showed it. Raises Refusal DRAFT_GONE when there was none."""
    kept = draft.written
    if not kept:
        raise Refusal(Why.DRAFT_GONE)
    return Written(
        kind=Kind(kept["kind"]),
        state=State(kept["state"]),
        facts={language: Facts(**facts) for language, facts in kept["facts"].items()},
        promise=datetime.fromisoformat(kept["promise"]),
        after_update=draft.after_update,
    )


def written_in(
    draft: UpdateDraft,
    values: FormValues,
    *,
    updates: tuple[CustomerUpdate, ...],
    now: datetime,
    words: Words,
) -> Written:
    """The update as the form says it. Raises Refusal: CHOICE_MISSING, CHOICE_UNKNOWN, TIME_UNREADABLE."""
    kind, state = values.required("kind", Kind), values.required("state", State)
    if state not in WORKING:
        raise Refusal(Why.CHOICE_UNKNOWN, field="state", typed=state.value)
    return Written(
        kind=kind,
        state=state,
        facts=_facts(draft, values, updates, words) if asks_for_facts(kind) else facts_for_holding(updates),
        promise=promise_in(draft, now=now, words=words),
        after_update=draft.after_update,
    )


def promise_in(draft: UpdateDraft, *, now: datetime, words: Words) -> datetime:
    """What `next_update` means; left as it was, it keeps its seconds. Raises Refusal TIME_UNREADABLE."""
    typed = draft.typed.get("next_update", "")
    if typed.strip() == draft.promise_typed:
        return datetime.fromisoformat(draft.promise)
    return read_time(typed, now=now, timezone=words.timezone, field="next_update")


def form_of(
    draft: UpdateDraft, prepared: Prepared, *, desk: Desk, kind: Kind, state: State, words: Words
) -> UpdateForm:
    try:
        promise = promise_in(draft, now=desk.now(), words=words)
    except Refusal:
        promise = None  # The form says so; submitting it says what to type.
    return UpdateForm(
        draft_id=draft.id,
        incident=prepared.incident,
        team=desk.team,
        kind=kind,
        state=state,
        languages=draft.languages,
        typed=draft.typed,
        promise=promise,
        recipients=prepared.recipients,
        updates=prepared.updates,
        shown_update=draft.shown_update,
        needs_words=draft.needs_words,
        to_translate=draft.to_translate,
    )


def _to_translate(prepared: Prepared) -> str:
    asked = [prepared.facts.get(language, Facts()) for language in prepared.languages]
    if any(not facts.empty for facts in asked) and prepared.updates:
        # Customers have read it in their language already; only what is new since then is missing.
        names: tuple[str, ...] = ("changed",)
    else:
        names = FACTS
    return "\n".join(
        getattr(facts, name)
        for language, facts in prepared.facts.items()
        if language not in prepared.languages
        for name in names
        if getattr(facts, name)
    )


def _facts(
    draft: UpdateDraft, values: FormValues, updates: tuple[CustomerUpdate, ...], words: Words
) -> Mapping[str, Facts]:
    phrase = values.choice("phrase")
    before = facts_for_holding(updates)
    facts = {}
    for language in draft.languages:
        typed = {
            fact: draft.typed.get(field_name(fact, language, draft.languages), "").strip() for fact in FACTS
        }
        if phrase in PHRASES:
            ready = Words(language, words.timezone).plain(f"phrase.{phrase}")
            said_before = before.get(language, Facts()).doing.strip()
            own = typed["doing"] if typed["doing"] not in (said_before, ready) else ""
            typed["doing"] = f"{ready}\n{own}".strip()
        facts[language] = Facts(**typed)
    return facts


def _payload(draft: UpdateDraft) -> dict[str, Any]:
    kept = asdict(draft)
    del kept["id"], kept["number"]
    return {**kept, "languages": list(draft.languages)}
