"""Events and Socket Mode: what is sent, how often, over which connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp

Json = dict[str, Any]


def manifest(path: Path, events: str, scopes: str) -> Path:
    text = f"""
features: {{app_home: {{home_tab_enabled: true}}}}
oauth_config: {{scopes: {{bot: [{scopes}]}}}}
settings:
  interactivity: {{is_enabled: true}}
  event_subscriptions: {{bot_events: [{events}]}}
"""
    file = path / "manifest.yml"
    file.write_text(text, encoding="utf-8")
    return file


def sent(world) -> list[Json]:
    first = [d for d in world.sandbox.socket_mode.deliveries if d.kind == "events_api" and d.attempt == 0]
    return [delivery.payload["event"] for delivery in first]


async def test_only_events_that_are_subscribed_to_and_covered_by_a_scope_are_sent(make_world, tmp_path):
    file = manifest(
        tmp_path, "message.channels, message.im, reaction_added", '"channels:history", "reactions:read"'
    )
    world = await make_world(manifest=file)
    hana = world.sandbox.person("hana")
    message = await hana.post("support", "seen")
    await hana.post("lobby", "the app is not in there")
    await hana.post(None, "no scope for direct messages")
    await hana.react("eyes", message)
    await hana.open_home()
    await world.sandbox.until(lambda: len(sent(world)) >= 2)
    assert {(event["type"], event.get("text")) for event in sent(world)} == {
        ("message", "seen"),
        ("reaction_added", None),
    }
    assert sent(world)[0]["channel_type"] == "channel"


async def test_people_who_change_slack_by_hand_are_heard_of(make_world, tmp_path):
    events = (
        "member_joined_channel, member_left_channel, channel_rename, channel_archive, channel_unarchive,"
        "channel_deleted, group_archive, team_join, user_change, tokens_revoked, app_uninstalled"
    )
    file = manifest(tmp_path, events, '"channels:read", "groups:read", "users:read"')
    world = await make_world(manifest=file)
    sandbox = world.sandbox
    sandbox.add_member("support", "sita")
    sandbox.remove_member("support", "ben")
    sandbox.rename("support", "help")
    sandbox.archive("help")
    sandbox.unarchive("help")
    sandbox.delete_channel("help")
    sandbox.add_member("secret", sandbox.bot_user_id)
    sandbox.archive("secret")
    sandbox.deactivate_person("sita")
    sandbox.revoke_tokens()
    sandbox.uninstall()
    await sandbox.until(lambda: len(sent(world)) >= 11)
    assert [event["type"] for event in sent(world)] == [
        "member_joined_channel",
        "member_left_channel",
        "channel_rename",
        "channel_archive",
        "channel_unarchive",
        "channel_deleted",
        "member_joined_channel",
        "group_archive",
        "user_change",
        "tokens_revoked",
        "app_uninstalled",
    ]


async def test_an_event_that_is_not_acknowledged_comes_again_and_then_no_more(
    make_world, bolt, connect, tmp_path
):
    file = manifest(tmp_path, "message.channels", '"channels:history"')
    world = await make_world(manifest=file, redelivery=(0.0, 0.0, 0.0), ack_seconds=0.05)
    app = bolt(world)
    await connect(
        app, world
    )  # nothing listens: Bolt answers 404, which over Socket Mode is no acknowledgement
    await world.sandbox.person("hana").post("support", "x")
    deliveries = world.sandbox.socket_mode.deliveries
    await world.sandbox.until(lambda: world.sandbox.socket_mode.given_up == 1)
    assert [delivery.attempt for delivery in deliveries] == [0, 1, 2, 3]
    assert len({delivery.payload["event_id"] for delivery in deliveries}) == 1


async def test_a_redelivery_names_its_number_and_reason(make_world, bolt, connect, tmp_path):
    file = manifest(tmp_path, "message.channels", '"channels:history"')
    world = await make_world(manifest=file, redelivery=(0.0, 0.0, 0.0), ack_seconds=0.5)
    app: AsyncApp = bolt(world)
    seen: list[tuple[str, str]] = []

    @app.middleware
    async def count(request, next_):
        seen.append((request.headers["x-slack-retry-num"][0], request.headers["x-slack-retry-reason"][0]))
        if len(seen) < 2:
            raise RuntimeError("not this time")
        await next_()

    @app.event("message")
    async def message(event):
        pass

    await connect(app, world)
    await world.sandbox.person("hana").post("support", "x")
    await world.sandbox.until(lambda: any(d.acknowledged for d in world.sandbox.socket_mode.deliveries))
    assert seen == [("0", ""), ("1", "timeout")]


async def test_events_while_no_socket_is_open_are_delivered_later(make_world, bolt, connect, tmp_path):
    file = manifest(tmp_path, "message.channels", '"channels:history"')
    world = await make_world(manifest=file, redelivery=(0.0, 0.3, 0.3))
    await world.sandbox.person("hana").post("support", "x")
    app: AsyncApp = bolt(world)
    texts: list[str] = []

    @app.event("message")
    async def message(event):
        texts.append(event["text"])

    await connect(app, world)
    await world.sandbox.until(lambda: any(d.acknowledged for d in world.sandbox.socket_mode.deliveries))
    assert texts == ["x"]


async def test_a_command_with_no_socket_open_fails_at_once(world):
    answer = await world.sandbox.person("hana").command("/incident")
    assert answer.error == '/incident failed with the error "dispatch_failed"'


@pytest.mark.parametrize("how", ["refresh", "drop"])
async def test_the_client_comes_back_after_a_disconnect(world, bolt, connect, how):
    app: AsyncApp = bolt(world)

    @app.command("/incident")
    async def command(ack):
        await ack("here")

    await connect(app, world)
    await getattr(world.sandbox.socket_mode, how)()
    await world.sandbox.socket_mode.connected()
    assert (await world.sandbox.person("hana").command("/incident")).text == "here"


async def test_ten_connections_are_open_at_most_and_an_address_works_once(world):
    async def address() -> str:
        headers = {"Authorization": f"Bearer {world.sandbox.app_token}"}
        return str((await world.raw("apps.connections.open", headers=headers))["url"])

    sockets = [await world.http.ws_connect(await address()) for _ in range(10)]
    for number, socket in enumerate(sockets, start=1):
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", number)
    used = await address()
    eleventh = await world.http.ws_connect(used)
    assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await world.http.ws_connect(used)
    for socket in [*sockets, eleventh]:
        await socket.close()


async def test_payloads_are_spread_over_the_connections(world, bolt, connect):
    counts = {"first": 0, "second": 0}

    def counting(name: str) -> AsyncApp:
        app: AsyncApp = bolt(world)

        @app.command("/incident")
        async def command(ack):
            counts[name] += 1
            await ack()

        return app

    for name in counts:
        await connect(counting(name), world)
    await world.sandbox.socket_mode.connected(2)
    for _ in range(10):
        await world.sandbox.person("hana").command("/incident")
    assert counts == {"first": 5, "second": 5}
