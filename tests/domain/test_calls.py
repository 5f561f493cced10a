"""How long a call waits, who has taken it, and when nobody is left to ask."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.absence import Absence
from domain.call_time_outs import CallTimeOuts
from domain.calls import accept, asked_together, ends, line_of, taker, time_left
from domain.hand_over import offered, place_of
from domain.incident import Role
from domain.ladder import answering_for_owner
from domain.refusals import Refusal, Why
from domain.roster import Answer, Call
from domain.severity import Severity
from tests.domain.times import at, minutes

ANSWERS = {
    "?": Answer.WAITING,
    "+": Answer.ACCEPTED,
    "-": Answer.DECLINED,
    "!": Answer.UNANSWERED,
    "x": Answer.TAKEN,
    "o": Answer.OVER,
    "h": Answer.HANDED_OVER,
    "c": Answer.CALLED_OFF,
}


def calls(said: str) -> tuple[Call, ...]:
    """`owner:ada! ben?` is one place after the other: `!` no answer, `?` waiting, `+` yes, `-` no, `x` taken, `o` over.

    `h` has handed over, `c` was called off; `(hana)+` stands in; `~mei?` is asked to take over from the one before; `=1`
    was asked with call 1; a new place begins at each role.
    """
    made: list[Call] = []
    for word in said.split():
        role, _, rest = word.rpartition(":")
        rest, _, lead = rest.partition("=")
        before = made[-1] if made and not role else None
        takes_over = rest.startswith("~")
        made.append(
            Call(
                number=len(made) + 1,
                role=Role(role) if role else made[-1].role,
                person=rest[:-1].strip("~()"),
                called_at=at("14:00"),
                answer=ANSWERS[rest[-1]],
                stands_in=rest.startswith("("),
                follows=before.number if before and not takes_over else None,
                hands_over=before.number if before and takes_over else None,
                asked_with=int(lead) if lead else None,
            )
        )
    return tuple(made)


def shown(made: tuple[Call, ...]) -> str:
    signs = {answer: sign for sign, answer in ANSWERS.items()}
    return " ".join(f"{one.person}{signs[one.answer]}" for one in made)


@pytest.mark.parametrize(("severity", "wait"), [(1, 5), (2, 10), (3, 10), (4, 10), (5, 10)])
def test_a_call_waits_five_minutes_at_severity_1_and_ten_otherwise(severity: int, wait: int) -> None:
    assert CallTimeOuts().of(Severity(severity)) == minutes(wait)


@pytest.mark.parametrize(
    ("reached", "away", "now", "left"),
    [
        ("14:00", [], "14:00", 5),
        ("14:00", [], "14:03", 2),
        ("14:00", [], "14:05", 0),
        ("14:02", [], "14:05", 2),  # From when it could be read, not from when it was asked.
        (None, [], "15:00", 5),  # Slack was down: nobody has read it yet.
        ("14:00", ["14:01 15:01"], "15:01", 4),  # Hachi was away: no answer could have come.
        ("14:00", ["13:00 14:02"], "14:05", 2),
        ("14:00", ["14:01 14:03", "14:02 14:04"], "14:05", 3),
        ("14:00", ["14:01 "], "14:30", 4),  # Slack is away still.
    ],
)
def test_what_is_left_to_answer_in(reached: str | None, away: list[str], now: str, left: int) -> None:
    call = replace(calls("owner:ada?")[0], reached_at=at(reached) if reached else None)
    absences = []
    for span in away:
        since, _, until = span.partition(" ")
        absences.append(Absence(since=at(since), until=at(until) if until else None))
    assert time_left(call, minutes(5), absences, now=at(now)) == timedelta(minutes=left)


@pytest.mark.parametrize(
    ("before", "who", "after"),
    [
        ("owner:ada?", 1, "ada+"),
        ("owner:ada+", 1, "ada+"),
        # A late yes is welcome while nobody else has said it; whoever was asked instead need not answer any more.
        ("owner:ada! ben?", 1, "ada+ benx"),
        ("owner:ada! ben- cho?", 1, "ada+ ben- chox"),
        ("owner:ada! (hana)+", 1, "ada+ hanax"),
        ("owner:ada! ben! (hana)+", 2, "ada! ben+ hanax"),
        # Other places are not touched, one person's two roles are one.
        ("expert:mei? expert:jun?", 1, "mei+ jun?"),
        ("owner:ada? duty_manager:ada?=1", 1, "ada+ ada+"),
        ("owner:ada! ben+ duty_manager:ada!=1", 1, "ada! ben+ ada+"),
        # Whoever accepts what is handed over has it; until then whoever has it may still say yes first.
        ("owner:ada+ ~mei?", 2, "adah mei+"),
        ("owner:ada+ ~mei+ ~jun?", 3, "adah meih jun+"),
        ("owner:ada? ~mei?", 2, "adax mei+"),
        ("owner:ada? ~mei?", 1, "ada+ meix"),
        ("owner:(hana)+ ~mei?", 2, "hanax mei+"),
        ("owner:ada! ben? ~mei?", 3, "ada! benx mei+"),
    ],
)
def test_what_a_yes_changes(before: str, who: int, after: str) -> None:
    asked = calls(before)
    changed = {one.number: one for one in accept(asked[who - 1], asked, now=at("14:06"))}
    assert shown(tuple(changed.get(one.number, one) for one in asked)) == after


@pytest.mark.parametrize(
    ("said", "who", "by"),
    [
        ("owner:ada! ben+", 1, "ben"),
        ("owner:ada+ benx", 2, "ada"),
        ("owner:ada! ben+ duty_manager:ada-=1", 1, "ben"),
        ("owner:ada! ben?", 1, None),
        ("owner:ada! (hana)+", 1, None),
        ("owner:ada! ben+ duty_manager:ada!=1", 1, None),  # Half of it is still to be had.
    ],
)
def test_who_comes_second_is_told_who_was_first(said: str, who: int, by: str | None) -> None:
    asked = calls(said)
    found = taker(asked[who - 1], asked)
    assert (found and found.person) == by


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("owner:ada-", 1),
        ("owner:ada- ben?", 1),
        ("owner:adao", 1),
        ("owner:ada+ ~mei!", 2),  # Ada goes on by now.
        ("owner:ada+ ~meic", 2),
        ("owner:adah ~mei+", 1),
    ],
)
def test_what_was_declined_or_is_over_cannot_be_accepted(said: str, who: int) -> None:
    asked = calls(said)
    with pytest.raises(Refusal) as refused:
        accept(asked[who - 1], asked, now=at("14:06"))
    assert refused.value.why is Why.CALL_OVER


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("owner:ada?", ""),
        ("owner:ada! ben?", ""),
        ("owner:ada! ben+", ""),
        ("owner:ada!", "ada"),
        ("owner:ada! ben-", "ben"),
        ("owner:ada! ben- (hana)+", "ben"),
        ("owner:(hana)+", ""),  # Nobody was there to be asked: the briefing says so from the beginning.
        ("expert:mei! expert:jun+ owner:ada-", "mei ada"),
        ("owner:ada+ benx", ""),
        ("owner:ada+ ~mei-", ""),  # Ada has it still.
        ("owner:(hana)+ ~mei!", ""),
        ("owner:ada! (hana)+ ~mei-", "ada"),
    ],
)
def test_where_nobody_is_left_to_ask(said: str, left: str) -> None:
    assert " ".join(one.person for one in ends(calls(said))) == left


def test_everybody_asked_for_one_place_is_one_line_and_everything_asked_in_one_message_one_answer() -> None:
    asked = calls("owner:ada! ben? expert:mei! jun? duty_manager:ada!=1")
    assert [one.person for one in line_of(asked[3], asked)] == ["mei", "jun"]
    assert [one.number for one in asked_together(asked[4], asked)] == [1, 5]
    assert [one.number for one in asked_together(asked[1], asked)] == [2]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("owner:ada+ duty_manager:cho?", "ada"),
        ("owner:ada? duty_manager:cho?", "ada hana cho"),
        ("owner:ada! ben? duty_manager:cho+", "ben hana cho"),
        ("owner:ada! (hana)+ duty_manager:cho+", "hana cho"),
        ("owner:(hana)+ duty_manager:(hana)+", "hana"),
        ("owner:ada? duty_manager:ada?", "ada hana"),
        ("owner:ada+ ~mei? duty_manager:cho+", "ada"),
        ("owner:adah ~mei+ duty_manager:cho+", "mei"),
        ("owner:ada! (hana)+ ~mei? duty_manager:cho+", "hana cho"),
    ],
)
def test_until_an_owner_has_accepted_whoever_declared_and_the_duty_manager_are_told_too(
    said: str, told: str
) -> None:
    assert " ".join(answering_for_owner(calls(said), declared_by="hana")) == told


@pytest.mark.parametrize(
    ("said", "role", "by", "place"),
    [
        ("owner:ada+", "owner", "cho", "ada"),
        ("owner:ada?", "owner", "cho", "ada"),
        ("owner:ada! ben+", "owner", "cho", "ben"),
        ("owner:adah ~mei+", "owner", "cho", "mei"),
        ("owner:ada+ ~mei?", "owner", "cho", "ada"),
        ("expert:mei+", "expert", "mei", None),  # Another expert is one more.
        ("service_level_manager:sita+", "service_level_manager", "cho", "sita"),
        ("service_level_manager:sita+ service_level_manager:sato+", "service_level_manager", "sato", "sato"),
        ("service_level_manager:sita+ service_level_manager:sato+", "service_level_manager", "cho", None),
        ("owner:ada+", "duty_manager", "cho", None),
    ],
)
def test_whose_place_is_handed_over(said: str, role: str, by: str, place: str | None) -> None:
    found = place_of(Role(role), calls(said), {}, by=by)
    assert (found and found.person) == place


@pytest.mark.parametrize(
    ("said", "asked"),
    [("owner:ada+ ~mei?", "mei"), ("owner:ada+ ~mei-", None), ("owner:ada+ ~meic ~jun?", "jun")],
)
def test_who_is_being_asked_to_take_over(said: str, asked: str | None) -> None:
    made = calls(said)
    found = offered(made[0], made)
    assert (found and found.person) == asked
