"""The Home tab: what one person sees of everything that is open, and who has it open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.oncall import OncallView
from domain.snapshot import Listed
from services import behind, oncall, questions
from services.desk import Actor, Desk

HOME = "home"
KEPT_OPEN = timedelta(minutes=10)
"""So long after it was opened a Home tab is kept up to date."""


@dataclass(frozen=True, kw_only=True)
class Home:
    listed: Sequence[Listed]
    people: Mapping[str, str]
    """Slack user id by the name the settings use."""
    behind: bool
    """Hachi itself runs late, as the incidents channel was told."""
    now: datetime
    roster: OncallView


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A Home tab that somebody has open."""

    person: str
    until: datetime | None
    """Machine time; None just after it was opened."""
    shown: str
    """What had changed when it was shown last."""
    duty: str
    """Digest of who was on duty then."""


async def look(desk: Desk, person: str) -> Home:
    """What this person may see; private incidents only their members."""
    listed, people = await questions.open_incidents(desk, actor=Actor(person=person))
    warned = await behind.current(desk)
    return Home(
        listed=listed,
        people=people,
        behind=bool(warned and warned.until is None),
        now=desk.now(),
        roster=await oncall.look(desk),
    )


async def opened(desk: Desk, person: str, *, shown: str, duty: str) -> None:
    """Somebody looks at their Home tab, which shows what had changed by then."""
    await keep(desk, Tab(person=person, until=None, shown=shown, duty=duty))


async def changes(desk: Desk) -> str:
    """Differs whenever a Home tab may have to be drawn anew."""
    warned = await behind.current(desk)
    async with desk.database.reading() as tx:
        return f"{await tx.vitals.changes()} {await tx.roster.changes()} {warned and warned.until}"


async def tabs(desk: Desk) -> Sequence[Tab]:
    """The Home tabs that were opened lately, and older ones that nobody has forgotten yet."""
    async with desk.database.reading() as tx:
        kept = await tx.drafts.of_kind(HOME)
    return [
        Tab(
            person=person,
            until=datetime.fromisoformat(payload["until"]) if payload["until"] else None,
            shown=payload["shown"],
            duty=payload.get("duty", ""),
        )
        for person, payload in kept
    ]


async def keep(desk: Desk, tab: Tab) -> None:
    async with desk.database.transaction() as tx:
        await tx.drafts.save(
            f"{HOME}:{tab.person}",
            HOME,
            person=tab.person,
            at=desk.now(),
            payload={
                "until": tab.until.isoformat() if tab.until else None,
                "shown": tab.shown,
                "duty": tab.duty,
            },
        )


async def close(desk: Desk, person: str) -> None:
    """Nobody has looked at it for a while."""
    async with desk.database.transaction() as tx:
        await tx.drafts.drop(f"{HOME}:{person}")
