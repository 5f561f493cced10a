"""Who is called: the people on duty, and the experts whose skills together cover a product."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.call_hours import called_from
from domain.duty import Roster, on_duty, turns
from domain.incident import Incident, Role
from domain.team import Person, Team


class Answer(StrEnum):
    PLANNED = "planned"
    """Nobody was asked yet: that is done later, at an hour at which it wakes nobody."""
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    """Nothing came in time, and the next in line was called; a late *Accept* is still welcome."""
    TAKEN = "taken"
    """Somebody else accepted meanwhile."""
    OVER = "over"
    """The incident ended before an answer came."""
    HANDED_OVER = "handed_over"
    """They had the role, and somebody else has taken it over."""
    CALLED_OFF = "called_off"
    """Whoever asked has asked somebody else instead."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A person asked to take a role in an incident; the newest call of a role says who holds it."""

    number: int
    """Counts the incident's calls from 1."""
    role: Role
    person: str
    """As the settings name them, or a Slack user id; empty where somebody asked for a skill that nobody is left for."""
    called_at: datetime
    """Of a planned one, when it will be made."""
    skills: tuple[str, ...] = ()
    answer: Answer = Answer.WAITING
    answered_at: datetime | None = None
    stands_in: bool = False
    """Nobody was found for the role, so whoever declared takes it: it is open."""
    follows: int | None = None
    """The call that brought nobody, in whose place this one was made: together they are a line."""
    asked_with: int | None = None
    """The call whose message asks for this role too: one person, one message, one answer."""
    reached_at: datetime | None = None
    """Since when the person can read it."""
    due_at: datetime | None = None
    """When it is looked at as unanswered, or is made if it is planned; None where no answer is waited for."""
    ran_out_at: datetime | None = None
    """When it was closed as unanswered, or nobody was left to call at the hour planned, whatever came later."""
    hands_over: int | None = None
    """The call whose role this person is asked to take over; until they accept, whoever has it keeps it."""
    asked_by: str | None = None
    """Slack user id of the person who asked for this very person; None where the roster chose."""
    note: str = ""
    """What whoever hands over wants the next person to know."""

    @property
    def is_offer(self) -> bool:
        """Whether a role is offered that somebody else keeps meanwhile."""
        return self.hands_over is not None and self.answer not in (Answer.ACCEPTED, Answer.HANDED_OVER)

    @property
    def is_personal(self) -> bool:
        """Whether this very person was asked to come: if they cannot, whoever asked is told, and nobody else is called."""
        return self.asked_by is not None and self.hands_over is None and not self.skills


@dataclass(frozen=True, kw_only=True)
class Place:
    """A role to fill, and who was found for it."""

    role: Role
    person: str
    skills: tuple[str, ...] = ()
    stands_in: bool = False
    call_at: datetime | None = None
    """When the person is called; None at once."""


@dataclass(frozen=True, kw_only=True)
class SkillToCall:
    """A skill that people can be called for."""

    skill: str
    missing: bool
    """The product needs it, and nobody present has it."""
    present: tuple[str, ...]
    """Slack user ids of those called who have it."""
    next: str | None
    """Slack user id of whoever would be called; None when nobody is left."""


def candidates(roster: Roster, role: Role, *, at: datetime) -> tuple[str, ...]:
    """Who can take a role at that instant, in the order in which they are called.

    Whoever is on duty, then the backups on duty, then the shifts whose turn comes next, then those who have the role
    whatever the turn.
    """
    names = roster.team.rotations_of(role)
    on = [on_duty(name, roster, at=at) for name in names]
    order = [who for one in on for who in one.first]
    order += [who for one in on for who in one.backup]
    for name in names:
        rotation = roster.team.rotations[name]
        shifts = turns(rotation, at=at, timezone=roster.team.timezone)
        # Those of the present shift who are not on duty gave it to somebody else: they come last.
        order += [who for shift in (*shifts[1:], *shifts[:1]) for who in shift]
        order += rotation.backup.everybody() if rotation.backup else ()
    order += [person.who for person in roster.team.people if role in person.roles]
    return tuple(who for who in dict.fromkeys(order) if roster.can_come(who, at=at))


def fill(incident: Incident, roster: Roster, *, at: datetime) -> tuple[Place, ...]:
    """The people called at a declaration, one entry a role (several for experts and service level managers).

    An owner, a duty manager and a service level manager are always there: whoever declared stands in where nobody was
    found, and until the hour at which the others are called.
    """
    found = {role: _found(role, incident, roster, at=at) for role in _ANSWERING}
    owner = next(iter(found[Role.OWNER][0]), roster.known_as(incident.declared_by))
    places = []
    for role in Role:
        if role is Role.EXPERT:
            call_at = _call_at(role, incident, roster, at=at)
            experts = cover(_skills_for(incident.product, roster.team), roster, at=call_at, owner=owner)
            people: Iterable[tuple[str, tuple[str, ...]]] = experts.items()
        else:
            named, call_at = found[role]
            people = [(who, ()) for who in named]
            if call_at > at or not named:
                places.append(Place(role=role, person=incident.declared_by, stands_in=True))
        planned = call_at if call_at > at else None
        places += [Place(role=role, person=who, skills=skills, call_at=planned) for who, skills in people]
    return tuple(places)


def missing_skills(product: str | None, team: Team, present: Collection[str]) -> tuple[str, ...]:
    """The skills that a product, by its key, needs and none of these people has."""
    held = team.skills_of(present)
    return tuple(skill for skill in _skills_for(product, team) if skill not in held)


def cover(
    skills: Sequence[str], roster: Roster, *, at: datetime, owner: str = "", asked: Collection[str] = ()
) -> Mapping[str, tuple[str, ...]]:
    """Few experts whose skills together cover these, and the skills each is called for.

    Those on duty come first, then the backups; of equals whoever has more of the skills, then whoever is in fewer
    open swarms. The owner is called as an expert too only where nobody else has the skill, which means not at all.
    """
    left, pool = list(skills), _experts(roster, at=at, not_these=asked)
    chosen: dict[str, tuple[str, ...]] = {}
    while left:
        able = [(person, layer) for person, layer in pool if set(left) & set(person.skills)]
        if not able:
            break
        best, _ = min(
            able,
            key=lambda one: (
                one[0].who == owner,
                one[1],
                -len(set(left) & set(one[0].skills)),
                roster.open_swarms.get(one[0].who, 0),
            ),
        )
        if best.who != owner:
            chosen[best.who] = tuple(skill for skill in left if skill in best.skills)
        left = [skill for skill in left if skill not in best.skills]
    return chosen


def next_for(call: Call, roster: Roster, *, asked: Collection[str], at: datetime) -> str | None:
    """Who is called when this one cannot come; None when nobody is left."""
    asked = {roster.known_as(who) for who in asked}
    if call.role is Role.EXPERT:
        return next(iter(cover(call.skills, roster, at=at, asked=asked)), None)
    return next((who for who in candidates(roster, call.role, at=at) if who not in asked), None)


def whom_to_call(
    planned: Call, incident: Incident, roster: Roster, *, asked: Collection[str], at: datetime
) -> str | None:
    """Who is called now that the hour has come: the person foreseen, unless somebody else is on duty meanwhile.

    `asked` are those called for the role already. None when nobody is left.
    """
    asked = {roster.known_as(who) for who in asked}
    if planned.role is Role.EXPERT:
        found = tuple(cover(planned.skills, roster, at=at, asked=asked))
    else:
        found = _found(planned.role, incident, roster, at=at)[0]
    if roster.known_as(planned.person) in found:
        return planned.person
    following = next((who for who in found if who not in asked), None)
    return following or next_for(planned, roster, asked=asked, at=at)


_ANSWERING = (Role.OWNER, Role.SERVICE_LEVEL_MANAGER, Role.DUTY_MANAGER)
"""Roles that are never left empty."""


def _found(
    role: Role, incident: Incident, roster: Roster, *, at: datetime
) -> tuple[tuple[str, ...], datetime]:
    """Who takes a role that answers for the incident, and when they are called; whoever declares is there already."""
    call_at = _call_at(role, incident, roster, at=at)
    people = _people_for(role, incident, roster, at=call_at)
    if people == (roster.known_as(incident.declared_by),):
        return people, at
    return people, call_at


def _people_for(role: Role, incident: Incident, roster: Roster, *, at: datetime) -> tuple[str, ...]:
    named = _named_managers(incident, roster.team) if role is Role.SERVICE_LEVEL_MANAGER else ()
    present = tuple(who for who in named if roster.can_come(who, at=at))
    if named and present == named:
        return named
    # In place of those who cannot come, whoever is on duty.
    return tuple(dict.fromkeys((*present, *candidates(roster, role, at=at)[:1])))


def _call_at(role: Role, incident: Incident, roster: Roster, *, at: datetime) -> datetime:
    return called_from(role, incident.severity, roster.team.call_hours, at=at)


def _named_managers(incident: Incident, team: Team) -> tuple[str, ...]:
    named = (customer.service_level_manager for customer in team.customers_named(incident.customers))
    return tuple(dict.fromkeys(who for who in named if who))


def _skills_for(product: str | None, team: Team) -> tuple[str, ...]:
    known = team.products.get(product or "")
    return known.skills if known else ()


def _experts(roster: Roster, *, at: datetime, not_these: Collection[str]) -> Sequence[tuple[Person, int]]:
    """Those with skills, in the order of the roster: 0 on duty, 1 as a backup, 2 at another time."""
    on = [on_duty(name, roster, at=at) for name in roster.team.rotations_of(Role.EXPERT)]
    layers = {who: 1 for one in on for who in one.backup} | {who: 0 for one in on for who in one.first}
    order = {who: place for place, who in enumerate(candidates(roster, Role.EXPERT, at=at))}
    able = [
        person
        for person in roster.team.people
        if person.skills and person.who not in not_these and roster.can_come(person.who, at=at)
    ]
    able.sort(key=lambda person: order.get(person.who, len(order)))
    return [(person, layers.get(person.who, 2)) for person in able]
