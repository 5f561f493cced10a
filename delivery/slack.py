"""Calls to Slack, and what became of each: done, refused, not now, or nobody knows."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

TIMEOUT_SECONDS = 8.0
COSMETIC_SECONDS = 5.0
"""For what nobody waits for: a topic, a pin."""
UNREACHABLE_SECONDS = 5.0
NO_TOKEN_SECONDS = 60.0
CHANNEL_SECONDS = 1.1
NARROW_SECONDS = 30.0
CROWD = 2
CROWD_SECONDS = 5.0
"""A channel that got so many messages of ours lately is itself why Slack asks for patience."""
TURN_SECONDS = 2.0
"""So long those whose turn it is have a method for themselves: whoever waits for it looks every second."""
LONGEST_TURN = 3
BEFORE_THE_ATTEMPT = timedelta(minutes=5)
"""How far back something is looked for: two machines' clocks may differ."""
CLOCKS_DIFFER = timedelta(minutes=1)
"""Less than that may be the way of an answer, and does not matter."""
RATE_LIMITED = "ratelimited"
PERHAPS_DONE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
"""Slack's own words: part of the operation may have happened.

https://docs.slack.dev/reference/methods/conversations.create
"""
TOKEN_REFUSED = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Done:
    data: dict[str, Any]
    at: datetime | None = None
    """When Slack answered, by its own clock."""


@dataclass(frozen=True)
class Refused:
    """Slack said no, and the effect certainly did not happen."""

    error: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Throttled:
    """Slack asks for patience, cannot be reached, or takes no call at all; the effect certainly did not happen."""

    seconds: float
    why: str = RATE_LIMITED


@dataclass(frozen=True)
class Unknown:
    """The answer was lost, or Slack does not know itself."""

    why: str


Outcome = Done | Refused | Throttled | Unknown


def http_session() -> aiohttp.ClientSession:
    """One for the life of the process. The time-out is the session's: with one given, the client's own is not used."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))


def web_client(token: str, *, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client that opens no connection of its own a call, and never posts twice by itself."""
    return AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[])


class Gate:
    """Which methods Slack has asked us to leave alone, and until when. Held in memory: Slack says it again."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.heard: Callable[[str, Outcome], None] = lambda method, outcome: None
        """Told what became of every call, for those who watch the program."""
        self.ahead = timedelta(0)
        """By how much this machine's clock is ahead of Slack's, as far as that matters."""
        self._closed: dict[tuple[str, str], float] = {}
        """By method and channel; of no channel in particular, where the method is closed."""
        self._sent: dict[tuple[str, str], list[float]] = {}
        self._unexplained: dict[tuple[str, str], float] = {}
        """Of the closed ones, those where we had not sent much."""
        self._narrow: dict[tuple[str, str], float] = {}
        self._next: dict[tuple[str, str], float] = {}

    def enter(self, method: str, channel: str, turn: int = 0) -> float:
        """How long a message still has to wait; 0 when it goes now, and counts.

        Where Slack asked for patience in a channel, a while from then on only one goes each second, as Slack takes them:
        many at once would only be refused again. https://docs.slack.dev/apis/web-api/rate-limits
        """
        key, now = (method, channel), self.monotonic()
        if seconds := max(self.seconds_closed(method, channel, turn), self._next.get(key, now) - now):
            return seconds
        if self._narrow.get(key, now) > now:
            self._next[key] = now + CHANNEL_SECONDS
        return 0.0

    def seconds_closed(self, method: str, channel: str = "", turn: int = 0) -> float:
        """How long Slack asked us to wait, and those before us in turn need; 0 when calls may go."""
        now = self.monotonic()
        opened = [self._closed[key] for key in {(method, ""), (method, channel)} if key in self._closed]
        return max([0.0, *(until + turn * TURN_SECONDS - now for until in opened)])

    def sent(self, method: str, channel: str) -> None:
        """A call is on its way there."""
        now = self.monotonic()
        self._sent = {key: times for key, times in self._sent.items() if times[-1] > now - CROWD_SECONDS}
        self._sent[method, channel] = [*self._lately(method, channel), now]

    def _lately(self, method: str, channel: str) -> list[float]:
        since = self.monotonic() - CROWD_SECONDS
        return [at for at in self._sent.get((method, channel), []) if at > since]

    def close(self, method: str, seconds: float, channel: str = "") -> None:
        """Nothing of that method for so long, or, if a channel is named, nothing to that channel.

        Messages are limited in each channel, and in the workspace as a whole; Slack does not say which it was. It is
        the channel, unless we sent little there, and little to another that is refused at the same time.
        """
        now = self.monotonic()
        if channel and len(self._lately(method, channel)) < CROWD:
            self._unexplained = {key: until for key, until in self._unexplained.items() if until > now}
            self._unexplained[method, channel] = now + seconds
            if sum(of == method for of, _ in self._unexplained) > 1:
                channel = ""
        over = now - LONGEST_TURN * TURN_SECONDS
        self._closed = {key: until for key, until in self._closed.items() if until > over}
        self._closed[method, channel] = max(now + seconds, self._closed.get((method, channel), now))
        if channel:
            self._narrow = {key: until for key, until in self._narrow.items() if until > now}
            self._next = {key: until for key, until in self._next.items() if until > now}
            self._narrow[method, channel] = now + seconds + NARROW_SECONDS


@dataclass(frozen=True, kw_only=True)
class Slack:
    """Slack as delivery meets it: every call has a time-out, and closes the gate when it is told to wait."""

    client: AsyncWebClient
    gate: Gate
    machine_now: Callable[[], datetime]
    timeout: float = TIMEOUT_SECONDS
    cosmetic_timeout: float = COSMETIC_SECONDS

    def since(self, attempted_at: datetime) -> datetime:
        """From when on, by Slack's clock, what was attempted then is looked for."""
        return attempted_at - self.gate.ahead - BEFORE_THE_ATTEMPT

    async def ask(
        self, method: str, call: Callable[[], Awaitable[Any]], *, channel: str = "", cosmetic: bool = False
    ) -> Outcome:
        """Make one call and say what became of it; never raises for what Slack or the network did."""
        if seconds := self.gate.seconds_closed(method, channel):
            return Throttled(seconds, "waiting")
        if channel:
            self.gate.sent(method, channel)
        outcome = await ask(call, within=self.cosmetic_timeout if cosmetic else self.timeout)
        if isinstance(outcome, Throttled):
            if outcome.why in TOKEN_REFUSED:
                log.error("Slack refuses the bot token; check SLACK_BOT_TOKEN.", error=outcome.why)
            self.gate.close(method, outcome.seconds, channel if outcome.why == RATE_LIMITED else "")
        if isinstance(outcome, Done) and outcome.at:
            ahead = self.machine_now() - outcome.at
            self.gate.ahead = ahead if ahead > CLOCKS_DIFFER else timedelta(0)
        self.gate.heard(method, outcome)
        return outcome


async def ask(call: Callable[[], Awaitable[Any]], *, within: float = TIMEOUT_SECONDS) -> Outcome:
    """Make one call, for so many seconds at most, and say what became of it."""
    try:
        async with asyncio.timeout(within):
            response = await call()
    except SlackApiError as error:
        return _refusal(error)
    except aiohttp.ClientConnectorError as error:  # No connection was made, so nothing was sent.
        return Throttled(UNREACHABLE_SECONDS, type(error).__name__)
    except (TimeoutError, aiohttp.ClientError, OSError, SlackClientError) as error:
        return Unknown(type(error).__name__)
    return Done(dict(response.data), _answered_at(response.headers))


def _refusal(error: SlackApiError) -> Outcome:
    response = error.response
    status = getattr(response, "status_code", getattr(response, "status", 200))
    data = response.data if isinstance(getattr(response, "data", None), dict) else {}
    said = str(data.get("error", ""))
    if status == 429 or said in (RATE_LIMITED, "rate_limited"):
        return Throttled(_retry_after(getattr(response, "headers", {})))
    if said in TOKEN_REFUSED:
        return Throttled(NO_TOKEN_SECONDS, said)
    if status >= 500 or said in PERHAPS_DONE or not said:
        return Unknown(said or f"http {status}")
    return Refused(said, data)


def _answered_at(headers: Any) -> datetime | None:
    said = next((str(value) for name, value in headers.items() if str(name).lower() == "date"), "")
    try:
        return parsedate_to_datetime(said)
    except ValueError:
        return None


def _retry_after(headers: Any) -> float:
    for name, value in headers.items():
        if str(name).lower() == "retry-after":
            try:
                return max(1.0, float(value))
            except ValueError:
                break
    return 1.0
