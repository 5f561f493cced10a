"""Reminders: one live message a cycle that says who owes customers an update, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.customer_updates import (
    CustomerUpdate,
    Facts,
    Kind,
    facts_for_holding,
    language_for_team,
    recipients_of,
)
from domain.incident import Role, State
from domain.ladder import Reminder, ReminderState, direct_messages, holders, named_before, pinged_by
from domain.roster import Call
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.cards.card import CHANNEL, SWARM, Card, direct, name_of, value, words_of
from templates.mrkdwn import Mrkdwn, People, clip, quote
from templates.notices import notice
from templates.words import Words


def reminder_cards(snapshot: Snapshot, team: Team) -> list[Card]:
    raised = [reminder for reminder in snapshot.reminders if reminder.state is ReminderState.RAISED]
    newest = {reminder.cycle: reminder.rung for reminder in raised}
    cards = []
    calls = _calls(snapshot)
    by = snapshot.incident.declared_by
    for reminder in raised:
        pinged = _pinged(reminder, snapshot, calls, team)
        last = newest[reminder.cycle] == reminder.rung
        cards.append(_card(reminder, snapshot, team, pinged, last=last, reader=None))
        lost = _swarm_is_lost(reminder, snapshot)
        readers = dict.fromkeys(direct_messages(reminder, pinged, calls, declared_by=by, swarm_is_lost=lost))
        cards += [_card(reminder, snapshot, team, pinged, last=last, reader=reader) for reader in readers]
        cards += [
            _card(reminder, snapshot, team, pinged, last=last, reader=reader, relieved=True)
            for reader in snapshot.in_person.get(_key(reminder), ())
            if reader not in readers
        ]
    return cards


def _key(reminder: Reminder) -> str:
    return f"reminder/update/{reminder.cycle}/{reminder.rung}"


def _swarm_is_lost(reminder: Reminder, snapshot: Snapshot) -> bool:
    """Whether Slack refuses it there, or has never let us open the channel."""
    missing = {CHANNEL, _key(reminder)}
    return any(trouble.place == SWARM and trouble.key in missing for trouble in snapshot.troubles)


def pinged_ids(snapshot: Snapshot, team: Team) -> Iterable[str]:
    """Everybody a raised reminder mentions: they must be members, or the mention notifies nobody."""
    for reminder in snapshot.reminders:
        if reminder.state is ReminderState.RAISED:
            yield from _pinged(reminder, snapshot, _calls(snapshot), team)


def _named_before(reminder: Reminder, pinged: Sequence[str], snapshot: Snapshot, team: Team) -> Iterable[str]:
    by = snapshot.incident.declared_by
    found = named_before(reminder, pinged, _calls(snapshot), team, declared_by=by)
    return dict.fromkeys(who for who in map(snapshot.slack_id, found) if who not in pinged)


def _calls(snapshot: Snapshot) -> tuple[Call, ...]:
    """With everybody by one name only: who is in the settings may be whoever declared, too."""
    return tuple(replace(call, person=snapshot.slack_id(call.person)) for call in snapshot.calls)


def _pinged(reminder: Reminder, snapshot: Snapshot, calls: Sequence[Call], team: Team) -> tuple[str, ...]:
    by = snapshot.incident.declared_by
    found = pinged_by(reminder, snapshot.reminders, calls, team, declared_by=by)
    return tuple(dict.fromkeys(snapshot.slack_id(who) for who in found))


def _card(
    reminder: Reminder,
    snapshot: Snapshot,
    team: Team,
    pinged: Sequence[str],
    *,
    last: bool,
    reader: str | None,
    relieved: bool = False,
) -> Card:
    words = words_of(snapshot, team, reader)
    clock = snapshot.clock
    answer = next((update for update in snapshot.updates if update.cycle == reminder.cycle), None)
    open_cycle = clock is not None and clock.running and clock.cycle == reminder.cycle
    live = open_cycle and last and not relieved
    if live:
        blocks = _live(reminder, snapshot, team, pinged, words, in_person=reader is not None)
    elif last and not open_cycle:
        blocks = [context(_outcome(answer, snapshot, words))]
    else:
        blocks = [context(_shrunk(reminder, snapshot, words))]
    ids = tuple(snapshot.slack_id(who) for who in pinged)
    # Once an update is on its way, whoever owed it is not reminded of it unless it gets stuck.
    on_its_way = answer and live and reader is None and answer.sent_at >= reminder.raised_at
    return Card(
        _key(reminder),
        direct(reader) if reader else SWARM,
        tuple(blocks),
        live=live,
        pings=True,
        needs=() if reader else ids,
        after=f"update/{answer.number}" if answer and on_its_way else None,
    )


def _live(
    reminder: Reminder,
    snapshot: Snapshot,
    team: Team,
    pinged: Sequence[str],
    words: Words,
    *,
    in_person: bool,
) -> list[Block]:
    incident = snapshot.incident
    told = snapshot.updates[-1] if snapshot.updates else None
    facts: dict[str, Any] = {
        "number": incident.number,
        "title": incident.title,
        "due": reminder.due_at,
        "since": told.sent_at if told else incident.declared_at,
        "waited": reminder.fell_due_at - (told.sent_at if told else incident.declared_at),
        "owed": words.plain("reminder.owed_next" if told else "reminder.owed_first"),
    }
    if in_person:
        text = words("reminder.direct" if reminder.rung else "reminder.direct_warning", **facts)
    else:
        people = People(tuple(map(snapshot.slack_id, pinged)))
        if reminder.rung == 0:
            name = "reminder.warning" if told else "reminder.warning_first"
        else:
            name = f"reminder.rung_{min(reminder.rung, 4)}"
        text = words(name, people=people, **facts)
    blocks = [section(text)]
    notes = list(_notes(reminder, snapshot, team, pinged, words, in_person=in_person))
    if notes:
        blocks.append(context(Mrkdwn("\n".join(notes))))
    if reminder.rung == 0 and not in_person:
        blocks.append(context(_ready_text(snapshot, team, words)))
    carried = value(snapshot)
    cadence = team.cadences.of(incident.state.value, incident.severity)
    write = words.plain("button.write_now" if told else "button.write_first_now")
    asked = [] if in_person else [button(words.plain("button.hint"), "reminder.hint", carried)]
    blocks.append(
        actions(
            button(write, "update.write", carried, style="primary"),
            button(words.plain("button.hold_now"), "update.hold", carried),
            button(words.plain("button.drafting", wait=cadence.drafting), "reminder.drafting", carried),
            button(words.plain("button.snooze", wait=cadence.snooze), "reminder.snooze", carried),
            *asked,
            block_id="reminder",
        )
    )
    return blocks


def _notes(
    reminder: Reminder,
    snapshot: Snapshot,
    team: Team,
    pinged: Sequence[str],
    words: Words,
    *,
    in_person: bool,
) -> Iterable[Mrkdwn]:
    if reminder.failed_update is not None:
        yield words("reminder.failed_update", number=reminder.failed_update)
    if reminder.late:
        yield words("reminder.late", since=_owed_since(reminder, snapshot))
    if snapshot.slack_away and snapshot.slack_away.has(reminder.raised_at):
        yield words("reminder.late_slack", at=reminder.raised_at)
    if not in_person and (before := _named_before(reminder, pinged, snapshot, team)):
        yield words("reminder.told_before", people=words.join([name_of(who, snapshot) for who in before]))
    if reminder.rung == 0 and not in_person and (experts := holders(snapshot.calls, Role.EXPERT)):
        asked = People(tuple(map(snapshot.slack_id, experts)))
        yield words("reminder.ask_experts", people=asked)
    for hint in snapshot.hints:
        if hint.cycle == reminder.cycle and not in_person:
            yield words("reminder.hinted", who=name_of(hint.person, snapshot), text=hint.text)
    if in_person and snapshot.incident.channel_id:
        yield words("reminder.where", where=Mrkdwn(f"<#{snapshot.incident.channel_id}>"))


def _owed_since(reminder: Reminder, snapshot: Snapshot) -> datetime:
    """When the first of the rungs was due that were all found at once."""
    return min(
        other.fell_due_at
        for other in snapshot.reminders
        if other.cycle == reminder.cycle and other.raised_at == reminder.raised_at
    )


def _ready_text(snapshot: Snapshot, team: Team, words: Words) -> Mrkdwn:
    """What one tap would send, so that nobody wonders."""
    incident = snapshot.incident
    promise = (snapshot.clock.due_at if snapshot.clock else incident.declared_at) + team.cadences.of(
        incident.state.value, incident.severity
    ).every
    ready = CustomerUpdate(
        number=len(snapshot.updates) + 1,
        kind=Kind.HOLDING,
        state=incident.state,
        author=incident.declared_by,
        sent_at=snapshot.clock.due_at if snapshot.clock else incident.declared_at,
        promise=promise,
        cycle=0,
        minutes_late=0,
        facts=facts_for_holding(snapshot.updates) or {incident.language: Facts()},
    )
    language = language_for_team(incident, recipients_of(incident, team))
    said = notice(ready, incident=incident, team=team, language=language, earlier=snapshot.updates)
    return words("reminder.ready", text=quote(clip(f"{said.subject}\n{said.body}", 600)))


def _outcome(answer: CustomerUpdate | None, snapshot: Snapshot, words: Words) -> Mrkdwn:
    if answer is None:
        state = snapshot.incident.state
        return words(
            "reminder.ended_withdrawn" if state is State.WITHDRAWN else "reminder.ended",
            number=snapshot.incident.number,
        )
    name = "reminder.answered_late" if answer.minutes_late else "reminder.answered"
    return words(
        name,
        n=answer.minutes_late,
        at=answer.sent_at,
        who=name_of(answer.author, snapshot),
        number=answer.number,
        kind=words.plain(f"kind.{answer.kind}"),
    )


def _shrunk(reminder: Reminder, snapshot: Snapshot, words: Words) -> Mrkdwn:
    above = [
        other
        for other in snapshot.reminders
        if other.cycle == reminder.cycle
        and other.rung > reminder.rung
        and other.state is ReminderState.RAISED
    ]
    steps = [reminder, *above[:1]]
    return Mrkdwn(
        " → ".join(words(f"reminder.step_{min(step.rung, 4)}", at=step.raised_at) for step in steps)
    )
