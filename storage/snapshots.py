"""Everything recorded about one incident, read in one transaction."""

from domain.snapshot import Snapshot, Trouble
from storage.database import Transaction


async def snapshot(tx: Transaction, number: int) -> Snapshot:
    """Raises Refusal INCIDENT_UNKNOWN."""
    known = await tx.directory.people()
    shown = await tx.shown.of(number)
    return Snapshot(
        revision=await tx.incidents.revision(number),
        incident=await tx.incidents.get(number, lock=False),
        clock=(await tx.clocks.all([number])).get(number),
        calls=await tx.calls.of(number),
        joined=await tx.incidents.joined(number),
        updates=await tx.customer_updates.of(number),
        deliveries=await tx.customer_updates.deliveries(number),
        reminders=await tx.reminders.of(number),
        hints=await tx.customer_updates.hints(number),
        sla_warnings=(await tx.sla.warnings([number]))[number],
        troubles=tuple(
            Trouble(key=item.key, place=item.place, error=item.stopped)
            for item in shown.values()
            if item.stopped
        ),
        people={person.who: person.slack_id for person in known if person.slack_id},
        names={person.slack_id: person.name for person in known if person.slack_id and person.name},
        locales={
            person.slack_id: language_of(person.locale)
            for person in known
            if person.slack_id and person.locale
        },
        channels=await tx.directory.channels(),
        slack_away=await tx.vitals.slack_absence(),
    )


def language_of(locale: str) -> str:
    """The screen language for a Slack locale such as `ja-JP`: Japanese, or English for everybody else."""
    return "ja" if locale.lower().startswith("ja") else "en"
