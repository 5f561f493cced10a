"""Reading payloads: what a button carries, which form it was in, and which request it all is."""

import re
from collections.abc import Awaitable, Callable

from domain.refusals import Refusal, Why
from handlers.front import Body, person_in

_VALUE = re.compile(r"^(\d{1,9})(?:/(\d{1,9}))?$")


def numbers_in(body: Body) -> tuple[int, int]:
    """What the pressed button carries: the incident, and its cycle, call or update (0 where it names none).

    Raises Refusal INCIDENT_UNKNOWN when it is no button of ours.
    """
    found = _VALUE.match(str(body["actions"][0].get("value") or ""))
    if not found:
        raise Refusal(Why.INCIDENT_UNKNOWN, number=None)
    return int(found[1]), int(found[2] or 0)


def request_in(body: Body) -> str:
    """Names what the person did, the same however often Slack delivers it."""
    if body.get("type") == "view_submission":
        return f"view:{body['view']['id']}"
    if actions := body.get("actions"):
        return f"action:{person_in(body)}:{actions[0]['action_id']}:{actions[0]['action_ts']}"
    return f"command:{body['trigger_id']}"


def in_form(callback_id: str) -> Callable[[Body], Awaitable[bool]]:
    """Matches what is done in this form: several forms have fields of one name."""

    async def matches(body: Body) -> bool:
        return bool((body.get("view") or {}).get("callback_id") == callback_id)

    return matches
