"""Slack's published rate limits, for those who want to meet them.

Sources: https://docs.slack.dev/apis/web-api/rate-limits (tiers) and MethodsRateLimitTier.java of
https://github.com/slackapi/java-slack-sdk (special methods). Burst sizes are not published: a method may spend
its minute at once, a channel takes five messages at once and then one a second.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

WINDOW = 60.0
PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
SPECIAL = {"auth.test": 600, "chat.getPermalink": 600, "chat.postMessage": 300}
CHANNEL_BURST = 5
CHANNEL_SECONDS = 1.0


class RateLimits:
    """Counts calls. `monotonic` tells the time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._calls: dict[str, deque[float]] = {}
        self._buckets: dict[str, tuple[float, float]] = {}

    def retry_after(self, method: str, tier: int | None, channel: str | None) -> int | None:
        """Whole seconds to wait, or None if the call may go on; a call that may go on is counted."""
        now = self._monotonic()
        most = SPECIAL.get(method) or PER_MINUTE.get(tier or 4, 100)
        calls = self._calls.setdefault(method, deque())
        while calls and now - calls[0] >= WINDOW:
            calls.popleft()
        if len(calls) >= most:
            return max(1, math.ceil(calls[0] + WINDOW - now))
        if method == "chat.postMessage" and channel is not None:
            tokens, then = self._buckets.get(channel, (float(CHANNEL_BURST), now))
            tokens = min(float(CHANNEL_BURST), tokens + (now - then) / CHANNEL_SECONDS)
            if tokens < 1:
                self._buckets[channel] = (tokens, now)
                return 1
            self._buckets[channel] = (tokens - 1, now)
        calls.append(now)
        return None
