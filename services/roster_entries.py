"""What people enter about who is on duty: absences, take-overs and swaps; whom it concerns is told."""

from dataclasses import replace
from datetime import datetime

from domain.duty import Override, Roster, duties
from domain.incident import REASON_LIMIT
from domain.oncall import Turn
from domain.refusals import Refusal, Why
from domain.roster_entries import EntryKind, EntryState, RosterEntry, check_override, check_span
from domain.texts import trimmed
from services.desk import Actor, Desk
from services.permissions import check_may_edit_roster
from services.roster import roster
from services.roster_notices import Notice, tell
from storage.database import Transaction


async def take_over(
    desk: Desk,
    rotation: str,
    *,
    who: str,
    since: datetime,
    until: datetime,
    actor: Actor,
    request: str,
    instead_of: str | None = None,
) -> None:
    """Somebody (Slack user id) is on duty in another's place; whoever else that concerns is told.

    Everybody may take over themselves. Raises Refusal ROSTER_NOT_PERMITTED and what `check_override` raises.
    """
    async with desk.database.transaction() as tx:
        if await tx.requests.answered(request):
            return
        await check_may_edit_roster(desk, tx, actor, of=[who])
        await tx.roster.alone()
        now = desk.now()
        entry = RosterEntry(
            kind=EntryKind.TAKE_OVER,
            person=who,
            rotation=rotation,
            instead_of=instead_of,
            since=since,
            until=until,
            entered_by=actor.person,
            entered_at=now,
        )
        standing = await _check(desk, tx, entry)
        ids = await tx.directory.slack_ids()
        number = await tx.roster.add(entry)
        on = [duty.on for duty in duties(rotation, standing, since=since, until=until)]
        relieved = [instead_of] if instead_of else [ids.get(one, one) for duty in on for one in duty.first]
        for person in dict.fromkeys(relieved):
            await tell(tx, number, Notice.RELIEVED, person, by=actor.person)
        await tell(tx, number, Notice.ON_DUTY, who, by=actor.person)
        await tx.requests.answer(request, at=now, entry=number)


async def ask_to_swap(desk: Desk, mine: Turn, theirs: Turn, *, actor: Actor, request: str) -> None:
    """Ask somebody to take the actor's duty and give theirs; nothing counts until they agree.

    Raises Refusal: ROTATIONS_DIFFER, NOT_ON_DUTY and what else `check_override` raises.
    """
    async with desk.database.transaction() as tx:
        if await tx.requests.answered(request):
            return
        if mine.rotation != theirs.rotation:
            raise Refusal(Why.ROTATIONS_DIFFER, field="their_turn")
        await tx.roster.alone()
        now = desk.now()
        asked = [
            RosterEntry(
                kind=EntryKind.SWAP,
                state=EntryState.ASKED,
                person=person,
                rotation=turn.rotation,
                instead_of=turn.who,
                since=turn.since,
                until=turn.until,
                entered_by=actor.person,
                entered_at=now,
            )
            for turn, person in ((replace(mine, who=actor.person), theirs.who), (theirs, actor.person))
        ]
        for entry in asked:
            await _check(desk, tx, entry)
        first = await tx.roster.add(asked[0])
        second = await tx.roster.add(replace(asked[1], swapped_with=first))
        await tx.roster.save(replace(asked[0], number=first, swapped_with=second))
        await tell(tx, first, Notice.SWAP_ASKED, theirs.who, by=actor.person)
        await tx.requests.answer(request, at=now, entry=first)


async def decide_swap(desk: Desk, number: int, *, agree: bool, actor: Actor) -> None:
    """The person asked agrees or declines; deciding the same twice is deciding once.

    Raises Refusal: ENTRY_UNKNOWN, ENTRY_NOT_YOURS, ENTRY_DECIDED and what `check_override` raises.
    """
    async with desk.database.transaction() as tx:
        await tx.roster.alone()
        entry = await tx.roster.get(number)
        if actor.person != entry.person or actor.person == entry.entered_by:
            raise Refusal(Why.ENTRY_NOT_YOURS)
        state = EntryState.AGREED if agree else EntryState.DECLINED
        if entry.state is state:
            return
        if entry.state is not EntryState.ASKED:
            raise Refusal(Why.ENTRY_DECIDED)
        halves = await _halves(tx, entry)
        if agree:
            for half in halves:
                await _check(desk, tx, half)
        for half in halves:
            await _decide(desk, tx, half, state, actor)
        await tell(tx, number, Notice.SWAP_ASKED, actor.person, by=entry.entered_by)
        await tell(tx, number, Notice.SWAP_DECIDED, entry.entered_by, by=actor.person)


async def sweep(desk: Desk) -> None:
    """Close every swap that was not answered while both duties could still be given; both people are told."""
    now = desk.now()
    async with desk.database.reading() as tx:
        lapsed = await tx.roster.lapsed(by=now)
    for number in lapsed:
        async with desk.database.transaction() as tx:
            await tx.roster.alone()
            swap = await tx.roster.get(number)
            if swap.state is not EntryState.ASKED:
                continue
            for half in await _halves(tx, swap):
                await tx.roster.save(replace(half, state=EntryState.LAPSED, decided_at=now))
            await tell(tx, number, Notice.SWAP_ASKED, swap.person, by=swap.entered_by)
            await tell(tx, number, Notice.SWAP_DECIDED, swap.entered_by, by=swap.person)


async def add_absence(
    desk: Desk,
    person: str,
    *,
    since: datetime,
    until: datetime,
    reason: str,
    actor: Actor,
    request: str,
) -> None:
    """Somebody (Slack user id) is neither on duty nor called then. Everybody may say so of themselves.

    Raises Refusal: ROSTER_NOT_PERMITTED, SPAN_BACKWARDS, SPAN_OVER, SPAN_TOO_LONG, TEXT_TOO_LONG.
    """
    said = trimmed(reason, field="reason", limit=REASON_LIMIT)
    async with desk.database.transaction() as tx:
        if await tx.requests.answered(request):
            return
        await check_may_edit_roster(desk, tx, actor, of=[person])
        now = desk.now()
        check_span(since, until, now=now)
        entry = RosterEntry(
            kind=EntryKind.LEAVE,
            person=person,
            since=since,
            until=until,
            reason=said,
            entered_by=actor.person,
            entered_at=now,
        )
        number = await tx.roster.add(entry)
        await tell(tx, number, Notice.ABSENT, person, by=actor.person)
        await tx.requests.answer(request, at=now, entry=number)


async def undo(desk: Desk, number: int, *, actor: Actor) -> None:
    """Take an entry back, of a swap both halves; whom it concerns is told. Undoing twice is undoing once.

    Those whom it concerns may, and whoever entered it. Raises Refusal: ENTRY_UNKNOWN, ROSTER_NOT_PERMITTED.
    """
    async with desk.database.transaction() as tx:
        await tx.roster.alone()
        entry = await tx.roster.get(number)
        concerned = [entry.entered_by, entry.person, *([entry.instead_of] if entry.instead_of else [])]
        await check_may_edit_roster(desk, tx, actor, of=concerned)
        if entry.state not in (EntryState.ASKED, EntryState.AGREED):
            return
        asked = entry.state is EntryState.ASKED
        for half in await _halves(tx, entry):
            await _decide(desk, tx, half, EntryState.UNDONE, actor)
        first = min(number, entry.swapped_with or number)
        if entry.kind is EntryKind.SWAP:
            swap = await tx.roster.get(first)
            await tell(tx, first, Notice.SWAP_ASKED, swap.person, by=swap.entered_by)
        if not asked:
            for person in dict.fromkeys(concerned):
                await tell(tx, first, Notice.UNDONE, person, by=actor.person)


async def _check(desk: Desk, tx: Transaction, entry: RosterEntry) -> Roster:
    """What the entry would change is possible; answers the roster as it is without it."""
    standing = await roster(desk, tx, at=min(entry.since, desk.now()))
    ids = await tx.directory.slack_ids()
    override = Override(
        rotation=entry.rotation,
        who=standing.known_as(entry.person),
        instead_of=standing.known_as(entry.instead_of) if entry.instead_of else None,
        since=entry.since,
        until=entry.until,
    )
    try:
        check_override(override, standing, now=desk.now())
    except Refusal as refusal:
        facts = dict(refusal.facts)
        if who := facts.get("who"):
            facts["who"] = ids.get(str(who), who)
        if people := facts.get("people"):
            facts["people"] = tuple(ids.get(one, one) for one in people)  # type: ignore[attr-defined]
        raise Refusal(refusal.why, field=refusal.field, **facts) from None
    return standing


async def _halves(tx: Transaction, entry: RosterEntry) -> list[RosterEntry]:
    other = [await tx.roster.get(entry.swapped_with)] if entry.swapped_with else []
    return sorted([entry, *other], key=lambda one: one.number)


async def _decide(desk: Desk, tx: Transaction, entry: RosterEntry, state: EntryState, actor: Actor) -> None:
    await tx.roster.save(replace(entry, state=state, decided_by=actor.person, decided_at=desk.now()))
