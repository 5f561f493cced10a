"""Everything recorded about one incident, read in one transaction."""

from collections.abc import Iterable, Mapping

from domain.snapshot import Snapshot, Trouble
from storage.database import Transaction
from storage.shown import Shown


async def snapshot(tx: Transaction, number: int) -> Snapshot:
    """Raises Refusal INCIDENT_UNKNOWN."""
    return (await snapshot_and_shown(tx, number))[0]


async def snapshot_and_shown(
    tx: Transaction, number: int
) -> tuple[Snapshot, Mapping[tuple[str, str], Shown]]:
    """Also what Slack shows of it, by key and place. Raises Refusal INCIDENT_UNKNOWN."""
    incident, revision = await tx.incidents.at_revision(number)
    shown = await tx.shown.of(number)
    entries = await tx.directory.entries()
    updates = await tx.customer_updates.of(number)
    seen = Snapshot(
        revision=revision,
        incident=incident,
        clock=(await tx.clocks.all([number])).get(number),
        calls=await tx.calls.of(number),
        joined=await tx.incidents.joined(number),
        updates=updates,
        deliveries=await tx.customer_updates.deliveries(number) if updates else (),
        reminders=await tx.reminders.of(number),
        hints=await tx.customer_updates.hints(number),
        escalations=await tx.escalations.of(number),
        sla_warnings=(await tx.sla.warnings([number]))[number],
        troubles=tuple(
            Trouble(key=item.key, place=item.place, error=item.stopped)
            for item in shown.values()
            if item.stopped
        ),
        in_person=_in_person(shown.values()),
        people=entries.slack_ids,
        names=entries.names,
        locales=entries.languages,
        channels=entries.channels,
        slack_away=await tx.vitals.slack_absence(),
    )
    return seen, shown


def _in_person(shown: Iterable[Shown]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in shown:
        kind, _, person = item.place.partition(":")
        if kind == "dm" and (item.ts or item.attempted_at):
            found[item.key] = (*found.get(item.key, ()), person)
    return found
