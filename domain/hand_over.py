"""Handing over a role: whose place it is, and who is being asked to take it."""

from collections.abc import Mapping, Sequence

from domain.calls import line_of
from domain.incident import Role
from domain.ladder import holders
from domain.roster import Answer, Call

ADDED = frozenset({Role.EXPERT})
"""Roles that the next person takes beside those who have them; in every other role they take somebody's place."""


def holding(calls: Sequence[Call], role: Role) -> tuple[Call, ...]:
    """The calls by which people hold a role now, one a person."""
    held = holders(calls, role)
    newest = {call.person: call for call in calls if call.role is role and not call.is_offer}
    return tuple(newest[person] for person in held)


def place_of(role: Role, calls: Sequence[Call], ids: Mapping[str, str], *, by: str) -> Call | None:
    """The call whose holder is replaced when this Slack user hands the role over; None where somebody is added.

    There is one owner and one duty manager. Experts are added. Of several service level managers each hands over
    their own customers; whoever is none of them adds one.
    """
    if role in ADDED:
        return None
    held = holding(calls, role)
    if len(held) > 1 and role is Role.SERVICE_LEVEL_MANAGER:
        return next((call for call in held if ids.get(call.person, call.person) == by), None)
    there = [call for call in held if call.answer is Answer.ACCEPTED] or list(held)
    there = there or [call for call in calls if call.role is role and not call.is_offer]
    return there[-1] if there else None


def offered(place: Call | None, calls: Sequence[Call]) -> Call | None:
    """The call that waits for somebody to take this place over."""
    if place is None:
        return None
    waiting = (one for one in line_of(place, calls) if one.is_offer and one.answer is Answer.WAITING)
    return next(waiting, None)
