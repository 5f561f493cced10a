"""Channels: names, invitations, privacy, archives."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from sandbox import PersonSpec


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("inc-1-決済が落ちる", ""),
        ("inc_2", ""),
        ("x" * 80, ""),
        ("カード-ー", ""),
        ("x" * 81, "invalid_name_maxlength"),
        ("", "invalid_name_required"),
        ("---", "invalid_name_punctuation"),
        ("Inc-1", "invalid_name_specials"),
        ("inc 1", "invalid_name_specials"),
        ("inc.1", "invalid_name_specials"),
        ("inc-1!", "invalid_name_specials"),
        ("inc-🔥", "invalid_name_specials"),
        ("support", "name_taken"),
    ],
)
async def test_a_channel_name_must_suit_slack(world, name, error):
    assert await world.error("conversations.create", name=name) == error


async def test_the_name_of_an_archived_channel_stays_taken_and_that_of_a_deleted_one_is_free(world):
    world.sandbox.archive("lobby")
    assert await world.error("conversations.create", name="lobby") == "name_taken"
    world.sandbox.delete_channel("lobby")
    assert await world.error("conversations.create", name="lobby") == ""


async def test_whoever_makes_a_channel_is_its_first_member(world):
    made = (await world.client.conversations_create(name="inc-1", is_private=True))["channel"]
    assert made["creator"] == world.sandbox.bot_user_id
    assert made["is_private"]
    assert made["created"] > 0
    members = await world.client.conversations_members(channel=made["id"])
    assert members["members"] == [world.sandbox.bot_user_id]


async def test_one_bad_invitation_spoils_all_unless_forced(world):
    hana, ben, sita = (world.sandbox.person(name).id for name in ("hana", "ben", "sita"))
    channel = (await world.client.conversations_create(name="inc-1"))["channel"]["id"]
    await world.client.conversations_invite(channel=channel, users=hana)
    with pytest.raises(SlackApiError) as refused:
        await world.client.conversations_invite(channel=channel, users=[hana, ben])
    assert refused.value.response["error"] == "already_in_channel"
    assert refused.value.response["errors"] == [{"ok": False, "error": "already_in_channel", "user": hana}]
    assert ben not in world.sandbox.channel("inc-1").members
    forced = await world.client.conversations_invite(
        channel=channel, users=[hana, ben, "U0", sita], force=True
    )
    assert [one["error"] for one in forced["errors"]] == ["already_in_channel", "user_not_found"]
    assert world.sandbox.channel("inc-1").members[1:] == [hana, ben, sita]


async def test_invitations_that_cannot_be(make_world):
    people = [PersonSpec(f"p{n}") for n in range(101)] + [PersonSpec("gone", deactivated=True)]
    world = await make_world(people=people, channels=())
    channel = (await world.client.conversations_create(name="inc-1"))["channel"]["id"]
    everybody = ",".join(world.sandbox.person(f"p{n}").id for n in range(101))
    cases = {
        everybody: "too_many_users",
        world.sandbox.bot_user_id: "cant_invite_self",
        "U0": "user_not_found",
        world.sandbox.person("gone").id: "user_disabled",
        ",": "no_user",
    }
    for users, error in cases.items():
        assert await world.error("conversations.invite", channel=channel, users=users) == error


async def test_a_private_channel_is_invisible_to_an_app_that_is_not_in_it(world):
    secret = world.sandbox.channel("secret").id
    for method in (
        "conversations.info",
        "conversations.members",
        "conversations.history",
        "conversations.join",
    ):
        assert await world.error(method, channel=secret) == "channel_not_found"
    assert await world.error("chat.postMessage", channel=secret, text="x") == "channel_not_found"
    listed = await world.client.conversations_list(types="public_channel,private_channel")
    assert [channel["name"] for channel in listed["channels"]] == ["support", "lobby"]


async def test_a_public_channel_is_visible_but_must_be_joined_to_be_used(world):
    lobby = world.sandbox.channel("lobby").id
    assert (await world.client.conversations_info(channel=lobby))["channel"]["is_member"] is False
    assert await world.error("chat.postMessage", channel=lobby, text="x") == "not_in_channel"
    assert await world.error("conversations.history", channel=lobby) == "not_in_channel"
    assert await world.error("conversations.setTopic", channel=lobby, topic="x") == "not_in_channel"
    await world.client.conversations_join(channel=lobby)
    assert await world.error("chat.postMessage", channel=lobby, text="x") == ""
    mine = await world.client.users_conversations()
    assert [channel["name"] for channel in mine["channels"]] == ["support", "lobby"]


async def test_nothing_changes_in_an_archived_channel(world):
    support = world.sandbox.channel("support").id
    hana = world.sandbox.person("hana").id
    ts = (await world.client.chat_postMessage(channel=support, text="x"))["ts"]
    await world.client.conversations_archive(channel=support)
    cases = [
        ("chat.postMessage", {"text": "x"}, "is_archived"),
        ("chat.update", {"text": "y", "ts": ts}, "is_inactive"),
        ("conversations.setTopic", {"topic": "x"}, "is_archived"),
        ("conversations.rename", {"name": "x"}, "is_archived"),
        ("conversations.invite", {"users": hana}, "is_archived"),
        ("conversations.join", {}, "is_archived"),
        ("pins.add", {"timestamp": ts}, "is_archived"),
        ("reactions.add", {"timestamp": ts, "name": "eyes"}, "is_archived"),
        ("conversations.archive", {}, "already_archived"),
        ("conversations.unarchive", {}, "not_in_channel"),
    ]
    for method, args, error in cases:
        assert await world.error(method, channel=support, **args) == error, method


async def test_a_topic_has_at_most_250_characters(world):
    support = world.sandbox.channel("support")
    await world.client.conversations_setTopic(channel=support.id, topic="決" * 250)
    assert support.topic == "決" * 250
    assert await world.error("conversations.setTopic", channel=support.id, topic="x" * 251) == "too_long"


async def test_an_open_dm_is_found_again(world):
    hana = world.sandbox.person("hana").id
    first = await world.client.conversations_open(users=hana)
    second = await world.client.conversations_open(users=hana)
    assert first["channel"] == second["channel"]
    assert second["already_open"]
    world.sandbox.deactivate_person("ben")
    assert await world.error("conversations.open", users=world.sandbox.person("ben").id) == "user_disabled"
    assert await world.error("conversations.open") == "users_list_not_supplied"


async def test_people_are_removed_and_the_app_leaves(world):
    support, hana = world.sandbox.channel("support"), world.sandbox.person("hana")
    await world.client.conversations_kick(channel=support.id, user=hana.id)
    assert hana.channels() == ["lobby", "secret"]
    assert hana.messages("support") == []
    await world.client.conversations_leave(channel=support.id)
    assert await world.error("conversations.kick", channel=support.id, user=hana.id) == "not_in_channel"


async def test_bookmarks_stand_at_the_head_of_a_channel(world):
    support = world.sandbox.channel("support").id
    await world.client.bookmarks_add(channel_id=support, title="Map", type="link", link="https://example.com")
    assert (await world.client.bookmarks_list(channel_id=support))["bookmarks"][0]["title"] == "Map"
    bad = {"channel_id": support, "title": "x", "type": "link", "link": "ftp://x"}
    assert await world.error("bookmarks.add", **bad) == "invalid_link"
