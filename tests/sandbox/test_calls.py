"""How a call is made: tokens, bodies, scopes, pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError

from sandbox import PersonSpec

MANIFEST = """
display_information: {name: Hachi}
features:
  bot_user: {display_name: Hachi}
  app_home: {home_tab_enabled: false, messages_tab_enabled: true}
  slash_commands:
    - {command: /incident, description: x, should_escape: true}
    - {command: /plain, description: x}
oauth_config: {scopes: {bot: [commands, "chat:write", "channels:history"]}}
settings:
  interactivity: {is_enabled: true}
  event_subscriptions: {bot_events: [message.channels]}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.yml"
    path.write_text(MANIFEST, encoding="utf-8")
    return path


async def test_a_call_without_a_token_is_not_authed(world):
    assert await world.raw("auth.test") == {"ok": False, "error": "not_authed"}


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", "xoxb-someone-else", "invalid_auth"),
        ("auth.test", "app", "not_allowed_token_type"),
        ("apps.connections.open", "bot", "not_allowed_token_type"),
        ("apps.connections.open", "app", None),
        ("no.such.method", "bot", "unknown_method"),
    ],
)
async def test_a_token_must_be_known_and_of_the_right_kind(world, method, token, error):
    known = {"bot": world.sandbox.bot_token, "app": world.sandbox.app_token}
    headers = {"Authorization": f"Bearer {known.get(token, token)}"}
    assert (await world.raw(method, headers=headers)).get("error") == error


async def test_a_token_may_stand_in_a_form_but_not_in_json(world):
    token = {"token": world.sandbox.bot_token}
    assert (await world.raw("auth.test", data=token))["user_id"] == world.sandbox.bot_user_id
    assert (await world.raw("auth.test", json=token))["error"] == "not_authed"


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"{", "application/json; charset=utf-8", "invalid_json"),
        (b"[1]", "application/json; charset=utf-8", "json_not_object"),
        (b"<a/>", "text/xml", "invalid_post_type"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(world, body, kind, error):
    headers = {"Authorization": f"Bearer {world.sandbox.bot_token}", "Content-Type": kind}
    assert (await world.raw("chat.postMessage", data=body, headers=headers))["error"] == error


async def test_a_method_for_forms_takes_no_json(world):
    headers = {"Authorization": f"Bearer {world.sandbox.bot_token}"}
    user = {"user": world.sandbox.person("hana").id}
    assert (await world.raw("users.info", json=user, headers=headers))["error"] == "invalid_arguments"
    assert (await world.raw("users.info", data=user, headers=headers))["ok"]


async def test_a_missing_argument_is_named(world):
    with pytest.raises(SlackApiError) as refused:
        await world.client.api_call("conversations.setTopic", json={"topic": "x"})
    assert refused.value.response["error"] == "invalid_arguments"
    messages = refused.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] missing required field: channel"]


async def test_a_missing_scope_is_named_with_those_that_are_there(make_world, manifest):
    world = await make_world(manifest=manifest)
    with pytest.raises(SlackApiError) as refused:
        await world.client.conversations_create(name="inc-1")
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "channels:manage"
    assert refused.value.response["provided"] == "channels:history,chat:write,commands"
    assert await world.error("users.list") == "missing_scope"
    assert await world.error("conversations.list", types="im") == "missing_scope"
    assert await world.error("conversations.open", users=world.sandbox.person("hana").id) == "missing_scope"


async def test_a_scope_can_be_taken_away_and_given_back(world):
    channel = world.sandbox.channel("support").id
    world.sandbox.remove_scope("chat:write")
    assert await world.error("chat.postMessage", channel=channel, text="x") == "missing_scope"
    world.sandbox.grant_scope("chat:write")
    assert await world.error("chat.postMessage", channel=channel, text="x") == ""


async def test_a_revoked_token_and_an_uninstalled_app_are_told_apart(world):
    world.sandbox.revoke_tokens()
    assert await world.error("auth.test") == "token_revoked"
    world.sandbox.uninstall()
    assert await world.error("auth.test") == "account_inactive"


async def test_lists_come_page_by_page(make_world):
    people = [PersonSpec(f"person{n}") for n in range(5)]
    world = await make_world(people=people, channels=())
    names: list[str] = []
    cursor = ""
    pages = 0
    while pages == 0 or cursor:
        page = await world.client.users_list(limit=2, cursor=cursor)
        names += [member["name"] for member in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        pages += 1
    assert pages == 3
    assert names[1:] == [person.handle for person in people]
    assert await world.error("users.list", cursor="nonsense") == "invalid_cursor"
    assert await world.error("users.list", limit=5000) == "invalid_limit"


async def test_people_are_found_by_id_and_by_address(world):
    hana = world.sandbox.person("hana")
    user = (await world.client.users_info(user=hana.id, include_locale=True))["user"]
    assert user["locale"] == "ja-JP"
    assert user["tz"] == "Asia/Tokyo"
    assert user["profile"]["email"] == "hana@example.com"
    assert "locale" not in (await world.client.users_info(user=hana.id))["user"]
    found = await world.client.users_lookupByEmail(email="HANA@example.com")
    assert found["user"]["id"] == hana.id
    world.sandbox.deactivate_person("hana")
    assert await world.error("users.lookupByEmail", email="hana@example.com") == "users_not_found"
    assert await world.error("users.info", user="U0") == "user_not_found"


async def test_every_call_is_kept_with_its_arguments_and_outcome(world):
    await world.client.auth_test()
    await world.error("users.info", user="U0")
    first, second = world.sandbox.calls
    assert (first.method, first.ok, first.http_status) == ("auth.test", True, 200)
    assert (second.args, second.ok, second.error) == ({"user": "U0"}, False, "user_not_found")
    assert first.finished is not None
    assert first.started <= first.finished <= second.started


async def test_a_command_that_the_manifest_does_not_name_is_no_command(make_world, manifest):
    world = await make_world(manifest=manifest)
    answer = await world.sandbox.person("hana").command("/other")
    assert answer.error == "/other is not a valid command."
    with pytest.raises(LookupError, match="no global shortcut"):
        await world.sandbox.person("hana").shortcut("other")


async def test_files_go_up_in_three_steps(world):
    channel = world.sandbox.channel("support")
    sent = await world.client.files_upload_v2(
        channel=channel.id, content="a,b\n", filename="cases.csv", title="Cases"
    )
    assert sent["files"][0]["title"] == "Cases"
    assert channel.messages[-1].files[0].content == b"a,b\n"
    assert await world.error("files.completeUploadExternal", files='[{"id": "F0"}]') == "file_not_found"
