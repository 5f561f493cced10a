"""Messages: what is kept, who is pinged, what an edit leaves, what only one person sees."""

from __future__ import annotations

import asyncio
import json

import pytest

CARD = {"event_type": "card", "event_payload": {"key": "1/briefing"}}
SECTION = [{"type": "section", "text": {"type": "mrkdwn", "text": "in blocks"}}]
BUTTON = {"type": "button", "action_id": "go", "value": "1", "text": {"type": "plain_text", "text": "Go"}}


async def test_metadata_comes_back_whole_only_when_asked_for(world):
    channel = world.sandbox.channel("support").id
    await world.client.chat_postMessage(channel=channel, text="x", metadata=CARD)
    whole = await world.client.conversations_history(channel=channel, include_all_metadata=True)
    assert whole["messages"][0]["metadata"] == CARD
    short = await world.client.conversations_history(channel=channel)
    assert short["messages"][0]["metadata"] == {"event_type": "card"}


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("{", "invalid_metadata_format"),
        ("[]", "invalid_metadata_format"),
        ('{"event_type": "x"}', "invalid_metadata_schema"),
        ('{"event_type": "x", "event_payload": {}, "more": 1}', "invalid_metadata_schema"),
    ],
)
async def test_metadata_must_have_its_form(world, metadata, error):
    channel = world.sandbox.channel("support").id
    assert await world.error("chat.postMessage", channel=channel, text="x", metadata=metadata) == error


async def test_timestamps_are_unique_and_rise(world):
    channel = world.sandbox.channel("support").id
    posts = [world.client.chat_postMessage(channel=channel, text=str(n)) for n in range(50)]
    stamps = [post["ts"] for post in await asyncio.gather(*posts)]
    assert len(set(stamps)) == 50
    kept = [message.ts for message in world.sandbox.channel("support").messages]
    assert kept == sorted(kept)


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "C0", "text": "x"}, "channel_not_found"),
        ({"channel": "U0", "text": "x"}, "channel_not_found"),
        ({"channel": "support"}, "no_text"),
        ({"channel": "support", "text": "  "}, "no_text"),
        ({"channel": "support", "text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"channel": "support", "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"channel": "support", "blocks": "{}"}, "invalid_blocks_format"),
        ({"channel": "#support", "text": "by name"}, ""),
    ],
)
async def test_a_post_that_cannot_be_is_refused(world, args, error):
    assert await world.error("chat.postMessage", **args) == error


async def test_a_mention_pings_members_only(world):
    sandbox = world.sandbox
    hana, sita = sandbox.person("hana"), sandbox.person("sita")
    channel = sandbox.channel("support")
    await world.client.chat_postMessage(channel=channel.id, text=f"<@{hana.id}> and <@{sita.id}>")
    assert channel.messages[-1].notified == (hana.id,)
    assert sita.notifications == []
    await world.client.chat_postMessage(channel=channel.id, text="<!channel> hear")
    assert set(channel.messages[-1].notified) == {hana.id, sandbox.person("ben").id}
    escaped = [{"type": "section", "text": {"type": "plain_text", "text": "<!here>"}}]
    await world.client.chat_postMessage(channel=channel.id, text="&lt;!here&gt;", blocks=escaped)
    assert channel.messages[-1].notified == ()


async def test_a_mention_in_blocks_pings_too_and_an_edit_pings_nobody(world):
    hana, channel = world.sandbox.person("hana"), world.sandbox.channel("support")
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": f"<@{hana.id}>"}}]
    ts = (await world.client.chat_postMessage(channel=channel.id, text="x", blocks=blocks))["ts"]
    assert len(hana.notifications) == 1
    await world.client.chat_update(channel=channel.id, ts=ts, text=f"<@{hana.id}> again")
    assert len(hana.notifications) == 1


async def test_a_dm_pings_its_person(world):
    hana = world.sandbox.person("hana")
    posted = await world.client.chat_postMessage(channel=hana.id, text="hello")
    assert posted["channel"].startswith("D")
    assert [message.text for message in hana.notifications] == ["hello"]
    assert [message.text for message in hana.dm()] == ["hello"]


async def test_an_update_without_blocks_removes_them_and_one_with_blocks_is_not_marked(world):
    channel = world.sandbox.channel("support")
    ts = (await world.client.chat_postMessage(channel=channel.id, text="x", blocks=SECTION, metadata=CARD))[
        "ts"
    ]
    (message,) = channel.messages
    await world.client.chat_update(channel=channel.id, ts=ts, text="y", blocks=SECTION)
    assert (message.edited, message.edits, len(message.blocks)) == (None, 1, 1)
    assert await world.error("chat.update", channel=channel.id, ts=ts, metadata=json.dumps(CARD)) == ""
    assert len(message.blocks) == 1
    await world.client.chat_update(channel=channel.id, ts=ts, text="z")
    assert message.edited is not None
    assert message.blocks == []
    assert message.metadata == CARD
    assert await world.error("chat.update", channel=channel.id, ts=ts, text="x" * 4001) == "msg_too_long"


async def test_only_its_own_messages_can_be_changed_by_the_app(world):
    hana, channel = world.sandbox.person("hana"), world.sandbox.channel("support")
    theirs = await hana.post("support", "mine")
    cases = [
        ("chat.update", theirs.ts, "cant_update_message"),
        ("chat.delete", theirs.ts, "cant_delete_message"),
        ("chat.update", "1111111111.000000", "message_not_found"),
        ("chat.delete", "1111111111.000000", "message_not_found"),
    ]
    for method, ts, error in cases:
        assert await world.error(method, channel=channel.id, ts=ts, text="x") == error


async def test_what_only_one_person_sees_is_in_nobodys_history(world):
    sandbox = world.sandbox
    hana, ben, channel = sandbox.person("hana"), sandbox.person("ben"), sandbox.channel("support")
    sent = await world.client.chat_postEphemeral(channel=channel.id, user=hana.id, text="psst")
    assert [message.text for message in hana.messages("support")] == ["psst"]
    assert ben.messages("support") == []
    assert (await world.client.conversations_history(channel=channel.id))["messages"] == []
    ts = sent["message_ts"]
    assert await world.error("chat.update", channel=channel.id, ts=ts, text="x") == "message_not_found"
    sita = sandbox.person("sita").id
    error = await world.error("chat.postEphemeral", channel=channel.id, user=sita, text="x")
    assert error == "user_not_in_channel"


async def test_history_is_read_newest_first_between_two_times(world):
    channel = world.sandbox.channel("support").id
    stamps = [(await world.client.chat_postMessage(channel=channel, text=str(n)))["ts"] for n in range(5)]
    await world.client.chat_postMessage(channel=channel, text="reply", thread_ts=stamps[0])

    async def texts(**args):
        return [
            m["text"] for m in (await world.client.conversations_history(channel=channel, **args))["messages"]
        ]

    assert await texts() == ["4", "3", "2", "1", "0"]
    assert await texts(oldest=stamps[1], latest=stamps[3]) == ["2"]
    assert await texts(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["3", "2", "1"]
    assert await texts(limit=2) == ["4", "3"]
    thread = await world.client.conversations_replies(channel=channel, ts=stamps[0])
    assert [message["text"] for message in thread["messages"]] == ["0", "reply"]
    assert thread["messages"][0]["reply_count"] == 1
    assert await world.error("conversations.history", channel=channel, oldest="x") == "invalid_ts_oldest"
    assert await world.error("conversations.replies", channel=channel, ts="1.0") == "thread_not_found"


async def test_history_may_lag_behind(world):
    channel = world.sandbox.channel("support").id
    world.sandbox.history_lag = 60.0
    await world.client.chat_postMessage(channel=channel, text="x")
    assert (await world.client.conversations_history(channel=channel))["messages"] == []
    world.sandbox.history_lag = 0.0
    assert len((await world.client.conversations_history(channel=channel))["messages"]) == 1


async def test_a_message_is_pinned_once(world):
    channel = world.sandbox.channel("support")
    ts = (await world.client.chat_postMessage(channel=channel.id, text="x"))["ts"]
    await world.client.pins_add(channel=channel.id, timestamp=ts)
    (message,) = channel.messages
    assert message.pinned
    assert [
        item["message"]["ts"] for item in (await world.client.pins_list(channel=channel.id))["items"]
    ] == [ts]
    assert await world.error("pins.add", channel=channel.id, timestamp=ts) == "already_pinned"
    world.sandbox.unpin(message)
    assert await world.error("pins.remove", channel=channel.id, timestamp=ts) == "no_pin"
    assert await world.error("pins.add", channel=channel.id) == "no_item_specified"
    assert await world.error("pins.add", channel=channel.id, timestamp="1") == "bad_timestamp"


async def test_a_reaction_is_given_once_by_each(world):
    channel, hana = world.sandbox.channel("support"), world.sandbox.person("hana")
    ts = (await world.client.chat_postMessage(channel=channel.id, text="x"))["ts"]
    await hana.react("eyes", channel.messages[0])
    await world.client.reactions_add(channel=channel.id, timestamp=ts, name="eyes")
    got = await world.client.reactions_get(channel=channel.id, timestamp=ts)
    assert got["message"]["reactions"] == [
        {"name": "eyes", "users": [hana.id, world.sandbox.bot_user_id], "count": 2}
    ]
    assert (
        await world.error("reactions.add", channel=channel.id, timestamp=ts, name="eyes") == "already_reacted"
    )
    await world.client.reactions_remove(channel=channel.id, timestamp=ts, name="eyes")
    assert (
        await world.error("reactions.remove", channel=channel.id, timestamp=ts, name="eyes") == "no_reaction"
    )


async def test_a_deleted_message_is_gone_with_its_pin(world):
    channel = world.sandbox.channel("support")
    ts = (await world.client.chat_postMessage(channel=channel.id, text="x"))["ts"]
    await world.client.pins_add(channel=channel.id, timestamp=ts)
    world.sandbox.delete_message(channel.messages[0])
    assert channel.messages == []
    assert channel.pins == []
    assert await world.error("chat.update", channel=channel.id, ts=ts, text="y") == "message_not_found"


async def test_a_response_url_works_five_times_within_thirty_minutes(world, bolt, connect):
    app, hana = bolt(world), world.sandbox.person("hana")
    urls: list[str] = []

    @app.command("/incident")
    async def command(ack, body):
        urls.append(body["response_url"])
        await ack()

    await connect(app, world)
    await hana.command("/incident", channel="support")
    await hana.command("/incident", channel="support")

    async def say(url: str, **body) -> int:
        async with world.http.post(url, json=body) as answer:
            return answer.status

    assert [await say(urls[0], text=str(n)) for n in range(6)] == [200] * 5 + [404]
    assert [message.text for message in hana.messages("support")] == ["0", "1", "2", "3", "4"]
    assert await say(urls[1], response_type="in_channel", text="all") == 200
    assert [message.text for message in world.sandbox.channel("support").messages] == ["all"]
    assert await say(urls[1], blocks=[{"type": "marquee"}]) == 400
    world.seconds.now += 1801
    assert await say(urls[1], text="late") == 404


async def test_an_original_is_replaced_or_deleted_through_its_response_url(world, bolt, connect):
    app, hana, channel = bolt(world), world.sandbox.person("hana"), world.sandbox.channel("support")

    @app.action("go")
    async def go(ack, respond, body):
        await ack()
        if "message" in body:
            await respond(text="done", replace_original=True)
        else:
            await respond(delete_original=True)

    await connect(app, world)
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    await world.client.chat_postMessage(channel=channel.id, text="x", blocks=blocks)
    await hana.click("go", channel="support")
    await world.sandbox.until(lambda: channel.messages[0].text == "done")
    assert len(hana.messages("support")) == 1
    await world.client.chat_postEphemeral(channel=channel.id, user=hana.id, text="y", blocks=blocks)
    await hana.click("go")
    await world.sandbox.until(lambda: len(hana.messages("support")) == 1)


async def test_what_a_person_types_becomes_markup(world, bolt, connect):
    app, hana = bolt(world), world.sandbox.person("hana")
    texts: list[str] = []

    @app.command("/incident")
    async def command(ack, body):
        texts.append(body["text"])
        await ack(f"got {body['text']}")

    await connect(app, world)
    answer = await hana.command("/incident", "assign @ben #support <!channel> a & b", channel="support")
    ben, support = world.sandbox.person("ben").id, world.sandbox.channel("support").id
    assert texts == [f"assign <@{ben}|ben> <#{support}|support> &lt;!channel&gt; a &amp; b"]
    assert answer.text == f"got {texts[0]}"
    posted = await hana.post("support", "@ben <b> nobody@example.com")
    assert posted.text == f"<@{ben}> &lt;b&gt; nobody@example.com"
    assert posted.plain == "@Ben Carter <b> nobody@example.com"
