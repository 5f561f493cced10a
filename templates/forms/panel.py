"""The panel: one incident's facts in short, and what can be done with it in its present state."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.incident import Incident, Role, State
from domain.playbook import Checklist
from domain.sla import SlaClocks, plans_used, sla_clocks
from domain.snapshot import Snapshot
from domain.team import Team
from domain.timeline import Entry
from domain.update_clock import UpdateClock, minutes_late
from templates.blocks import Block, actions, button, context, modal, section
from templates.cards.briefing import heading, newest_update, next_update, people_line, sla_line, troubles
from templates.cards.card import value
from templates.cards.suggestions import suggestion_buttons, suggestion_text
from templates.mrkdwn import Mrkdwn, Who, channel_link
from templates.playbook import progress
from templates.timeline import timeline_text
from templates.words import Words

PANEL = "panel"
CHANGES_SHOWN = 5
CUSTOMERS_SHOWN = 5

_OFFERED = {
    State.RESOLVED: ("incident.close", "incident.reopen", "incident.timeline"),
    State.CLOSED: ("incident.reopen", "incident.timeline"),
    State.WITHDRAWN: ("incident.timeline",),
}
_OPEN_SWARM = (
    "update.write",
    "update.hold",
    "incident.change_state",
    "incident.call_people",
    "incident.escalate",
    "incident.assign",
    "incident.severity",
    "incident.customers",
    "incident.resolve",
    "incident.timeline",
    "incident.withdraw",
)
_ORDINARY = (
    "incident.close",
    "incident.severity",
    "incident.customers",
    "incident.timeline",
    "incident.withdraw",
)
_NAMES = {
    "update.hold": "hold",
    "incident.change_state": "change_state",
    "incident.assign": "assign",
    "incident.call_people": "call_people",
    "incident.escalate": "escalate",
    "incident.severity": "severity",
    "incident.customers": "customers",
    "incident.resolve": "resolve",
    "incident.close": "close",
    "incident.reopen": "reopen",
    "incident.timeline": "timeline",
    "incident.withdraw": "withdraw",
}


def panel(
    draft_id: str,
    snapshot: Snapshot,
    team: Team,
    words: Words,
    *,
    now: datetime,
    command: str,
    history: Sequence[Entry] = (),
    checklist: Checklist,
) -> Block:
    """`history` are the timeline's entries on its severity."""
    return modal(
        PANEL,
        words.plain("panel.heading", number=snapshot.incident.number),
        [
            *incident_facts(snapshot, team, words, now=now),
            *_history(history, words),
            context(next_step(snapshot, team, words, now=now, command=command)),
            incident_actions(snapshot, team, words),
            *progress(checklist, words),
        ],
        close=words.plain("notice.close"),
        private_metadata=draft_id,
    )


def incident_facts(snapshot: Snapshot, team: Team, words: Words, *, now: datetime) -> list[Block]:
    """How the incident stands: its clocks (what is late, in words), its people, the last thing customers heard."""
    incident = snapshot.incident
    lines = [heading(incident, words), *_clock_lines(snapshot, team, words, now)]
    facts = []
    if incident.swarm and incident.state not in (State.CLOSED, State.WITHDRAWN):
        facts.append(
            Mrkdwn(words.plain("list.roles").join(people_line(role, snapshot, words) for role in Role))
        )
    if snapshot.updates:
        newest = snapshot.updates[-1]
        facts.append(newest_update(newest, words, who=Who(newest.author)))
    if incident.channel_id:
        facts.append(words("panel.channel", channel=channel_link(incident.channel_id)))
    facts += troubles(snapshot, words)
    blocks = [section(Mrkdwn("\n".join(lines)))]
    if facts:
        blocks.append(context(Mrkdwn("\n".join(facts))))
    if (suggestion := incident.suggestion) and incident.is_open:
        blocks.append(section(suggestion_text(suggestion, incident, words)))
        blocks.append(actions(*suggestion_buttons(suggestion, incident, words), block_id="suggestion"))
    return blocks


def incident_actions(snapshot: Snapshot, team: Team, words: Words) -> Block:
    """The buttons for what the incident's state allows, the likeliest first."""
    incident = snapshot.incident
    offered = _OFFERED.get(incident.state, _OPEN_SWARM if incident.swarm else _ORDINARY)
    carried = value(snapshot)
    return actions(
        *(
            button(
                _label(action, snapshot, words),
                action,
                carried,
                style="primary" if place == 0 else "danger" if action == "incident.withdraw" else None,
            )
            for place, action in enumerate(offered)
            if action != "incident.customers" or team.customers
        ),
        block_id="panel",
    )


def _history(entries: Sequence[Entry], words: Words) -> list[Block]:
    """How the severity came to be what it is; the newest changes where there were many."""
    shown = entries[-CHANGES_SHOWN:]
    lines = [words("happened.line", at=one.at, what=timeline_text(one, words)) for one in shown]
    if len(shown) < len(entries):
        lines.insert(0, words("happened.earlier", n=len(entries) - len(shown)))
    return [context(Mrkdwn("\n".join(lines)), block_id="severity_history")] if lines else []


def next_step(snapshot: Snapshot, team: Team, words: Words, *, now: datetime, command: str) -> Mrkdwn:
    """What to do now, in one sentence."""
    incident, clock = snapshot.incident, snapshot.clock
    if not incident.is_open:
        name = f"next.{incident.state}"
    elif clock is None:
        name = "next.ordinary"
    else:
        name = "next.first" if clock.first else "next.update"
        if late_by(incident, clock, team, now):
            name = f"{name}_late"
    due = clock.due_at if clock else incident.declared_at
    return words(name, due=due, command=command)


def late_by(incident: Incident, clock: UpdateClock | None, team: Team, now: datetime) -> timedelta:
    """How long customers have waited beyond what they were promised, in whole minutes."""
    if clock is None or not clock.running:
        return timedelta(0)
    cadence = team.cadences.of(incident.state.value, incident.severity)
    return timedelta(minutes=minutes_late(sent_at=now, due_at=clock.due_at, cadence=cadence))


def _clock_lines(snapshot: Snapshot, team: Team, words: Words, now: datetime) -> list[Mrkdwn]:
    incident, clock = snapshot.incident, snapshot.clock
    lines = []
    if incident.is_open and clock and clock.running:
        late = late_by(incident, clock, team, now)
        lines.append(words("list.late", late=late, due=clock.due_at) if late else next_update(clock, words))
    elif incident.is_open:
        lines.append(words("list.ordinary"))
    if incident.state in (State.RESOLVED, State.CLOSED) and incident.resolved_at:
        lines.append(words("briefing.resolved", at=incident.resolved_at))
    if incident.state is State.CLOSED and incident.closed_at:
        lines.append(words("panel.closed", at=incident.closed_at, cause=incident.cause))
    if incident.state is State.WITHDRAWN:
        lines.append(words("briefing.withdrawn", reason=incident.withdrawn_because))
    sla = sla_clocks(incident, team, snapshot.updates, snapshot.deliveries)
    if sla and incident.swarm and incident.state is not State.WITHDRAWN:
        over = [clock for clock in sla.all if clock.by < now]
        lines.append(sla_line(sla, words, plans=plans_used(incident, team), over=over))
        if incident.is_open:
            lines += _responses_owed(sla, team, words)
    return lines


def _responses_owed(sla: SlaClocks, team: Team, words: Words) -> list[Mrkdwn]:
    """Of several customers, those who have had no update, each by their own plan."""
    owed = [clock for clock in sla.responses if clock.met_at is None]
    if len(sla.responses) < 2 or not owed:
        return []
    named = [
        words("panel.response_owed", customer=_name(clock.customer, team), by=clock.by)
        for clock in owed[:CUSTOMERS_SHOWN]
    ]
    more = len(owed) - len(named)
    name = "panel.responses_owed_more" if more else "panel.responses_owed"
    return [words(name, customers=words.join(named), more=more)]


def _name(customer: str | None, team: Team) -> str:
    known = team.customers.get(customer or "")
    return known.name if known else customer or ""


def _label(action: str, snapshot: Snapshot, words: Words) -> str:
    if action == "update.write":
        return words.plain("button.write_update" if snapshot.updates else "button.write_first")
    return words.plain(f"button.{_NAMES[action]}")
