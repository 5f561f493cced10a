"""The people and channels of the settings, matched with Slack's, and the language each person reads."""

from collections.abc import Mapping
from typing import Any

from domain.team import Team
from services.desk import Desk
from storage.directory import Known as Known
from storage.directory import language_of


def known_as(who: str, user: Mapping[str, Any]) -> Known:
    """A person as Slack describes them. https://docs.slack.dev/reference/objects/user-object"""
    profile = user.get("profile") or {}
    gone = bool(user.get("deleted"))
    return Known(
        who=who,
        slack_id=None if gone else user["id"],
        name=profile.get("display_name") or profile.get("real_name") or user.get("real_name") or who,
        locale=user.get("locale") or "",
        timezone=user.get("tz") or "",
        missing=gone,
    )


async def note_person(desk: Desk, known: Known) -> None:
    async with desk.database.transaction() as tx:
        await tx.directory.note_people([known], at=desk.now())


async def known(desk: Desk, slack_id: str) -> Known | None:
    """What Slack said of a person when they were last looked up."""
    async with desk.database.reading() as tx:
        return await tx.directory.person(slack_id)


def reads(team: Team, known: Known | None) -> tuple[str, str]:
    """The language and the time zone of what a person reads; the team's where Slack does not say."""
    if known is None:
        return team.language, team.timezone
    language = language_of(known.locale) if known.locale else team.language
    return language, known.timezone or team.timezone


async def names(desk: Desk) -> Mapping[str, str]:
    """Display names by Slack user id."""
    async with desk.database.reading() as tx:
        return {person.slack_id: person.name for person in await tx.directory.people() if person.slack_id}


async def slack_ids(desk: Desk) -> Mapping[str, str]:
    """Slack user id by the name the settings use."""
    async with desk.database.reading() as tx:
        return await tx.directory.slack_ids()
