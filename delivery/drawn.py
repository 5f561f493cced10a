"""What each kind of message outside incidents says: records in, blocks out."""

from collections.abc import Mapping, Sequence

from delivery.bulletins import Draw
from services import behind, coverage, people, roster_notices, shift_changes
from services.desk import Desk
from storage.bulletins import Bulletin
from templates.blocks import Block
from templates.coverage import coverage_blocks
from templates.health import behind_blocks
from templates.roster_notices import notice_blocks
from templates.shift_changes import handover_blocks
from templates.words import Words

ONCE = frozenset({shift_changes.SHIFT})
"""What is true of the moment it is said."""


def drawn(desk: Desk) -> Mapping[str, Draw]:
    """How to draw each kind."""

    async def words_for(person: str) -> Words:
        language, timezone = people.reads(desk.team, await people.known(desk, person))
        return Words(language, timezone, await people.names(desk))

    async def draw_behind(bulletin: Bulletin) -> Sequence[Block] | None:
        said = behind.read(bulletin)
        if said.until and bulletin.ts is None:
            return None  # It was over before anybody could be told.
        words = Words(desk.team.language, desk.team.timezone)
        return behind_blocks(words, since=said.since, until=said.until)

    async def draw_coverage(bulletin: Bulletin) -> Sequence[Block] | None:
        words = Words(desk.team.language, desk.team.timezone)
        replaced = bool(bulletin.content["replaced"])
        if replaced and bulletin.ts is None:
            return None
        return coverage_blocks(words, coverage.read(bulletin), replaced=replaced)

    async def draw_shift(bulletin: Bulletin) -> Sequence[Block] | None:
        if bulletin.ts:
            return None  # It was said, as a look at the conversation has shown.
        told = await shift_changes.handover(desk, bulletin)
        if told is None:
            return None
        return handover_blocks(
            await words_for(told.person),
            role=told.role,
            since=told.since,
            went=told.went,
            listed=told.listed,
            team=desk.team,
            people=told.people,
            now=desk.now(),
            command="/incident",
        )

    async def draw_roster(bulletin: Bulletin) -> Sequence[Block] | None:
        notice, entry, other, by = await roster_notices.told(desk, bulletin)
        words = await words_for(str(bulletin.content["person"]))
        return notice_blocks(notice.value, entry, desk.team, words, by=by, other=other)

    return {
        behind.BEHIND: draw_behind,
        coverage.COVERAGE: draw_coverage,
        shift_changes.SHIFT: draw_shift,
        roster_notices.ROSTER: draw_roster,
    }
