"""People whom somebody names: who is meant, and whether Slack lets them be asked."""

import asyncio
import logging
import re

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from domain.refusals import Refusal, Why
from handlers.answers import SLACK_FAILURES
from handlers.typed import plain

log = logging.getLogger(__name__)

SLACK_SECONDS = 1.0
"""So long the person who asks waits for Slack to say who somebody is; then they are asked all the same."""
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_ONESELF = re.compile(r"[@＠]?(?:me|myself|自分|私)(?=\s|$)", re.IGNORECASE)
_NAME = re.compile(r"[@＠]\S+")


def person_named(argument: str, *, speaker: str) -> tuple[str | None, str]:
    """The Slack user id of the person a command names, and the rest of what was typed.

    `@me` is whoever speaks; None where nobody is named. Raises Refusal: ONE_PERSON_ONLY, PERSON_UNKNOWN.
    """
    mentioned = _MENTION.findall(argument)
    rest = " ".join(_MENTION.sub(" ", argument).split())
    if found := _ONESELF.search(rest):
        mentioned.append(speaker)
        rest = f"{rest[: found.start()]} {rest[found.end() :]}".strip()
    if len(set(mentioned)) > 1:
        raise Refusal(Why.ONE_PERSON_ONLY, field="person")
    if not mentioned and (name := _NAME.search(rest)):
        raise Refusal(Why.PERSON_UNKNOWN, field="person", typed=plain(name[0])[1:])
    return (mentioned[0] if mentioned else None), rest


async def check_can_be_asked(client: AsyncWebClient, person: str, *, field: str = "person") -> None:
    """Raises Refusal: PERSON_UNKNOWN, PERSON_LEFT, PERSON_IS_BOT. While Slack does not say, nobody is refused."""
    try:
        async with asyncio.timeout(SLACK_SECONDS):
            user = (await client.users_info(user=person))["user"]
    except SlackApiError as error:
        if error.response["error"] in ("user_not_found", "user_not_visible"):
            raise Refusal(Why.PERSON_UNKNOWN, field=field, typed=person) from None
        log.info("Slack did not say who %s is: %s", person, error)
        return
    except SLACK_FAILURES as error:
        log.info("Slack did not say who %s is: %s", person, error)
        return
    if user.get("deleted"):
        raise Refusal(Why.PERSON_LEFT, field=field, who=person)
    if user.get("is_bot") or person == "USLACKBOT":
        raise Refusal(Why.PERSON_IS_BOT, field=field, who=person)
