"""Telling customers: preparing, sending and holding, each recorded once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.absence import Absence
from domain.customer_updates import (
    CustomerUpdate,
    Facts,
    Kind,
    Recipient,
    check_facts,
    check_kind,
    check_not_outdated,
    facts_for_holding,
    facts_with_hints,
    holdings_in_a_row,
    languages_of,
    recipients_of,
)
from domain.incident import WORKING, DataLoss, Incident, State, check_swarming
from domain.permissions import Act
from domain.promises import check_promise
from domain.refusals import Refusal, Why
from domain.timeline import Happened
from domain.update_clock import DELIVERY_GRACE, UpdateClock, minutes_late, sent
from services.desk import Actor, Desk
from services.permissions import check_may, is_duty_manager
from storage.database import Transaction


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """All that a form for an update is filled from."""

    incident: Incident
    kind: Kind
    state: State
    facts: Mapping[str, Facts]
    languages: tuple[str, ...]
    promise: datetime
    recipients: tuple[Recipient, ...]
    updates: tuple[CustomerUpdate, ...]
    by_duty_manager: bool

    @property
    def after_update(self) -> int:
        return self.updates[-1].number if self.updates else 0


@dataclass(frozen=True, kw_only=True)
class Written:
    """An update as its author wrote it."""

    kind: Kind
    state: State
    facts: Mapping[str, Facts]
    promise: datetime
    after_update: int
    """The newest update the author knew of."""


class NeedsWords(Exception):
    """The last updates said nothing new already: the form asks for one fact, or for the duty manager."""


async def prepare(desk: Desk, number: int, *, actor: Actor, kind: Kind | None = None) -> Prepared:
    """What the form holds when it opens.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NO_SWARM, NOT_A_MEMBER.
    """
    async with desk.database.reading() as tx:
        incident = await tx.incidents.get(number, lock=False)
        await check_may(desk, tx, incident, Act.SEND_UPDATES, actor)
        check_swarming(incident)
        updates = await tx.customer_updates.of(number)
        calls = await tx.calls.of(number)
        ids = await tx.directory.slack_ids()
        clock = (await tx.clocks.all([number])).get(number)
        hints = [
            hint for hint in await tx.customer_updates.hints(number) if clock and hint.cycle == clock.cycle
        ]
    recipients = recipients_of(incident, desk.team)
    languages = languages_of(recipients)
    facts = facts_for_holding(updates) or {incident.language: Facts(symptom=incident.summary)}
    facts = facts_with_hints(facts, hints, first=not updates)
    return Prepared(
        incident=incident,
        kind=kind or (Kind.PROGRESS if updates else Kind.FIRST),
        state=incident.state if incident.state is not State.REPORTED else State.INVESTIGATING,
        facts=facts,
        languages=languages,
        promise=desk.now() + desk.cadence(incident).every,
        recipients=recipients,
        updates=updates,
        by_duty_manager=is_duty_manager(calls, ids, actor.person),
    )


async def check(desk: Desk, number: int, written: Written, *, actor: Actor) -> Prepared:
    """Whether this could be sent now, before its preview is shown. Raises what `send` raises."""
    prepared = await prepare(desk, number, actor=actor, kind=written.kind)
    _check_written(desk, prepared, written)
    return prepared


async def send(desk: Desk, number: int, written: Written, *, actor: Actor, request: str) -> CustomerUpdate:
    """Record the update; delivery carries it out. The same request again answers the same update.

    Raises Refusal: INCIDENT_UNKNOWN, INCIDENT_OVER, NO_SWARM, NOT_A_MEMBER, FIRST_NOTICE_SENT_BEFORE, NEWER_UPDATE,
    TEXT_MISSING, TEXT_TOO_LONG, PROMISE_NOT_AFTER_NOW, PROMISE_TOO_LATE.
    """
    async with desk.database.transaction() as tx:
        if done := await tx.requests.answered(request):
            return await _sent_before(tx, number, done["update"])
        incident = await tx.incidents.get(number)
        await check_may(desk, tx, incident, Act.SEND_UPDATES, actor)
        check_swarming(incident)
        updates = await tx.customer_updates.of(number)
        recipients = recipients_of(incident, desk.team)
        prepared = Prepared(
            incident=incident,
            kind=written.kind,
            state=written.state,
            facts=written.facts,
            languages=languages_of(recipients),
            promise=written.promise,
            recipients=recipients,
            updates=updates,
            by_duty_manager=is_duty_manager(
                await tx.calls.of(number), await tx.directory.slack_ids(), actor.person
            ),
        )
        _check_written(desk, prepared, written)
        update = await record(
            desk,
            tx,
            replace(incident, state=written.state),
            kind=written.kind,
            facts=written.facts,
            promise=written.promise,
            actor=actor,
        )
        if written.state is not incident.state:
            await tx.incidents.save(replace(incident, state=written.state))
            await tx.timeline.add(
                number,
                Happened.STATE_CHANGED,
                at=update.sent_at,
                actor=actor.person,
                old=incident.state,
                new=written.state,
            )
        await tx.requests.answer(request, at=update.sent_at, update=update.number)
        return update


async def hold(
    desk: Desk, number: int, *, actor: Actor, request: str, cycle: int | None = None
) -> CustomerUpdate:
    """Send "still working on it" with one tap.

    Raises NeedsWords from the third in a row, unless the duty manager sends it; Refusal: INCIDENT_UNKNOWN,
    INCIDENT_OVER, NO_SWARM, NOT_A_MEMBER, CYCLE_ANSWERED (`cycle` was the one pressed in, and customers were told).
    """
    async with desk.database.transaction() as tx:
        if done := await tx.requests.answered(request):
            return await _sent_before(tx, number, done["update"])
        incident = await tx.incidents.get(number)
        await check_may(desk, tx, incident, Act.SEND_UPDATES, actor)
        check_swarming(incident)
        updates = await tx.customer_updates.of(number)
        if cycle is not None:
            await check_cycle(tx, incident, cycle, updates, now=desk.now())
        cadence = desk.cadence(incident)
        if holdings_in_a_row(updates) >= cadence.holdings:
            ids = await tx.directory.slack_ids()
            if not is_duty_manager(await tx.calls.of(number), ids, actor.person):
                raise NeedsWords
        update = await record(
            desk,
            tx,
            incident,
            kind=Kind.HOLDING,
            facts=facts_for_holding(updates),
            promise=desk.now() + cadence.every,
            actor=actor,
        )
        await tx.requests.answer(request, at=update.sent_at, update=update.number)
        return update


async def check_cycle(
    tx: Transaction, incident: Incident, cycle: int, updates: tuple[CustomerUpdate, ...], *, now: datetime
) -> UpdateClock:
    """The clock, if this cycle still waits for its update: one that reached nobody within a minute does not count.

    Raises Refusal: CYCLE_ANSWERED (with the update that ended it, sent or on its way), CYCLE_OVER.
    """
    clock = await tx.clocks.get(incident.number)
    for update in updates:
        if update.cycle == cycle and (update.delivered_at or now - update.sent_at < DELIVERY_GRACE):
            raise Refusal(
                Why.CYCLE_ANSWERED,
                number=update.number,
                kind=update.kind,
                author=update.author,
                at=update.sent_at,
                next=update.promise,
            )
    if clock is None or not clock.running or clock.cycle != cycle:
        raise Refusal(Why.CYCLE_OVER, number=incident.number, state=incident.state)
    return clock


async def record(
    desk: Desk,
    tx: Transaction,
    incident: Incident,
    *,
    kind: Kind,
    facts: Mapping[str, Facts],
    promise: datetime | None,
    actor: Actor,
    data_loss: DataLoss | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> CustomerUpdate:
    """Write one update with its recipients, and tell the clock that it is on its way."""
    clock = await tx.clocks.get(incident.number)
    update = compose(
        desk,
        incident,
        clock,
        await tx.customer_updates.of(incident.number),
        kind=kind,
        facts=facts,
        promise=promise,
        actor=actor,
        data_loss=data_loss,
        started_at=started_at,
        ended_at=ended_at,
        absences=await tx.timeline.absences(incident.number),
    )
    now = update.sent_at
    await tx.customer_updates.add(incident.number, update, recipients_of(incident, desk.team))
    if clock:
        await tx.clocks.save(incident.number, sent(clock, at=now), desk.cadence(incident))
    await tx.timeline.add(
        incident.number,
        Happened.UPDATE_SENT,
        at=now,
        actor=actor.person,
        number=update.number,
        kind=kind,
        late=update.minutes_late,
        promise=promise,
    )
    return update


def compose(
    desk: Desk,
    incident: Incident,
    clock: UpdateClock | None,
    updates: tuple[CustomerUpdate, ...],
    *,
    kind: Kind,
    facts: Mapping[str, Facts],
    promise: datetime | None,
    actor: Actor,
    data_loss: DataLoss | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    absences: Iterable[Absence] = (),
) -> CustomerUpdate:
    """The next update as it would be recorded if it were sent now."""
    now, late = desk.now(), 0
    if clock:
        late = minutes_late(
            sent_at=now, due_at=clock.due_at, cadence=desk.cadence(incident), absences=absences
        )
    return CustomerUpdate(
        number=len(updates) + 1,
        kind=kind,
        state=incident.state,
        author=actor.person,
        sent_at=now,
        promise=promise,
        cycle=clock.cycle if clock else 0,
        minutes_late=late,
        facts=facts,
        data_loss=data_loss,
        started_at=started_at,
        ended_at=ended_at,
    )


def _check_written(desk: Desk, prepared: Prepared, written: Written) -> None:
    if written.state not in WORKING:
        raise Refusal(Why.CHOICE_UNKNOWN, field="state", typed=written.state)  # Resolving has its own form.
    check_not_outdated(written.after_update, prepared.updates)
    check_kind(written.kind, prepared.updates)
    check_facts(written.kind, written.facts, prepared.languages)
    set_to = replace(prepared.incident, state=written.state)
    check_promise(
        written.promise,
        now=desk.now(),
        declared_at=prepared.incident.declared_at,
        every=desk.cadence(set_to).every,
        by_duty_manager=prepared.by_duty_manager,
    )


async def _sent_before(tx: Transaction, number: int, update: int) -> CustomerUpdate:
    return next(one for one in await tx.customer_updates.of(number) if one.number == update)
