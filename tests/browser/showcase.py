"""A small Bolt app that shows everything an app can show: for the page's tests, and to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncApp

from sandbox import ChannelSpec, PersonSpec, Sandbox

PEOPLE = (
    PersonSpec("hana", name="花", locale="ja-JP", tz="Asia/Tokyo", title="サポート担当"),
    PersonSpec("ben", name="Ben Carter", tz="Asia/Tokyo", title="Incident owner"),
)
CHANNELS = (
    ChannelSpec("support", members=("hana", "ben"), bot=True, topic="お問い合わせの窓口 :bell:"),
    ChannelSpec("secret", members=("hana",), private=True),
)
MANIFEST = """
display_information: {name: Show}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true}
  bot_user: {display_name: Show}
  slash_commands: [{command: /show, description: フォームを開きます / Opens a form, usage_hint: "[title]"}]
  shortcuts:
    - {name: フォームを開く, type: global, callback_id: open}
    - {name: メッセージから開く, type: message, callback_id: open_from_message}
oauth_config: {scopes: {bot: [chat:write, commands, "channels:read"]}}
settings:
  interactivity: {is_enabled: true}
  event_subscriptions: {bot_events: [app_home_opened]}
"""


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str, description: str = "") -> dict[str, Any]:
    more = {"description": plain(description)} if description else {}
    return {"text": plain(text), "value": value, **more}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


CONFIRM = {
    "title": plain("取り下げますか？"),
    "text": plain("お客様に訂正が送られます。"),
    "confirm": plain("取り下げる"),
    "deny": plain("やめる"),
}
LEVELS = [option("高", "high", "すぐに広がる"), option("中", "medium"), option("低", "low")]
STATES = [option("調査中", "investigating"), option("原因特定", "identified")]


def card(sandbox: Sandbox) -> list[dict[str, Any]]:
    """A message with every kind of block and element."""
    hana, channel = sandbox.person("hana").id, sandbox.channel("secret").id
    due = int(sandbox.workspace.clock.now().timestamp()) + 720
    more = {
        "type": "overflow",
        "action_id": "more",
        "options": [option("重要度を変更", "severity"), option("共有", "share")],
    }
    choose = {
        "type": "static_select",
        "action_id": "state",
        "placeholder": plain("状態を変更"),
        "options": STATES,
    }
    person = {"type": "users_select", "action_id": "person", "placeholder": plain("人を選ぶ")}
    checks = {
        "type": "checkboxes",
        "action_id": "checks",
        "options": [option("端末", "device"), option("回線", "line")],
    }
    radio = {"type": "radio_buttons", "action_id": "radio", "options": STATES, "initial_option": STATES[0]}
    return [
        {"type": "header", "text": plain("#12 カード決済が失敗する")},
        {
            "type": "section",
            "text": mrkdwn(
                f":large_red_square: *重要度1*\u3000次回ご案内の期限 <!date^{due}^{{time}}|14:12>（第一報）"
            ),
            "accessory": more,
        },
        {
            "type": "section",
            "fields": [mrkdwn(f"*責任者*\n<@{hana}> :white_check_mark:"), mrkdwn(f"*場所*\n<#{channel}>")],
        },
        {"type": "context", "elements": [mrkdwn("_斜体_ ~取り消し~ `code` <https://example.com|リンク>")]},
        {"type": "divider"},
        {
            "type": "actions",
            "elements": [
                button("参加します", "accept", style="primary", value="12/1"),
                button("今は対応できません", "decline"),
                button("取り下げる", "withdraw", style="danger", confirm=CONFIRM),
                choose,
                person,
            ],
        },
        {"type": "section", "text": mrkdwn("確認すること"), "accessory": checks},
        {"type": "actions", "elements": [radio]},
    ]


def form(level: str = "") -> dict[str, Any]:
    """A form with every kind of field; its first line follows the chosen level."""

    def field(name: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
        about = {key: more.pop(key) for key in ("optional", "dispatch_action", "hint") if key in more}
        element = {"type": kind, "action_id": name, **more}
        return {"type": "input", "block_id": name, "label": plain(label), "element": element, **about}

    duplicate = {
        "type": "section",
        "block_id": "duplicate",
        "text": mrkdwn("似たインシデントに対応中です"),
        "accessory": button("こちらに参加する", "join"),
    }
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("インシデントを起票"),
        "submit": plain("起票する"),
        "close": plain("やめる"),
        "blocks": [
            {"type": "section", "block_id": "live", "text": mrkdwn(f"緊急度：*{level or '未選択'}*")},
            *([duplicate] if level == "high" else []),
            field("title", "件名", "plain_text_input", max_length=20, focus_on_load=True),
            field(
                "summary",
                "概要",
                "plain_text_input",
                multiline=True,
                optional=True,
                hint=plain("お客様に見えていること"),
            ),
            field("urgency", "緊急度", "radio_buttons", options=LEVELS, dispatch_action=True),
            field("reasons", "理由", "checkboxes", options=LEVELS[:2], optional=True),
            field("product", "製品", "static_select", options=STATES, optional=True),
            field("customers", "お客様", "multi_static_select", options=LEVELS, optional=True),
            field("owner", "責任者", "users_select", optional=True),
            field("team", "メンバー", "multi_users_select", optional=True),
            field("place", "場所", "conversations_select", optional=True),
            field("day", "日付", "datepicker", optional=True),
            field("hour", "時刻", "timepicker", optional=True),
            field("moment", "日時", "datetimepicker", optional=True),
            field("count", "件数", "number_input", is_decimal_allowed=False, optional=True),
            field("found", "検索", "external_select", min_query_length=1, optional=True),
            {"type": "actions", "block_id": "more", "elements": [button("重ねて開く", "push")]},
        ],
    }


SECOND = {
    "type": "modal",
    "title": plain("二つ目"),
    "submit": plain("OK"),
    "blocks": [
        {
            "type": "input",
            "block_id": "word",
            "label": plain("ひとこと"),
            "element": {"type": "plain_text_input", "action_id": "word"},
        }
    ],
}
HOME = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("あなたの担当")},
        {
            "type": "section",
            "text": mrkdwn("対応中のインシデントはありません。"),
            "accessory": button("起票", "accept"),
        },
    ],
}


def showcase(app: AsyncApp, submitted: list[dict[str, Any]], pressed: list[dict[str, Any]]) -> None:
    """Everything the app does; what it was sent is put into the two lists."""

    async def open_form(ack: Any, body: Any, client: Any) -> None:
        if body.get("text") == "status":
            await ack(text="*対応中* のインシデントはありません。")
            return
        await client.views_open(trigger_id=body["trigger_id"], view=form())
        await ack()

    app.command("/show")(open_form)
    app.shortcut("open")(open_form)
    app.shortcut("open_from_message")(open_form)

    @app.action("urgency")
    async def level(ack: Any, body: Any, client: Any) -> None:
        chosen = body["actions"][0]["selected_option"]["value"]
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=form(chosen))
        await ack()

    @app.action("push")
    async def push(ack: Any, body: Any, client: Any) -> None:
        await client.views_push(trigger_id=body["trigger_id"], view=SECOND)
        await ack()

    @app.options("found")
    async def options(ack: Any, body: Any) -> None:
        await ack(options=[option(f"{body['value']}-1", "one"), option(f"{body['value']}-2", "two")])

    @app.view("form")
    async def submit(ack: Any, view: Any, client: Any) -> None:
        values = {name: next(iter(state.values())) for name, state in view["state"]["values"].items()}
        if "?" in values["title"]["value"]:
            await ack(response_action="errors", errors={"title": "「?」は使えません。"})
            return
        submitted.append(values)
        await client.chat_postMessage(channel="support", text=f"起票しました：{values['title']['value']}")
        await ack()

    @app.event("app_home_opened")
    async def home(event: Any, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view=HOME)

    for name in ("accept", "decline", "withdraw", "more", "state", "person", "checks", "radio", "join"):

        @app.action(name)
        async def press(ack: Any, body: Any) -> None:
            pressed.append(body["actions"][0])
            await ack()


def manifest(folder: Path) -> Path:
    """The app's manifest as a file."""
    file = folder / "manifest.yml"
    file.write_text(MANIFEST, "utf-8")
    return file
