"""Modals and Home tabs: triggers, hashes, the stack, what stays filled in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox import ChannelSpec

Json = dict[str, Any]


def text_input(name: str, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": name,
        "label": {"type": "plain_text", "text": name},
        "element": {"type": "plain_text_input", "action_id": name, **more},
    }


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Go"},
        "blocks": list(blocks),
        **more,
    }


HOME = {"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "home"}}]}


async def opened(world, view: Json, who: str = "hana") -> Json:
    trigger = world.sandbox.modals.trigger(world.sandbox.person(who).id)
    answer = await world.client.views_open(trigger_id=trigger, view=view)
    shown: Json = answer["view"]
    return shown


async def error_of(call) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_a_trigger_is_good_for_three_seconds_and_one_call(world):
    hana, modals = world.sandbox.person("hana"), world.sandbox.modals
    trigger = modals.trigger(hana.id)
    world.seconds.now += 3.0
    await world.client.views_open(trigger_id=trigger, view=modal())
    assert await error_of(world.client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
    late = modals.trigger(hana.id)
    world.seconds.now += 3.1
    assert await error_of(world.client.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"
    assert await error_of(world.client.views_open(trigger_id="1.2.abc", view=modal())) == "invalid_trigger_id"
    assert await error_of(world.client.views_open(trigger_id="abc", view=modal())) == "invalid_arguments"


async def test_a_refused_view_leaves_the_trigger_unused(world):
    trigger = world.sandbox.modals.trigger(world.sandbox.person("hana").id)
    assert (
        await error_of(world.client.views_open(trigger_id=trigger, view={"type": "modal"}))
        == "invalid_arguments"
    )
    await world.client.views_open(trigger_id=trigger, view=modal())


async def test_the_hash_changes_with_every_change_of_the_view(world):
    view = await opened(world, modal())
    changed = (await world.client.views_update(view_id=view["id"], hash=view["hash"], view=modal()))["view"]
    assert changed["hash"] != view["hash"]
    stale = world.client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    assert await error_of(stale) == "hash_conflict"


async def test_a_closed_view_cannot_be_updated(world):
    view = await opened(world, modal())
    await world.sandbox.person("hana").close_view()
    assert await error_of(world.client.views_update(view_id=view["id"], view=modal())) == "not_found"


async def test_what_is_filled_in_stays_only_where_both_ids_are_the_same(world):
    hana = world.sandbox.person("hana")
    view = await opened(world, modal(text_input("title"), text_input("other")))
    await hana.fill(title="mine", other="gone")
    renamed = text_input("other", initial_value="first")
    renamed["element"]["action_id"] = "renamed"
    await world.client.views_update(
        view_id=view["id"], view=modal(text_input("title", initial_value="no"), renamed)
    )
    values = hana.view["state"]["values"]
    assert values["title"]["title"]["value"] == "mine"
    assert values["other"]["renamed"]["value"] == "first"


async def test_an_option_that_is_not_offered_any_more_is_not_chosen_any_more(world):
    def choice(*values: str) -> Json:
        options = [{"text": {"type": "plain_text", "text": v}, "value": v} for v in values]
        return text_input("level") | {
            "element": {"type": "static_select", "action_id": "level", "options": options}
        }

    hana = world.sandbox.person("hana")
    view = await opened(world, modal(choice("high", "low")))
    await hana.fill(level="high")
    await world.client.views_update(view_id=view["id"], view=modal(choice("low")))
    assert hana.view["state"]["values"]["level"]["level"]["selected_option"] is None


async def test_external_ids_are_unique_and_find_their_view(world):
    await opened(world, modal(external_id="one"))
    await world.client.views_update(external_id="one", view=modal(external_id="one"))
    trigger = world.sandbox.modals.trigger(world.sandbox.person("ben").id)
    again = world.client.views_open(trigger_id=trigger, view=modal(external_id="one"))
    assert await error_of(again) == "duplicate_external_id"


async def test_three_modals_fit_on_the_stack(world):
    hana, modals = world.sandbox.person("hana"), world.sandbox.modals
    view = await opened(world, modal())
    for _ in range(2):
        view = (await world.client.views_push(trigger_id=modals.trigger(hana.id, view["id"]), view=modal()))[
            "view"
        ]
    assert len(hana.views) == 3
    assert view["root_view_id"] == hana.views[0]["id"]
    assert view["previous_view_id"] == hana.views[1]["id"]
    full = world.client.views_push(trigger_id=modals.trigger(hana.id, view["id"]), view=modal())
    assert await error_of(full) == "push_limit_reached"
    outside = world.client.views_push(trigger_id=modals.trigger(hana.id), view=modal())
    assert await error_of(outside) == "invalid_trigger_id"


async def test_slack_itself_checks_the_fields_before_it_sends(world):
    hana = world.sandbox.person("hana")
    await opened(world, modal(text_input("title", max_length=5), text_input("more") | {"optional": True}))
    assert (await hana.submit()).errors == {"title": "Please complete this required field."}
    await hana.fill(title="too long")
    assert (await hana.submit()).errors == {"title": "Please enter no more than 5 characters."}
    assert world.sandbox.socket_mode.deliveries == []


@pytest.mark.parametrize(
    ("answer", "closed", "open_after"),
    [
        ({}, True, 1),
        ({"response_action": "clear"}, True, 0),
        ({"response_action": "push", "view": modal()}, False, 3),
        ({"response_action": "update", "view": modal()}, False, 2),
        ({"response_action": "errors", "errors": {"title": "no"}}, False, 2),
    ],
)
async def test_the_answer_to_a_submission_decides_what_becomes_of_the_view(
    world, bolt, connect, answer, closed, open_after
):
    app, hana = bolt(world), world.sandbox.person("hana")

    @app.view("form")
    async def form(ack):
        await ack(**answer)

    await connect(app, world)
    view = await opened(world, modal())
    trigger = world.sandbox.modals.trigger(hana.id, view["id"])
    await world.client.views_push(trigger_id=trigger, view=modal(text_input("title")))
    await hana.fill(title="x")
    result = await hana.submit()
    assert result.closed is closed
    assert result.error is None
    assert result.errors == answer.get("errors", {})
    assert len(hana.views) == open_after


async def test_a_faulty_answer_to_a_submission_is_trouble_and_is_noted(world, bolt, connect):
    app, hana = bolt(world), world.sandbox.person("hana")

    @app.view("form")
    async def form(ack):
        await ack(response_action="errors", errors={"nowhere": "x"})

    await connect(app, world)
    await opened(world, modal())
    result = await hana.submit()
    assert result.error == "We had some trouble connecting. Try again?"
    assert "errors must name input blocks" in world.sandbox.problems[0]
    assert hana.view is not None


async def test_an_app_that_does_not_answer_in_time_is_told_of_by_slack(make_world, bolt, connect):
    world = await make_world(ack_seconds=0.05)
    app, hana = bolt(world), world.sandbox.person("hana")
    never = asyncio.Event()

    @app.command("/incident")
    async def command(ack):
        await never.wait()

    @app.view("form")
    async def form(ack):
        await never.wait()

    await connect(app, world)
    answer = await hana.command("/incident")
    assert answer.error == '/incident failed with the error "operation_timeout"'
    await opened(world, modal())
    assert (await hana.submit()).error == "We had some trouble connecting. Try again?"
    never.set()


async def test_a_closed_modal_is_told_of_only_where_asked_for(world, bolt, connect):
    app, hana = bolt(world), world.sandbox.person("hana")
    told: list[Json] = []

    @app.view_closed("form")
    async def closed(ack, body):
        told.append(body)
        await ack()

    await connect(app, world)
    await opened(world, modal())
    await hana.close_view()
    assert told == []
    view = await opened(world, modal(notify_on_close=True))
    trigger = world.sandbox.modals.trigger(hana.id, view["id"])
    await world.client.views_push(trigger_id=trigger, view=modal())
    await hana.close_view(everything=True)
    assert told[0]["view"]["id"] == view["id"]
    assert told[0]["is_cleared"] is True
    assert hana.view is None


async def test_a_home_tab_is_published_and_clicked(world, bolt, connect):
    app, hana = bolt(world), world.sandbox.person("hana")
    clicks: list[Json] = []

    @app.event("app_home_opened")
    async def home(event, client):
        button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
        blocks = [*HOME["blocks"], {"type": "actions", "elements": [button]}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.action("go")
    async def go(ack, body):
        clicks.append(body)
        await ack()

    await connect(app, world)
    await hana.open_home()
    await world.sandbox.until(lambda: hana.home)
    await hana.click("go")
    assert clicks[0]["container"]["type"] == "view"
    assert clicks[0]["view"]["type"] == "home"
    home_hash = hana.home["hash"]
    await world.client.views_publish(user_id=hana.id, view=HOME, hash=home_hash)
    stale = world.client.views_publish(user_id=hana.id, view=HOME, hash=home_hash)
    assert await error_of(stale) == "hash_conflict"


async def test_options_are_searched_in_the_app(world, bolt, connect):
    app, hana = bolt(world), world.sandbox.person("hana")

    @app.options("customers")
    async def options(ack, payload):
        found = [name for name in ("acme", "axel") if name.startswith(payload["value"][:2])]
        await ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name} for name in found])

    await connect(app, world)
    block = text_input("customers") | {"element": {"type": "external_select", "action_id": "customers"}}
    await opened(world, modal(block))
    await hana.fill(customers="acme")
    chosen = hana.view["state"]["values"]["customers"]["customers"]["selected_option"]
    assert chosen["value"] == "acme"


async def test_shortcuts_and_their_payloads_reach_the_app(make_world, bolt, connect):
    world = await make_world(channels=(ChannelSpec("support", members=("hana",)),))
    app, hana = bolt(world), world.sandbox.person("hana")
    seen: list[Json] = []

    @app.shortcut("declare")
    async def declare(ack, body, client):
        seen.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        await ack()

    await connect(app, world)
    assert (await hana.shortcut("declare")).ok
    message = await hana.post("support", "it is broken")
    assert (await hana.message_shortcut("declare", message)).ok
    assert [body["type"] for body in seen] == ["shortcut", "message_action"]
    assert "channel" not in seen[0]
    assert seen[1]["message"]["text"] == "it is broken"
    assert hana.view["callback_id"] == "form"
