"""People may change in Slack what Hachi has put there: once it is put back, after that it is theirs."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Thing(StrEnum):
    """What Hachi puts back, by the key it is shown under."""

    TOPIC = "topic"
    PIN = "pin"


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """What became of the changes people made to one thing (machine time)."""

    put_back_at: datetime | None = None
    let_be: bool = False
    """Somebody changed it again after it was put back."""


UNTOUCHED = ByHand()


def after_change(before: ByHand, *, changed_at: datetime, now: datetime) -> ByHand | None:
    """How it stands after a change; None where the change makes no difference.

    The first change may be an accident, or made by somebody who does not know what the thing is for. The second is
    made by somebody who has seen it put back. A change from before that moment was undone together with the first.
    """
    if before.let_be:
        return None
    if before.put_back_at is None:
        return ByHand(put_back_at=now)
    if changed_at <= before.put_back_at:
        return None
    return replace(before, let_be=True)
