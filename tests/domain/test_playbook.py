"""Who does what next: by role, state and category."""

from dataclasses import replace

import pytest

from domain.incident import Category, Incident, Role, State
from domain.playbook import Checklist, Part, Playbook, Step, Tick, parts_of
from tests.domain.people import incident
from tests.domain.times import at


def steps(part: Part, *names: str) -> tuple[Step, ...]:
    return tuple(
        Step(key=f"{part}/{name}", part=part, texts={"ja": f"{name}をする", "en": name}) for name in names
    )


PLAYBOOK = Playbook(
    by_part={
        (Part.OWNER, State.INVESTIGATING): steps(Part.OWNER, "lead", "tell", "restore"),
        (Part.OWNER, State.RESOLVED): steps(Part.OWNER, "close"),
        (Part.EXPERT, State.INVESTIGATING): steps(Part.EXPERT, "note"),
    },
    by_category={(Category.NETWORK, Part.EXPERT, State.INVESTIGATING): steps(Part.EXPERT, "line", "far")},
)


def of(state: State = State.INVESTIGATING, category: Category = Category.OTHER) -> Incident:
    return replace(incident(state), category=category)


@pytest.mark.parametrize(
    ("part", "incident", "does"),
    [
        (Part.OWNER, of(), ["lead", "tell", "restore"]),
        (Part.OWNER, of(State.REPORTED), ["lead", "tell", "restore"]),
        (Part.OWNER, of(State.MONITORING), []),
        (Part.OWNER, of(State.RESOLVED), ["close"]),
        (Part.OWNER, of(State.CLOSED), []),
        (Part.EXPERT, of(), ["note"]),
        (Part.EXPERT, of(category=Category.NETWORK), ["line", "far", "note"]),
        (Part.MEMBER, of(category=Category.NETWORK), []),
    ],
)
def test_each_part_does_what_state_and_category_ask_for(
    part: Part, incident: Incident, does: list[str]
) -> None:
    assert [step.text("en") for step in PLAYBOOK.steps(part, incident)] == does


def test_whoever_is_called_for_two_roles_reads_a_little_of_each_first() -> None:
    found = PLAYBOOK.first_steps([Role.OWNER, Role.EXPERT], of(category=Category.NETWORK))
    assert [step.text("en") for step in found] == ["lead", "line", "tell"]


def test_a_text_that_is_missing_is_read_in_the_other_language() -> None:
    assert Step(key="x", part=Part.OWNER, texts={"en": "Call"}).text("ja") == "Call"


def test_whoever_holds_no_role_does_what_a_member_does() -> None:
    assert parts_of([]) == (Part.MEMBER,)
    assert parts_of([Role.OWNER, Role.EXPERT]) == (Part.OWNER, Part.EXPERT)
    assert {part.value for part in Part} == {role.value for role in Role} | {"member"}


def test_what_is_skipped_is_settled_like_what_is_done() -> None:
    ticks = [
        Tick(step="owner/lead", person="UADA", at=at("14:05")),
        Tick(step="owner/tell", person="UADA", at=at("14:06"), skipped_because="電話済み"),
    ]
    found = Checklist(
        incident=of(),
        mine=(Part.OWNER,),
        steps={Part.OWNER: PLAYBOOK.steps(Part.OWNER, of())},
        ticks={tick.step: tick for tick in ticks},
    )
    assert found.settled(Part.OWNER) == 2
    assert [step.text("en") for step in found.left(Part.OWNER)] == ["restore"]
