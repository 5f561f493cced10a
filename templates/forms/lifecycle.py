"""Changing an incident's state, ending it and taking it up again: one small form each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.customer_updates import SWARM, CustomerUpdate, Recipient, field_name
from domain.incident import WORKING, DataLoss, Incident, State
from domain.team import Team
from templates.blocks import (
    Block,
    actions,
    button,
    context,
    divider,
    field,
    modal,
    option,
    radio,
    section,
    text_input,
)
from templates.forms.customer_updates import hint_of_needed, label_in, notices_as_read
from templates.forms.reasons import reason_field
from templates.mrkdwn import Mrkdwn, escape
from templates.terms import field_label, term
from templates.words import Words


def state_form(draft_id: str, incident: Incident, words: Words) -> Block:
    states = [option(term(state, words), state.value) for state in WORKING]
    states.append(option(words.plain("state_form.resolved"), State.RESOLVED.value))
    return small_form(
        "state",
        draft_id,
        incident,
        words,
        [
            field(
                "state",
                field_label("state", words),
                radio(states, incident.state.value),
                hint=words.plain("state_form.hint"),
            )
        ],
    )


@dataclass(frozen=True, kw_only=True)
class ResolveForm:
    """All the resolve form shows."""

    draft_id: str
    incident: Incident
    team: Team
    languages: tuple[str, ...]
    typed: Mapping[str, str]
    recipients: tuple[Recipient, ...]
    updates: tuple[CustomerUpdate, ...]
    final: CustomerUpdate | None = None
    """What would be sent now; None while it lacks something."""
    problem: str = ""
    """What it lacks, once something was entered."""
    ended: Incident | None = None
    """The incident as it would be then."""


def resolve_form(form: ResolveForm, words: Words) -> Block:
    losses = [option(term(loss, words), loss.value) for loss in DataLoss]
    blocks = [_text("done", language, form, words) for language in form.languages]
    blocks += [
        _time("started_at", form, words),
        _time("ended_at", form, words),
        field("data_loss", field_label("data_loss", words), radio(losses), dispatch=True),
    ]
    blocks += [_text("customer_action", language, form, words) for language in form.languages]
    blocks += [divider(), section(_what_happens(form, words), block_id="what_happens")]
    if form.incident.swarm:
        refresh = button(words.plain("resolve_form.refresh"), "resolve.preview")
        blocks += [*_final_notice(form, words), actions(refresh, block_id="refresh")]
    submit = "resolve_form.submit" if form.incident.swarm else "resolve_form.submit_case"
    return small_form("resolve", form.draft_id, form.incident, words, blocks, submit=submit)


def _final_notice(form: ResolveForm, words: Words) -> list[Block]:
    if form.problem:
        return [context(Mrkdwn(f":warning: {escape(form.problem)}"), block_id="problem")]
    if form.final is None or form.ended is None:
        return [context(words("resolve_form.incomplete"), block_id="incomplete")]
    return notices_as_read(
        form.final,
        incident=form.ended,
        team=form.team,
        recipients=form.recipients,
        earlier=form.updates,
        words=words,
    )


def _text(fact: str, language: str, form: ResolveForm, words: Words) -> Block:
    name = field_name(fact, language, form.languages)
    return field(
        name,
        label_in(fact, language, form.languages, words),
        text_input(
            form.typed.get(name, ""),
            multiline=True,
            placeholder=Words(language, words.timezone).plain(f"resolve_form.{fact}_example"),
        ),
        # With two languages either will do; what is missing in both is told on submitting.
        optional=fact != "done" or len(form.languages) > 1,
        hint=hint_of_needed(fact == "done", form.languages, words),
    )


def _time(name: str, form: ResolveForm, words: Words) -> Block:
    return field(
        name,
        field_label(name, words),
        text_input(form.typed.get(name, "")),
        hint=words.plain("resolve_form.time_hint"),
    )


def _what_happens(form: ResolveForm, words: Words) -> Mrkdwn:
    if not form.incident.swarm:
        return words("resolve_form.will_case")
    if all(recipient.place == SWARM for recipient in form.recipients):
        return words("resolve_form.will_swarm")
    return words("resolve_form.will", n=len(form.recipients))


def reopen_form(draft_id: str, incident: Incident, team: Team, words: Words) -> Block:
    first = team.cadences.of(State.INVESTIGATING.value, incident.severity).first
    blocks: list[Block] = []
    if incident.swarm:
        blocks.append(section(words("reopen_form.will", first=first)))
    blocks.append(reason_field(words, example="reopen_form.reason_example"))
    return small_form("reopen", draft_id, incident, words, blocks)


def close_form(draft_id: str, incident: Incident, words: Words) -> Block:
    return small_form(
        "close",
        draft_id,
        incident,
        words,
        [
            field(
                "cause",
                field_label("cause", words),
                text_input(
                    incident.cause, multiline=True, placeholder=words.plain("close_form.cause_example")
                ),
                hint=words.plain("close_form.cause_hint"),
            )
        ],
    )


def withdraw_form(
    draft_id: str,
    incident: Incident,
    words: Words,
    *,
    told: bool,
    recipients: Sequence[Recipient],
    languages: Sequence[str],
) -> Block:
    """Whoever was told is owed a correction; its fixed sentences go out whether or not it is explained."""
    blocks: list[Block] = []
    if incident.swarm:
        will = words("withdraw_form.will_correct", n=len(recipients)) if told else words("withdraw_form.will")
        blocks.append(section(will))
    blocks.append(
        reason_field(words, example="withdraw_form.reason_example", hint="withdraw_form.reason_hint")
    )
    if told:
        for language in languages:
            example = Words(language, words.timezone).plain("withdraw_form.explanation_example")
            blocks.append(
                field(
                    field_name("explanation", language, languages),
                    label_in("explanation", language, languages, words),
                    text_input(multiline=True, placeholder=example),
                    hint=words.plain("withdraw_form.explanation_hint"),
                    optional=True,
                )
            )
    return small_form("withdraw", draft_id, incident, words, blocks)


def small_form(
    callback_id: str,
    draft_id: str,
    incident: Incident,
    words: Words,
    blocks: Sequence[Block],
    *,
    submit: str = "",
) -> Block:
    """A form about one incident; `submit` names another text for its button than the form's own."""
    return modal(
        callback_id,
        words.plain(f"{callback_id}_form.title"),
        [context(words("lifecycle.about", number=incident.number, title=incident.title)), *blocks],
        submit=words.plain(submit or f"{callback_id}_form.submit"),
        close=words.plain("lifecycle.cancel"),
        private_metadata=draft_id,
    )
