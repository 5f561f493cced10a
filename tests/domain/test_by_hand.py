"""What people change by hand is put back once; whoever changes it again keeps it."""

from datetime import timedelta

from domain.by_hand import UNTOUCHED, ByHand, after_change
from tests.domain.times import at

PUT_BACK = ByHand(put_back_at=at("14:00:01"))


def test_the_first_change_is_put_back() -> None:
    assert after_change(UNTOUCHED, changed_at=at("14:00"), now=at("14:00:01")) == PUT_BACK


def test_the_next_change_is_let_be_and_so_is_every_other() -> None:
    theirs = after_change(PUT_BACK, changed_at=at("14:02"), now=at("14:02:01"))
    assert theirs == ByHand(put_back_at=PUT_BACK.put_back_at, let_be=True)
    assert after_change(theirs, changed_at=at("14:03"), now=at("14:03:01")) is None


def test_a_change_slack_tells_of_late_or_again_was_put_back_with_the_first() -> None:
    for late in (timedelta(0), timedelta(seconds=1)):
        assert after_change(PUT_BACK, changed_at=at("14:00:01") - late, now=at("14:05")) is None
