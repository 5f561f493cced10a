"""Who is on duty now and next."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from domain.duty import duties
from domain.incident import Role
from domain.oncall import OncallView, Rota, Turn
from domain.refusals import Refusal, Why
from domain.roster import candidates
from services.desk import Actor, Desk
from services.roster import roster

HORIZON = timedelta(weeks=8)
"""So far ahead the roster is shown and duties are swapped."""


def digest(view: OncallView) -> str:
    """Changes whenever others are on duty, come next, or something that was entered begins to count or is over."""
    end = view.now + HORIZON  # Nothing ends there: it is only not looked at any further.
    seen = [
        (rota.name, rota.now.on, rota.now.until < end and rota.now.until, rota.next and rota.next.on)
        for rota in view.rotas
    ]
    shown = repr((seen, sorted(view.standing.items()), list(view.entries)))
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


async def look(desk: Desk) -> OncallView:
    """Who is on duty now and next, and what was entered that is not over."""
    now = desk.now()
    async with desk.database.reading() as tx:
        standing = await roster(desk, tx, at=now)
        entries = await tx.roster.since(now)
        people = await tx.directory.slack_ids()
    rotas = []
    for name in desk.team.rotations:
        ahead = duties(name, standing, since=now, until=now + HORIZON)
        rotas.append(Rota(name=name, role=desk.team.role_of(name), now=next(ahead), next=next(ahead, None)))
    taking_turns = {rota.role for rota in rotas}
    return OncallView(
        rotas=rotas,
        standing={
            role: found
            for role in Role
            if role not in taking_turns and (found := candidates(standing, role, at=now))
        },
        entries=entries,
        people=people,
        now=now,
    )


async def turns_to_swap(desk: Desk, *, actor: Actor) -> tuple[Sequence[Turn], Sequence[Turn]]:
    """The actor's duties, and those of others in the same rotations. Raises Refusal NO_DUTY_TO_SWAP."""
    now = desk.now()
    async with desk.database.reading() as tx:
        standing = await roster(desk, tx, at=now)
        ids = await tx.directory.slack_ids()
    mine: list[Turn] = []
    theirs: list[Turn] = []
    for name in desk.team.rotations:
        found = [
            Turn(rotation=name, who=ids.get(who, who), since=duty.since, until=duty.until)
            for duty in duties(name, standing, since=now, until=now + HORIZON)
            for who in duty.on.first
        ]
        own = [turn for turn in found if turn.who == actor.person]
        mine += own
        spans = {(turn.since, turn.until) for turn in own}
        theirs += [
            turn
            for turn in found
            if own and turn.who != actor.person and (turn.since, turn.until) not in spans
        ]
    if not mine or not theirs:
        raise Refusal(Why.NO_DUTY_TO_SWAP)
    return mine, theirs
