"""A few small checks from which the shapes of Slack's JSON are put together.

A check takes a value, the JSON pointer where it stands, and a list to which it adds what is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str, list[str]], None]


def complain(problems: list[str], what: str, pointer: str) -> None:
    """Add a complaint in Slack's wording."""
    problems.append(f"{what} [json-pointer:{pointer}]")


def string(most: int | None = None, least: int = 1, pattern: str | None = None) -> Check:
    """A string of `least` to `most` characters, optionally of one form."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, str):
            complain(problems, "must provide a string", pointer)
        elif len(value) < least:
            complain(problems, f"must be more than {least - 1} characters", pointer)
        elif most is not None and len(value) > most:
            complain(problems, f"must be less than {most + 1} characters", pointer)
        elif pattern is not None and not re.fullmatch(pattern, value):
            complain(problems, "value does not match the expected format", pointer)

    return check


def boolean(value: Any, pointer: str, problems: list[str]) -> None:
    """True or false."""
    if not isinstance(value, bool):
        complain(problems, "must provide a boolean", pointer)


def integer(least: float = -math.inf, most: float = math.inf) -> Check:
    """A whole number between two bounds, both allowed."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            complain(problems, "must provide a number", pointer)
        elif value < least:
            complain(problems, f"must be greater than or equal to {least:g}", pointer)
        elif value > most:
            complain(problems, f"must be less than or equal to {most:g}", pointer)

    return check


def numeral(value: Any, pointer: str, problems: list[str]) -> None:
    """A number written as a string."""
    try:
        finite = isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        finite = False
    if not finite:
        complain(problems, "must provide a number as a string", pointer)


def choice(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if value not in allowed:
            complain(problems, f"must be a valid enum value: {', '.join(allowed)}", pointer)

    return check


def anything(value: Any, pointer: str, problems: list[str]) -> None:
    """No check: the sandbox keeps it as it is."""


def items(check: Check, least: int = 0, most: int | None = None) -> Check:
    """A list of `least` to `most` items, each of which passes `check`."""

    def check_all(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            complain(problems, "must provide an array", pointer)
            return
        if len(value) < least:
            complain(problems, f"no fewer than {least} items allowed", pointer)
        if most is not None and len(value) > most:
            complain(problems, f"no more than {most} items allowed", pointer)
        for index, item in enumerate(value):
            check(item, f"{pointer}/{index}", problems)

    return check_all


def record(fields: Mapping[str, Check], required: tuple[str, ...] = (), then: Check | None = None) -> Check:
    """An object with these fields and no others; `then` checks what concerns several fields at once."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            complain(problems, "must provide an object", pointer)
            return
        before = len(problems)
        for name in required:
            if name not in value:
                complain(problems, f"missing required field: {name}", pointer)
        for name, inner in value.items():
            if name not in fields:
                complain(problems, f"invalid additional property: {name}", pointer)
            else:
                fields[name](inner, f"{pointer}/{name}", problems)
        if then is not None and len(problems) == before:
            then(value, pointer, problems)

    return check


def by_type(kinds: Mapping[str, Check], allowed: frozenset[str] | None = None) -> Check:
    """An object whose `type` says which check it must pass."""

    def check(value: Any, pointer: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            complain(problems, "must provide an object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            complain(problems, "missing required field: type", pointer)
        elif not isinstance(kind, str) or kind not in kinds or (allowed is not None and kind not in allowed):
            complain(problems, f"unsupported type: {kind}", f"{pointer}/type")
        else:
            kinds[kind](value, pointer, problems)

    return check
