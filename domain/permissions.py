"""Who may do what: everyone, the members of a swarm, or whoever holds a role in it."""

from collections.abc import Mapping
from enum import StrEnum

from domain.incident import Role

EVERYONE = "everyone"
MEMBER = "member"


class Act(StrEnum):
    DECLARE = "declare"
    CHANGE_SEVERITY = "change_severity"
    SEND_UPDATES = "send_updates"
    RESOLVE = "resolve"
    """And to withdraw: whoever may end an incident one way may end it the other."""
    CLOSE = "close"
    EDIT_ROSTER = "edit_roster"
    """Others' absences and duties: everybody may say when they are absent themselves, take over and swap."""


DEFAULT_PERMISSIONS: Mapping[Act, tuple[str, ...]] = {
    Act.DECLARE: (EVERYONE,),
    Act.CHANGE_SEVERITY: (MEMBER,),
    Act.SEND_UPDATES: (MEMBER,),
    Act.RESOLVE: (Role.OWNER.value, Role.DUTY_MANAGER.value),
    Act.CLOSE: (MEMBER,),
    Act.EDIT_ROSTER: (Role.OWNER.value, Role.DUTY_MANAGER.value),
}


def roles_of(allowed: tuple[str, ...]) -> tuple[Role, ...]:
    """The roles among those who may; none where everyone or every member may."""
    if EVERYONE in allowed or MEMBER in allowed:
        return ()
    return tuple(Role(name) for name in allowed)
