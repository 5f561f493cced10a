"""The main journeys, with the real Bolt and the real clients on the other side of the wire."""

from __future__ import annotations

from typing import Any

MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "declare",
    "title": {"type": "plain_text", "text": "Declare"},
    "submit": {"type": "plain_text", "text": "Go"},
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": {"type": "plain_text", "text": "Title"},
            "element": {"type": "plain_text_input", "action_id": "title", "max_length": 20},
        },
        {
            "type": "input",
            "block_id": "urgency",
            "dispatch_action": True,
            "label": {"type": "plain_text", "text": "Urgency"},
            "element": {
                "type": "radio_buttons",
                "action_id": "urgency",
                "options": [
                    {"text": {"type": "plain_text", "text": "High"}, "value": "high"},
                    {"text": {"type": "plain_text", "text": "Low"}, "value": "low"},
                ],
            },
        },
        {
            "type": "input",
            "block_id": "customers",
            "optional": True,
            "label": {"type": "plain_text", "text": "Customers"},
            "element": {
                "type": "multi_static_select",
                "action_id": "customers",
                "options": [
                    {"text": {"type": "plain_text", "text": "Acme"}, "value": "acme"},
                    {"text": {"type": "plain_text", "text": "Bolt"}, "value": "bolt"},
                ],
            },
        },
    ],
}


async def test_a_command_opens_a_form_that_makes_a_channel_and_invites_people(world, bolt, connect):
    app, sandbox = bolt(world), world.sandbox
    hana, ben = sandbox.person("hana"), sandbox.person("ben")
    seen: list[str] = []

    @app.command("/incident")
    async def declare(ack, body, client):
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await ack()

    @app.action("urgency")
    async def live_line(ack, body, client):
        seen.append(body["actions"][0]["selected_option"]["value"])
        line = {"type": "section", "text": {"type": "mrkdwn", "text": f"urgency {seen[-1]}"}}
        view = {**MODAL, "blocks": [*MODAL["blocks"], line]}
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        await ack()

    @app.view("declare")
    async def declared(ack, view, client):
        values = view["state"]["values"]
        title = values["title"]["title"]["value"]
        assert [o["value"] for o in values["customers"]["customers"]["selected_options"]] == ["acme"]
        created = await client.conversations_create(name="inc-1-決済")
        channel = created["channel"]["id"]
        await client.conversations_invite(channel=channel, users=[hana.id, ben.id])
        await client.chat_postMessage(channel=channel, text=f"<!here> {title}")
        await ack()

    await connect(app, world)
    answer = await hana.command("/incident", "決済", channel="support")
    assert answer.ok
    assert answer.error is None
    assert hana.view is not None
    await hana.fill(title="Payments fail", urgency="high", customers=["acme"])
    assert seen == ["high"]
    assert hana.view["state"]["values"]["title"]["title"]["value"] == "Payments fail"
    assert hana.view["blocks"][-1]["text"]["text"] == "urgency high"
    result = await hana.submit()
    assert result.closed
    assert hana.view is None
    assert "inc-1-決済" in ben.channels()
    (message,) = hana.messages("inc-1-決済")
    assert message.plain == "@here Payments fail"
    assert message in ben.notifications
    assert not sandbox.problems


async def test_a_button_in_a_message_reaches_the_app_with_its_value(world, bolt, connect):
    app, hana = bolt(world), world.sandbox.person("hana")
    clicks: list[dict[str, Any]] = []

    @app.action("call.accept")
    async def accept(ack, body, respond):
        await ack()
        clicks.append(body)
        await respond("thank you")

    await connect(app, world)
    button = {
        "type": "button",
        "action_id": "call.accept",
        "value": "1/1",
        "text": {"type": "plain_text", "text": "Accept"},
    }
    blocks = [{"type": "actions", "elements": [button]}]
    posted = await world.client.chat_postMessage(channel=hana.id, text="You are called", blocks=blocks)
    assert posted["channel"].startswith("D")
    assert hana.dm()[0].buttons == [("Accept", "call.accept", "1/1")]
    assert (await hana.click("call.accept")).ok
    await world.sandbox.until(lambda: len(hana.dm()) == 2)
    assert hana.dm()[1].text == "thank you"
    assert hana.dm()[1].ephemeral_for == hana.id
    assert clicks[0]["container"]["message_ts"] == posted["ts"]
    assert clicks[0]["actions"][0]["value"] == "1/1"
