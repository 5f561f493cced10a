"""Calls to Slack, and what became of each: done, refused, throttled, or nobody knows."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

TIMEOUT_SECONDS = 8
PERHAPS_DONE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
"""Slack's own words: part of the operation may have happened.

https://docs.slack.dev/reference/methods/conversations.create
"""


@dataclass(frozen=True)
class Done:
    data: dict[str, Any]


@dataclass(frozen=True)
class Refused:
    """Slack said no, and the effect certainly did not happen."""

    error: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Throttled:
    """Slack asks for patience; the effect certainly did not happen."""

    seconds: float


@dataclass(frozen=True)
class Unknown:
    """The answer was lost, or Slack does not know itself."""

    why: str


Outcome = Done | Refused | Throttled | Unknown


def web_client(token: str, *, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client that opens no connection of its own a call, and never posts twice by itself."""
    return AsyncWebClient(
        token=token, base_url=base_url, session=session, timeout=TIMEOUT_SECONDS, retry_handlers=[]
    )


class Gate:
    """Which methods Slack has asked us to leave alone, and until when. Held in memory: Slack says it again."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._closed: dict[str, float] = {}

    def seconds_closed(self, method: str, channel: str = "") -> float:
        """How long calls still have to wait; 0 when they may go."""
        now = self.monotonic()
        return max(0.0, *(self._closed.get(key, now) - now for key in (method, f"{method} {channel}")))

    def close(self, method: str, seconds: float, channel: str = "") -> None:
        key = f"{method} {channel}" if channel else method
        self._closed[key] = self.monotonic() + seconds


async def ask(call: Callable[[], Awaitable[Any]]) -> Outcome:
    """Make one call and say what became of it; never raises for what Slack or the network did."""
    try:
        response = await call()
    except SlackApiError as error:
        return _refusal(error)
    except (TimeoutError, aiohttp.ClientError, OSError, SlackClientError) as error:
        return Unknown(type(error).__name__)
    return Done(dict(response.data))


def _refusal(error: SlackApiError) -> Outcome:
    response = error.response
    status = getattr(response, "status_code", 200)
    data = response.data if isinstance(getattr(response, "data", None), dict) else {}
    said = str(data.get("error", ""))
    if status == 429 or said == "ratelimited":
        headers = {name.lower(): value for name, value in getattr(response, "headers", {}).items()}
        return Throttled(float(headers.get("retry-after", 1)))
    if status >= 500 or said in PERHAPS_DONE or not said:
        return Unknown(said or f"http {status}")
    return Refused(said, data)
