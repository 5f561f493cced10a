"""Who is called: the people on duty, and the experts whose skills together cover a product."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.incident import Incident, Role
from domain.team import Rotation, Team


class Answer(StrEnum):
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
    """When it is looked at as unanswered; None where no answer is waited for."""
    ran_out_at: datetime | None = None
    """When it was closed as unanswered, whatever came later."""
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


def on_duty(rotation: Rotation, *, at: datetime, timezone: str) -> tuple[str, ...]:
    """The members in the order in which they are called at that instant: whoever is on duty first."""
    members = rotation.members
    if not members or rotation.hand_over_at is None or rotation.since is None:
        return members
    zone = ZoneInfo(timezone)
    day = at.astimezone(zone).date()
    # By the moment, not by the wall, which shows an hour twice on the day clocks are set back.
    if at < datetime.combine(day, rotation.hand_over_at, tzinfo=zone).astimezone(UTC):
        day -= timedelta(days=1)
    days = (day - rotation.since).days
    if rotation.hand_over_weekday is None:
        turns = days
    else:
        first = (rotation.hand_over_weekday - rotation.since.weekday()) % 7
        turns = (days - first) // 7 + 1 if first else days // 7
    start = turns % len(members)
    return members[start:] + members[:start]


def candidates(team: Team, role: Role, *, at: datetime) -> tuple[str, ...]:
    """Who can take a role, in the order in which they are called."""
    rotation = team.rotations.get(role)
    turn = on_duty(rotation, at=at, timezone=team.timezone) if rotation else ()
    standing = tuple(person.who for person in team.people if role in person.roles)
    return tuple(dict.fromkeys(turn + standing))


def fill(
    incident: Incident,
    team: Team,
    *,
    at: datetime,
    unknown: Collection[str] = (),
) -> tuple[Place, ...]:
    """The people called at a declaration, one entry a role (several for experts and service level managers).

    `unknown` are people the settings name whom Slack does not know. An owner, a duty manager and a service level
    manager are always filled: whoever declared stands in where nobody was found.
    """
    places: list[Place] = []
    for role in (Role.OWNER, Role.SERVICE_LEVEL_MANAGER, Role.DUTY_MANAGER):
        named = _named_managers(incident, team) if role is Role.SERVICE_LEVEL_MANAGER else ()
        people = [who for who in named if who not in unknown]
        if not people:
            people = [who for who in candidates(team, role, at=at) if who not in unknown][:1]
        places += [Place(role=role, person=who) for who in people]
        if not people:
            places.append(Place(role=role, person=incident.declared_by, stands_in=True))
    owner = places[0].person
    experts = _experts(incident, team, at=at, not_these=unknown, last=owner)
    places[1:1] = [Place(role=Role.EXPERT, person=who, skills=skills) for who, skills in experts.items()]
    return tuple(places)


def missing_skills(incident: Incident, team: Team, present: Collection[str]) -> tuple[str, ...]:
    """The product's skills that none of these people has."""
    product = team.products.get(incident.product or "")
    held = {skill for person in team.people if person.who in present for skill in person.skills}
    return tuple(skill for skill in (product.skills if product else ()) if skill not in held)


def next_for(call: Call, team: Team, *, asked: Collection[str], at: datetime) -> str | None:
    """Who is called when this one cannot come; None when nobody is left."""
    if call.role is Role.EXPERT:
        order = tuple(person.who for person in team.people if set(call.skills) & set(person.skills))
    else:
        order = candidates(team, call.role, at=at)
    return next((who for who in order if who not in asked), None)


def _named_managers(incident: Incident, team: Team) -> tuple[str, ...]:
    named = (team.customers[key].service_level_manager for key in incident.customers if key in team.customers)
    return tuple(dict.fromkeys(who for who in named if who))


def _experts(
    incident: Incident, team: Team, *, at: datetime, not_these: Collection[str], last: str
) -> Mapping[str, tuple[str, ...]]:
    """Few people whose skills together cover the product; the owner only where nobody else has a skill."""
    product = team.products.get(incident.product or "")
    turn = {who: place for place, who in enumerate(candidates(team, Role.EXPERT, at=at))}
    pool = sorted(
        (person for person in team.people if person.skills and person.who not in not_these),
        key=lambda person: (person.who == last, turn.get(person.who, len(turn))),
    )
    chosen: dict[str, tuple[str, ...]] = {}
    open_skills = list(product.skills) if product else []
    while open_skills:
        best = max(
            pool,
            key=lambda person: (
                any(skill in person.skills for skill in open_skills) and person.who != last,
                sum(skill in person.skills for skill in open_skills),
            ),
            default=None,
        )
        covered = tuple(skill for skill in open_skills if best and skill in best.skills)
        if best is None or not covered:
            break
        if best.who != last:
            chosen[best.who] = covered
        open_skills = [skill for skill in open_skills if skill not in covered]
        pool.remove(best)
    return chosen
