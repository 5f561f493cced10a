"""What the service level managers are warned of: one card a clock, edited from step to step, and a message to each."""

from collections.abc import Iterable

from domain.incident import Role
from domain.ladder import holders
from domain.sla import STEPS, SlaClock, SlaClocks, SlaKind, sla_clocks
from domain.sla_warnings import BREACH, SlaWarning, breaches, pressing, running, unexplained
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.cards.card import SWARM, Card, direct, name_of, value, words_of
from templates.mrkdwn import Mrkdwn, People, channel_link
from templates.words import Words

NAMED = 5
"""More customers than anybody reads in one line."""


def sla_cards(snapshot: Snapshot, team: Team) -> list[Card]:
    clocks = sla_clocks(snapshot.incident, team, snapshot.updates, snapshot.deliveries)
    cards = []
    for kind in SlaKind:
        shown = [one for one in snapshot.sla_warnings if one.kind is kind and not one.overtaken]
        if shown:
            now = pressing(snapshot.incident, clocks, shown, kind)
            cards.append(_card(kind, now, clocks, snapshot, team))
            cards += _direct(shown, now, clocks, snapshot, team)
    return cards


def _card(
    kind: SlaKind, now: SlaWarning | None, clocks: SlaClocks | None, snapshot: Snapshot, team: Team
) -> Card:
    words = words_of(snapshot, team)
    managers = holders(snapshot.calls, Role.SERVICE_LEVEL_MANAGER)
    ids = tuple(dict.fromkeys(snapshot.slack_id(who) for who in managers))
    blocks: list[Block] = []
    if now:
        called = People(tuple(ids))
        text = _warning(now, snapshot, words)
        blocks.append(section(words("sla.to", people=called, text=text) if ids else text))
        blocks += _notes(now, clocks, snapshot, team, words)
    else:
        blocks.append(context(_outcome(kind, clocks, snapshot, words)))
    blocks += _reasons(kind, snapshot, words)
    buttons = []
    if now and kind is SlaKind.RESPONSE:
        write = words.plain("button.write_now" if snapshot.updates else "button.write_first_now")
        buttons.append(button(write, "update.write", value(snapshot), style="primary"))
    if unexplained(clocks, snapshot.sla_warnings, kind):
        blocks.append(context(words("sla.ask_reason")))
        place = list(SlaKind).index(kind)
        buttons.append(
            button(words.plain("button.sla_explain"), "sla.explain", f"{snapshot.incident.number}/{place}")
        )
    if buttons:
        blocks.append(actions(*buttons, block_id=f"sla_{kind}"))
    return Card(f"sla/{kind}", SWARM, tuple(blocks), live=now is not None, pings=True, needs=ids)


def _direct(
    shown: list[SlaWarning],
    now: SlaWarning | None,
    clocks: SlaClocks | None,
    snapshot: Snapshot,
    team: Team,
) -> Iterable[Card]:
    """An edit notifies nobody, so whatever the card does not ping for when it is posted is a message of its own."""
    called = [call.person for call in snapshot.calls if call.role is Role.SERVICE_LEVEL_MANAGER]
    on_it = {snapshot.slack_id(who) for who in holders(snapshot.calls, Role.SERVICE_LEVEL_MANAGER)}
    for warning in shown:
        if warning.step == STEPS[0] and warning is shown[0]:
            continue
        for reader in dict.fromkeys(map(snapshot.slack_id, called)):
            words = words_of(snapshot, team, reader)
            live = warning == now and reader in on_it
            if live:
                blocks = [section(_warning(warning, snapshot, words))]
                blocks += _notes(warning, clocks, snapshot, team, words)
                if snapshot.incident.channel_id:
                    where = channel_link(snapshot.incident.channel_id)
                    blocks.append(context(words("reminder.where", where=where)))
            else:
                blocks = [context(_outcome(warning.kind, clocks, snapshot, words))]
            key = f"sla/{warning.kind}/{warning.step}/{int(warning.due_at.timestamp())}"
            yield Card(key, direct(reader), tuple(blocks), live=live, pings=True)


def _warning(warning: SlaWarning, snapshot: Snapshot, words: Words) -> Mrkdwn:
    step = "breach" if warning.step == BREACH else "step"
    return words(
        f"sla.{step}_{warning.kind}",
        number=snapshot.incident.number,
        title=snapshot.incident.title,
        step=warning.step,
        due=warning.due_at,
    )


def _notes(
    warning: SlaWarning, clocks: SlaClocks | None, snapshot: Snapshot, team: Team, words: Words
) -> list[Block]:
    notes = []
    if waiting := _waiting(warning, clocks, snapshot):
        named = [team.customers[key].name if key in team.customers else key for key in waiting]
        customers = words.join(named[:NAMED])
        more = len(named) - NAMED
        notes.append(
            words("sla.customers_more", customers=customers, more=more)
            if more > 0
            else words("sla.customers", customers=customers)
        )
    if warning.late:
        notes.append(words("sla.late", at=warning.fell_due_at))
    elif snapshot.slack_away and snapshot.slack_away.has(warning.raised_at):
        notes.append(words("sla.late_slack", at=warning.raised_at))
    return [context(Mrkdwn("\n".join(notes)))] if notes else []


def _waiting(warning: SlaWarning, clocks: SlaClocks | None, snapshot: Snapshot) -> list[str]:
    """Customers who have had no update and whose plan says this deadline."""
    if clocks is None or warning.kind is not SlaKind.RESPONSE:
        return []
    return [one.customer for one in clocks.responses if _is_of(one, warning) and one.customer]


def _is_of(clock: SlaClock, warning: SlaWarning) -> bool:
    return clock.met_at is None and clock.by == warning.due_at


def _outcome(kind: SlaKind, clocks: SlaClocks | None, snapshot: Snapshot, words: Words) -> Mrkdwn:
    """What became of it, or until when it is owed by now."""
    incident = snapshot.incident
    if clocks is None:
        return words("sla.no_target", number=incident.number)
    clock = clocks.response if kind is SlaKind.RESPONSE else clocks.resolution
    if any(one.kind is kind for one in running(incident, clocks)):
        return words(f"sla.owed_{kind}", number=incident.number, due=clock.by)
    if clock.met_at is None:
        return words("sla.over", number=incident.number)
    return words(
        f"sla.late_{kind}" if clock.late else f"sla.met_{kind}",
        number=incident.number,
        at=clock.met_at,
        due=clock.by,
    )


def _reasons(kind: SlaKind, snapshot: Snapshot, words: Words) -> list[Block]:
    said = {one.reason: one for one in breaches(snapshot.sla_warnings, kind) if one.reason}
    return [
        context(words("sla.reason", who=name_of(one.explained_by or "", snapshot), reason=reason))
        for reason, one in said.items()
    ]
