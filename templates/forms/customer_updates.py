"""Writing a customer update: the form, its preview, and who received it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.customer_updates import (
    SWARM,
    WRITTEN,
    CustomerUpdate,
    Delivery,
    Facts,
    Kind,
    Receipt,
    Recipient,
    field_name,
    languages_of,
)
from domain.incident import WORKING, Incident, State
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import (
    Block,
    context,
    divider,
    field,
    modal,
    option,
    section,
    select,
    text_input,
)
from templates.mrkdwn import Mrkdwn, Who, channel_link, clip, escape, quote
from templates.notices import notice, slack_notice, slack_sections
from templates.refused import mend
from templates.terms import field_label, term
from templates.words import Words

FACTS = ("changed", "symptom", "affected", "doing", "workaround")
"""The free-text fields, in the order in which they are asked for."""
PHRASES = ("checking", "cause_found", "restoring", "switching", "partner", "watching")
"""Ready sentences for `doing`, complete in every language customers read."""

_QUOTED = 1200
_NAMED = 60
_LISTED = 100
"""More receipts than that make a view larger than Slack takes."""


@dataclass(frozen=True, kw_only=True)
class UpdateForm:
    """All the update form shows."""

    draft_id: str
    incident: Incident
    team: Team
    kind: Kind
    state: State
    languages: tuple[str, ...]
    typed: Mapping[str, str]
    """What stands in the text fields, by field."""
    promise: datetime | None
    """What `next_update` says, if it can be read."""
    recipients: tuple[Recipient, ...]
    updates: tuple[CustomerUpdate, ...]
    shown_update: int | None = None
    """The update that went out before this one was written, to compare with."""
    needs_words: bool = False
    """The last updates said nothing new already."""
    to_translate: str = ""
    """What is known in languages the form does not ask for."""


def kinds_offered(updates: Sequence[CustomerUpdate]) -> tuple[Kind, ...]:
    """There is one first notice; until it went out, only "still working on it" can stand in for it."""
    if not updates:
        return (Kind.FIRST, Kind.HOLDING)
    return tuple(kind for kind in WRITTEN if kind is not Kind.FIRST)


def asks_for_facts(kind: Kind) -> bool:
    """A holding update has no free text: it says again what customers were told last."""
    return kind is not Kind.HOLDING


def update_form(form: UpdateForm, words: Words) -> Block:
    incident = form.incident
    kinds = [option(term(kind, words), kind.value) for kind in kinds_offered(form.updates)]
    states = [option(term(state, words), state.value) for state in WORKING]
    states.append(option(words.plain("update_form.state_resolved"), State.RESOLVED.value))
    blocks = [
        context(words("update_form.about", number=incident.number, title=incident.title)),
        *_warnings(form, words),
        field("kind", field_label("kind", words), select(kinds, form.kind.value), dispatch=True),
        field("state", field_label("state", words), select(states, form.state.value), dispatch=True),
    ]
    if asks_for_facts(form.kind):
        for language in form.languages:
            if is_foreign(language, form.languages, words):
                blocks.append(
                    section(words(f"update_form.texts_in.{language}"), block_id=f"texts_{language}")
                )
            blocks += _facts(form, language, words)
    else:
        blocks.append(context(words("update_form.holding"), block_id="no_texts"))
    blocks += [
        field(
            "next_update",
            field_label("next_update", words),
            text_input(form.typed.get("next_update", "")),
            hint=words.plain("update_form.next_update_hint"),
            dispatch=True,
        ),
        context(_promise(form.promise, words), block_id="promise"),
        context(_goes_to(form.recipients, words), block_id="goes_to"),
    ]
    return modal(
        "update",
        words.plain("update_form.title"),
        blocks,
        submit=words.plain("update_form.submit"),
        close=words.plain("update_form.cancel"),
        private_metadata=form.draft_id,
    )


def _warnings(form: UpdateForm, words: Words) -> list[Block]:
    blocks: list[Block] = []
    if form.needs_words:
        blocks.append(section(words("update_form.needs_words"), block_id="needs_words"))
    newer = next((update for update in form.updates if update.number == form.shown_update), None)
    if newer:
        said = words(
            "update_form.sent_meanwhile",
            author=Who(newer.author),
            number=newer.number,
            kind=term(newer.kind, words),
            at=newer.sent_at,
        )
        languages = languages_of(form.recipients)
        text = notice(
            newer,
            incident=form.incident,
            team=form.team,
            language=words.language if words.language in languages else languages[0],
            earlier=form.updates,
        )
        shown = quote(clip(slack_notice(text), _QUOTED))
        blocks.append(section(Mrkdwn(f"{said}\n{shown}"), block_id="newer_update"))
    if form.to_translate and asks_for_facts(form.kind):
        shown = quote(clip(form.to_translate, _QUOTED))
        blocks.append(section(words("update_form.to_translate", text=shown), block_id="to_translate"))
    return blocks


def _facts(form: UpdateForm, language: str, words: Words) -> list[Block]:
    second = language != form.languages[0]
    needed = {"symptom", "affected"} | ({"changed"} if form.kind is Kind.PROGRESS else set())
    blocks = []
    for fact in FACTS:
        if fact == "changed" and not form.updates:
            continue
        name = field_name(fact, language, form.languages)
        blocks.append(
            field(
                name,
                label_in(fact, language, form.languages, words),
                text_input(
                    form.typed.get(name, ""),
                    multiline=True,
                    placeholder=Words(language, words.timezone).plain(f"update_form.{fact}_example"),
                ),
                # With two languages either will do; what is missing in both is told on submitting.
                optional=fact not in needed or len(form.languages) > 1,
                hint=hint_of_needed(fact in needed, form.languages, words),
            )
        )
        if fact == "doing" and not second:
            phrases = [option(words.plain(f"phrase.{phrase}"), phrase) for phrase in PHRASES]
            blocks.append(
                field(
                    "phrase",
                    words.plain("update_form.phrase"),
                    select(phrases, placeholder=words.plain("update_form.phrase_placeholder")),
                    optional=True,
                    hint=words.plain("update_form.phrase_hint"),
                )
            )
    return blocks


def hint_of_needed(needed: bool, languages: Sequence[str], words: Words) -> str:
    """What Slack's own "optional" would get wrong: a text that is needed, in whichever language."""
    return words.plain("update_form.one_language_will_do") if needed and len(languages) > 1 else ""


def is_foreign(language: str, languages: Sequence[str], words: Words) -> bool:
    """Whether a text has to say which language it is asked for in."""
    return len(languages) > 1 or language != words.language


def label_in(fact: str, language: str, languages: Sequence[str], words: Words) -> str:
    """A text field's label, with its language where that does not go without saying."""
    own = field_label(fact, words)
    if not is_foreign(language, languages, words):
        return own
    return words.plain("field.in_language", field=own, language=words.plain(f"language.{language}"))


def _promise(promise: datetime | None, words: Words) -> Mrkdwn:
    if promise is None:
        return words("update_form.promise_unread")
    return words("update_form.promise", at=promise)


def _goes_to(recipients: Sequence[Recipient], words: Words) -> Mrkdwn:
    if all(recipient.place == SWARM for recipient in recipients):
        return words("update_form.goes_nowhere")
    return words("update_form.goes_to", n=len(recipients))


def update_preview(form: UpdateForm, update: CustomerUpdate, words: Words) -> Block:
    """What customers will read, language by language."""
    blocks = notices_as_read(
        update,
        incident=form.incident,
        team=form.team,
        recipients=form.recipients,
        earlier=form.updates,
        words=words,
    )
    if update.promise:
        blocks.append(section(words("update_preview.promise", at=update.promise), block_id="promise"))
    if update.state is not form.incident.state:
        old, new = term(form.incident.state, words), term(update.state, words)
        blocks.append(context(words("update_preview.state", old=old, new=new)))
    return modal(
        "update_preview",
        words.plain("update_preview.title"),
        blocks,
        submit=words.plain("update_preview.submit"),
        close=words.plain("update_preview.back"),
        private_metadata=form.draft_id,
    )


def not_sent(problem: Mrkdwn, words: Words) -> Block:
    """In the preview's place: why it was not sent. The form is still there beneath it."""
    return modal(
        "update_not_sent",
        words.plain("update_preview.title"),
        [section(Mrkdwn(f":warning: {problem}\n{words('update_preview.go_back')}"))],
        close=words.plain("update_preview.back"),
    )


def notices_as_read(
    update: CustomerUpdate,
    *,
    incident: Incident,
    team: Team,
    recipients: Sequence[Recipient],
    earlier: Sequence[CustomerUpdate],
    words: Words,
) -> list[Block]:
    """The notice in each language its recipients read, with their names above it."""
    blocks: list[Block] = []
    for language in languages_of(recipients):
        readers = [recipient for recipient in recipients if recipient.language == language]
        names = [customers_of(reader, team) for reader in readers]
        addressees = {name[0] if len(name) == 1 else "" for name in names}
        text = notice(
            update,
            incident=incident,
            team=team,
            language=language,
            earlier=earlier,
            addressee=names[0][0] if len(names[0]) == 1 else "",
        )
        heading = words(
            "update_preview.to",
            n=len(readers),
            language=words.plain(f"language.{language}"),
            places=_places(readers, team, words),
        )
        blocks += [section(heading), *(section(part) for part in slack_sections(text))]
        if len(addressees) > 1:
            blocks.append(context(words("update_preview.addressees")))
        if update.kind is not Kind.HOLDING and lacks_words(update.facts, language):
            named = words.plain(f"language.{language}")
            blocks.append(section(words("update_preview.missing", language=named)))
        blocks.append(divider())
    return blocks[:-1]


def lacks_words(facts: Mapping[str, Facts], language: str) -> bool:
    """Whether something was written in another language only."""
    own = vars(facts.get(language, Facts()))
    others = [vars(said) for written, said in facts.items() if written != language]
    return any(text.strip() and not own[name].strip() for said in others for name, text in said.items())


def customers_of(recipient: Recipient, team: Team) -> list[str]:
    return [customer.name for customer in team.customers_named(recipient.customers)]


def _places(recipients: Sequence[Recipient], team: Team, words: Words) -> Mrkdwn:
    shown = [place_name(recipient, team, words) for recipient in recipients[:_NAMED]]
    if len(recipients) > _NAMED:
        shown.append(words("update_preview.more", n=len(recipients) - _NAMED))
    return words.join(shown)


def place_name(
    recipient: Recipient, team: Team, words: Words, channels: Mapping[str, str] | None = None
) -> Mrkdwn:
    """The conversation and the customers who read there: `#acme-support（Acme 病院）`."""
    if recipient.place == SWARM:
        return words("update_preview.swarm")
    channel_id = (channels or {}).get(recipient.place)
    place = channel_link(channel_id) if channel_id else escape(f"#{recipient.place.lstrip('#')}")
    customers = customers_of(recipient, team)
    if not customers:
        return place
    return words("update_preview.place", place=place, customers=words.join(customers))


def recipients_view(snapshot: Snapshot, team: Team, number: int, words: Words) -> Block:
    """What became of one update for each of its recipients; those it did not reach come first."""
    update = next(update for update in snapshot.updates if update.number == number)
    deliveries = [delivery for delivery in snapshot.deliveries if delivery.number == number]
    order = {Receipt.FAILED: 0, Receipt.WAITING: 1, Receipt.SENT: 2}
    deliveries.sort(key=lambda delivery: (order[delivery.receipt], delivery.recipient.place))
    count = {receipt: sum(one.receipt is receipt for one in deliveries) for receipt in Receipt}
    blocks = [
        section(
            words(
                "recipients.heading",
                n=len(deliveries),
                sent=count[Receipt.SENT],
                waiting=count[Receipt.WAITING],
                failed=count[Receipt.FAILED],
                number=number,
                kind=term(update.kind, words),
            )
        )
    ]
    lines = [_receipt(delivery, snapshot, team, words) for delivery in deliveries[:_LISTED]]
    if len(deliveries) > _LISTED:
        lines.append(words("update_preview.more", n=len(deliveries) - _LISTED))
    # A section holds 3,000 characters: ten lines fit whatever the names are.
    blocks += [section(Mrkdwn("\n".join(lines[start : start + 10]))) for start in range(0, len(lines), 10)]
    return modal(
        "update_recipients", words.plain("recipients.title"), blocks, close=words.plain("notice.close")
    )


def _receipt(delivery: Delivery, snapshot: Snapshot, team: Team, words: Words) -> Mrkdwn:
    place = place_name(delivery.recipient, team, words, snapshot.channels)
    if delivery.receipt is Receipt.SENT and delivery.at:
        line = words("recipients.sent", place=place, at=delivery.at)
    elif delivery.receipt is Receipt.FAILED:
        line = words(
            "recipients.failed",
            place=place,
            mend=mend(delivery.error or "", words, delivery.recipient.place),
        )
    else:
        line = words("recipients.waiting", place=place)
    return Mrkdwn(clip(line, 290))
