"""The pinned card at the top of a swarm: what, who, and by when."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import pairwise

from domain.calls import is_planned
from domain.customer_updates import CustomerUpdate
from domain.hand_over import holding, offered
from domain.incident import Incident, Role, State
from domain.ladder import holders
from domain.roster import Answer, Call, missing_skills
from domain.severity import Severity
from domain.sla import SlaClock, SlaClocks, SlaKind, plans_used, sla_clocks
from domain.sla_warnings import BREACH
from domain.snapshot import Snapshot
from domain.team import Team
from domain.update_clock import UpdateClock
from templates.blocks import Block, actions, button, context, option, overflow, section
from templates.cards.card import SWARM, Card, name_of, value, words_of
from templates.mrkdwn import Mrkdwn, Who, channel_link, escape, mention
from templates.refused import mend
from templates.terms import short_term, term
from templates.words import Words

KEY = "briefing"
DOTS = {
    Severity.ONE: ":large_red_square:",
    Severity.TWO: ":large_orange_square:",
    Severity.THREE: ":large_yellow_square:",
    Severity.FOUR: ":large_blue_square:",
    Severity.FIVE: ":white_large_square:",
}
OVER = ":large_green_square:"
LOST = frozenset({"is_archived", "channel_not_found", "not_in_channel"})
"""Slack's errors when somebody has archived or deleted a channel, or taken Hachi out of it."""


def briefing(snapshot: Snapshot, team: Team) -> Card:
    words = words_of(snapshot, team)
    lines = [heading(snapshot.incident, words), clock_lines(snapshot, team, words)]
    blocks = [
        section(Mrkdwn("\n".join(lines))),
        context(*_facts(snapshot, team, words)),
        *(context(trouble) for trouble in troubles(snapshot, words)),
        *_buttons(snapshot, team, words),
    ]
    return Card(KEY, SWARM, tuple(blocks))


def heading(incident: Incident, words: Words) -> Mrkdwn:
    """What it is, how grave, and how far: `🟥 重要度1（高）…`."""
    return words(
        "briefing.heading",
        dot=DOTS[incident.severity] if incident.is_open else OVER,
        severity=term(incident.severity, words),
        number=incident.number,
        title=incident.title,
        state=term(incident.state, words),
    )


def topic(snapshot: Snapshot, team: Team) -> str:
    """What changes rarely, in at most the 250 characters Slack allows."""
    words = words_of(snapshot, team)
    incident = snapshot.incident
    return words.plain(
        "briefing.topic",
        severity=words.plain(f"severity.{int(incident.severity)}"),
        state=words.plain(f"state.{incident.state}"),
        number=incident.number,
        title=incident.title,
    )[:250]


def troubles(snapshot: Snapshot, words: Words) -> list[Mrkdwn]:
    """What Slack refuses, each with the mend."""
    said = []
    for trouble in snapshot.troubles[:5]:
        what = trouble.key.partition("/")[0]
        kind = what if words.has(f"trouble.what.{what}") else "card"
        place = trouble.place.partition(":")[2]
        who = trouble.key.partition("/")[2] if what == "invite" else place
        said.append(
            words(
                "trouble.line",
                what=words(
                    f"trouble.what.{kind}",
                    place=mention(who) if trouble.place.startswith("dm:") or what == "invite" else who,
                ),
                mend=mend(trouble.error, words, place),
            )
        )
    return said


def newest_update(update: CustomerUpdate, words: Words, *, who: Who | Mrkdwn) -> Mrkdwn:
    """What customers heard last, when, and from whom."""
    return words(
        "panel.newest_update", number=update.number, kind=term(update.kind, words), at=update.sent_at, who=who
    )


def people_line(role: Role, snapshot: Snapshot, words: Words) -> Mrkdwn:
    """Who holds a role, and whether they have answered."""
    planned = [call for call in snapshot.calls if call.role is role and is_planned(call)]
    later = planned if snapshot.incident.is_open else []
    # Named, not mentioned: nobody is woken by it.
    shown = [words("briefing.planned", who=name_of(one.person, snapshot), at=one.called_at) for one in later]
    shown += [_person(call, snapshot, words, later=bool(later)) for call in holding(snapshot.calls, role)]
    return words(
        "briefing.role",
        role=short_term(role, words),
        people=Mrkdwn(" ".join(shown)) if shown else words("briefing.nobody"),
    )


def _person(call: Call, snapshot: Snapshot, words: Words, *, later: bool) -> Mrkdwn:
    who = mention(snapshot.slack_id(call.person))
    waiting = offered(call, snapshot.calls)
    if waiting and snapshot.incident.is_open:
        return words("hand_over.waiting", who=who, next=mention(snapshot.slack_id(waiting.person)))
    if call.stands_in:
        return words("briefing.stands_in_until" if later else "briefing.stands_in", who=who)
    if call.answer is Answer.ACCEPTED:
        return words("briefing.accepted", who=who)
    over = call.answer is Answer.OVER and not snapshot.incident.is_open
    return words("briefing.no_answer" if over else "briefing.waiting", who=who)


def clock_lines(snapshot: Snapshot, team: Team, words: Words) -> Mrkdwn:
    """By when customers hear something, how it ended, and the SLA clocks: one line each."""
    incident = snapshot.incident
    parts = []
    if incident.is_open and snapshot.clock:
        parts.append(next_update(snapshot.clock, words))
    if incident.state in (State.RESOLVED, State.CLOSED) and incident.resolved_at:
        parts.append(words("briefing.resolved", at=incident.resolved_at))
    if incident.state is State.WITHDRAWN:
        parts.append(words("briefing.withdrawn", reason=incident.withdrawn_because))
    if sla := sla_clocks(incident, team, snapshot.updates, snapshot.deliveries):
        missed = {(one.kind, one.due_at) for one in snapshot.sla_warnings if one.step == BREACH}
        over = [clock for clock in sla.all if (clock.kind, clock.by) in missed]
        parts.append(sla_line(sla, words, plans=plans_used(incident, team), over=over))
    return Mrkdwn("\n".join(parts))


def next_update(clock: UpdateClock, words: Words) -> Mrkdwn:
    name = "briefing.due_first" if clock.first else "briefing.due"
    return words(name, due=clock.due_at)


def sla_line(
    sla: SlaClocks, words: Words, *, plans: Sequence[str] = (), over: Collection[SlaClock] = ()
) -> Mrkdwn:
    """Both clocks in one line; `over` are those whose time has passed."""
    response, resolution = (_sla_clock(clock, words, over) for clock in (sla.response, sla.resolution))
    if plans:
        return words("briefing.sla_plan", plan=words.join(plans), response=response, resolution=resolution)
    return words("briefing.sla", response=response, resolution=resolution)


def _sla_clock(clock: SlaClock, words: Words, over: Collection[SlaClock]) -> Mrkdwn:
    if clock.kind is SlaKind.RESPONSE:
        if clock.met_at is None:
            return words(
                "briefing.sla_response_over" if clock in over else "briefing.sla_response", by=clock.by
            )
        if clock.late:
            return words("briefing.sla_responded_late", at=clock.met_at)
        return words("briefing.sla_responded")
    if clock.met_at is None:
        name = "briefing.sla_resolution_over" if clock in over else "briefing.sla_resolution"
        return words(name, by=clock.by)
    return words("briefing.sla_resolved_late" if clock.late else "briefing.sla_resolved")


def _facts(snapshot: Snapshot, team: Team, words: Words) -> list[Mrkdwn]:
    incident = snapshot.incident
    between = words.plain("list.roles")
    facts = [Mrkdwn(between.join(people_line(role, snapshot, words) for role in Role))]
    product = team.products.get(incident.product or "")
    affected = [escape(product.called(words.language))] if product else []
    known = team.customers_named(incident.customers)
    if known:
        key_customers = sum(customer.is_key for customer in known)
        name = "briefing.customers_key" if key_customers else "briefing.customers"
        affected.append(words(name, n=len(known), key=key_customers))
    if affected:
        facts.append(words("briefing.affected", what=words.join(affected)))
    present = [who for role in Role for who in holders(snapshot.calls, role)]
    if skills := missing_skills(incident.product, team, present):
        facts.append(words("briefing.missing_skills", skills=words.join(skills)))
    if incident.assessment.accident:
        facts.append(words("briefing.accident"))
    if incident.summary:
        facts.append(words("briefing.summary", summary=incident.summary[:300]))
    if incident.source_link:
        facts.append(words("briefing.source", link=Mrkdwn(f"<{escape(incident.source_link)}>")))
    return facts


def _buttons(snapshot: Snapshot, team: Team, words: Words) -> list[Block]:
    incident = snapshot.incident
    number = str(incident.number)
    carried = value(snapshot)
    if incident.is_open:
        told = bool(snapshot.updates)
        write = words.plain("button.write_update" if told else "button.write_first")
        # The menu takes five; the timeline is in the panel too.
        fourth = "customers" if team.customers else "timeline"
        more = [
            option(words.plain(f"button.{name}"), f"{name}:{number}")
            for name in ("panel", "assign", "severity", fourth, "withdraw")
        ]
        return [
            actions(
                button(write, "update.write", carried, style="primary"),
                button(words.plain("button.hold"), "update.hold", carried),
                button(words.plain("button.change_state"), "incident.change_state", carried),
                button(words.plain("button.call_people"), "incident.call_people", carried),
                button(words.plain("button.resolve"), "incident.resolve", carried),
                overflow("incident.more", more),
                block_id="briefing",
            )
        ]
    if incident.state is State.RESOLVED:
        return [
            actions(
                button(words.plain("button.close"), "incident.close", carried, style="primary"),
                button(words.plain("button.reopen"), "incident.reopen", carried),
                block_id="briefing",
            )
        ]
    if incident.state is State.CLOSED:
        return [
            actions(button(words.plain("button.reopen"), "incident.reopen", carried), block_id="briefing")
        ]
    return []


def announcement(snapshot: Snapshot, team: Team) -> Card:
    """One line in the incidents channel, edited until the incident is closed; all incidents speak one language there."""
    words = Words(team.language, team.timezone, snapshot.names)
    incident = snapshot.incident
    owner = next(iter(holders(snapshot.calls, Role.OWNER)), incident.declared_by)
    where = channel_link(incident.channel_id) if incident.channel_id else words("announcement.no_channel_yet")
    number, title = incident.number, incident.title
    if incident.is_open:
        due = snapshot.clock.due_at if snapshot.clock else incident.declared_at
        line = words(
            "announcement.open",
            number=number,
            title=title,
            severity=short_term(incident.severity, words),
            state=words.plain(f"state.{incident.state}"),
            owner=name_of(owner, snapshot),
            due=due,
            where=where,
        )
        join = button(words.plain("button.join"), "incident.join", value(snapshot))
        blocks = [section(line, block_id="announcement", accessory=join), *_lost(snapshot, words)]
    elif incident.state is State.WITHDRAWN:
        blocks = [section(words("announcement.withdrawn", number=number, title=title, where=where))]
    else:
        ended = incident.resolved_at or incident.closed_at or incident.declared_at
        gap = longest_gap(snapshot)
        blocks = [
            section(
                words(
                    "announcement.resolved" if gap is not None else "announcement.resolved_untold",
                    number=number,
                    title=title,
                    at=ended,
                    took=ended - incident.declared_at,
                    n=len(snapshot.updates),
                    gap=gap,
                    where=where,
                )
            )
        ]
    return Card("announcement", f"channel:{team.incidents_channel}", tuple(blocks))


def _lost(snapshot: Snapshot, words: Words) -> list[Block]:
    """Why nothing reaches the swarm's channel, said where people still read it, with the mend."""
    errors = [one.error for one in snapshot.troubles if one.place == SWARM and one.error in LOST]
    return [context(words(f"announcement.lost.{errors[0]}"))] if errors else []


def longest_gap(snapshot: Snapshot) -> timedelta | None:
    """The longest silence from the declaration to the end, as customers lived it; None where nobody was told."""
    if not snapshot.updates:
        return None
    told = [snapshot.incident.declared_at, *(update.sent_at for update in snapshot.updates)]
    if snapshot.incident.resolved_at:
        told.append(max(told[-1], snapshot.incident.resolved_at))
    return max((later - earlier for earlier, later in pairwise(told)), default=None)


def declared(snapshot: Snapshot, team: Team) -> Card:
    """The direct message to whoever declared: it is recorded, and where to go."""
    incident = snapshot.incident
    words = words_of(snapshot, team, incident.declared_by)
    name = "declared.ready" if incident.channel_id else "declared.opening"
    where = channel_link(incident.channel_id) if incident.channel_id else Mrkdwn("")
    blocks = [section(words(name, number=incident.number, title=incident.title, where=where))]
    blocks += [context(trouble) for trouble in troubles(snapshot, words)]
    return Card("declared", f"dm:{incident.declared_by}", tuple(blocks))
