"""`/incident`: which command was typed, in English or Japanese, and who carries it out."""

import difflib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.incident import Incident
from domain.refusals import Refusal, Why
from domain.spelling import folded
from handlers.front import Body, Front, channel_in, person_in
from handlers.typed import plain
from services import questions
from templates.words import Words

NAMES: dict[str, tuple[str, ...]] = {
    "declare": ("new", "起票", "報告", "新規"),
    "list": ("一覧",),
    "status": ("状況",),
    "update": ("続報", "第一報"),
    "hold": ("継続",),
    "say": ("文面", "回答"),
    "assign": ("担当",),
    "call": ("招集", "呼び出し"),
    "escalate": ("エスカレーション",),
    "severity": ("重要度",),
    "case": ("ケース",),
    "task": ("タスク",),
    "timeline": ("タイムライン", "経過"),
    "resolve": ("解決", "復旧"),
    "close": ("クローズ", "完了"),
    "reopen": ("再オープン", "再開"),
    "withdraw": ("取り下げ",),
    "merge": ("統合",),
    "oncall": ("当番", "オンコール"),
    "practice": ("訓練",),
    "help": ("ヘルプ",),
}
"""Every command and its other names; scripts and habits rely on them, so they are only ever added to."""

_MEANT = {name: command for command, others in NAMES.items() for name in (command, *others)}
_NUMBER = re.compile(r"^[#＃]?(\d{1,9})$")
_TYPED_LIMIT = 40
_TITLE_FROM = 8
"""Characters from which an unknown text is taken for a title."""

Run = Callable[[Front, AsyncAck, Body, AsyncWebClient, Words, str], Awaitable[Any]]
"""`run(front, ack, body, client, words, argument)`: `argument` is what was typed after the command's name, as Slack
sends it: escaped, with people and channels as markup (`handlers.typed.plain` undoes that).

A button may stand for a command: then `body` is the button's, and `argument` the incident's number.
"""

COMMANDS: dict[str, Run] = {}
"""What each command does; one that is missing here is not offered yet. The empty name is the command alone."""


def command(name: str) -> Callable[[Run], Run]:
    """Makes the function the one that carries out this command."""

    def remember(run: Run) -> Run:
        COMMANDS[name] = run
        return run

    return remember


def shown_name(name: str, words: Words) -> str:
    """What a reader is told to type: `status`, `状況`."""
    others = NAMES[name]
    return next((one for one in others if not one.isascii()), name) if words.language == "ja" else name


async def incident_asked_for(front: Front, body: Body, argument: str) -> tuple[Incident, str]:
    """The incident a command is about, and the rest of its argument.

    A number at the start of the argument names it; without one it is the incident whose swarm the channel is. Raises
    Refusal: INCIDENT_UNKNOWN, INCIDENT_NOT_HERE.
    """
    number, rest = number_in(argument)
    return await questions.incident_here(front.desk, channel_id=channel_in(body), number=number), rest


def number_in(argument: str) -> tuple[int | None, str]:
    """The incident's number that an argument may begin with, and the rest of it."""
    first, rest = _first_word(argument)
    if found := _NUMBER.match(folded(first)):
        return int(found[1]), rest
    return None, argument.strip()


def register(app: AsyncApp, front: Front) -> None:
    # The manifest may give the command another name.
    @app.command(re.compile(r"^/.+"))
    async def dispatch(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        text = str(body.get("text") or "")
        first, argument = _first_word(text)
        if _is_title(text):
            first, argument = "declare", text
        run = _run_for(first)
        if _NUMBER.match(folded(first)):
            argument = f"{first} {argument}"
        words = await front.readers.words(client, person_in(body))
        await run(front, ack, body, client, words, argument)


def _is_command(typed: str) -> bool:
    return folded(plain(typed)) in _MEANT


def _is_title(text: str) -> bool:
    """Whether somebody in a hurry typed what is wrong straight away, rather than a command and its argument."""
    first, rest = _first_word(text)
    if _is_command(first) or _NUMBER.match(folded(first)):
        return False
    long_enough = len(plain(text)) >= _TITLE_FROM and (bool(rest) or not plain(first).isascii())
    return long_enough and not _close_to(first)


def _close_to(typed: str) -> str:
    """The command that was probably meant; empty when none is like it."""
    word = folded(plain(typed))
    offered = [name for name, meant in _MEANT.items() if meant in COMMANDS]
    return next(iter(difflib.get_close_matches(word, offered, n=1, cutoff=0.6)), "")


def _run_for(typed: str) -> Run:
    """Raises Refusal: COMMAND_UNKNOWN, COMMAND_NOT_READY."""
    typed = plain(typed)
    word = folded(typed)
    if not word or _NUMBER.match(word):
        return COMMANDS[""]
    shown = typed if len(typed) <= _TYPED_LIMIT else f"{typed[:_TYPED_LIMIT]}…"
    if word not in _MEANT:
        raise Refusal(Why.COMMAND_UNKNOWN, typed=shown, suggestion=_close_to(typed))
    if _MEANT[word] not in COMMANDS:
        raise Refusal(Why.COMMAND_NOT_READY, typed=shown)
    return COMMANDS[_MEANT[word]]


def _first_word(text: str) -> tuple[str, str]:
    # `split` counts the full-width space as one.
    first, *rest = text.split(maxsplit=1) or [""]
    return first, rest[0].strip() if rest else ""
