"""The sandbox's page in a real browser: what a newcomer who knows Slack tries first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from playwright.async_api import Page, expect
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox, TourStep
from tests.browser.showcase import CHANNELS, PEOPLE, card, manifest, showcase


class PausedClock:
    """Time that moves only when the page moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
        self.speed = 0.0

    def now(self) -> datetime:
        return self.at

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def advance(self, by: timedelta) -> None:
        self.at += by


@dataclass
class Show:
    """A workspace with the showcase in it, and a page to look at it."""

    sandbox: Sandbox
    client: AsyncWebClient
    page: Page
    submitted: list[dict[str, Any]] = field(default_factory=list)
    pressed: list[dict[str, Any]] = field(default_factory=list)

    async def open(self, who: str, where: str = "support", page: Page | None = None, **more: str) -> Page:
        shown = page or self.page
        await shown.goto(self.sandbox.page_url + "?" + urlencode({"as": who, "in": where, **more}))
        return shown

    async def post_card(self) -> None:
        """The app posts the message with every block, and pins it."""
        channel = self.sandbox.channel("support").id
        await self.client.chat_postMessage(channel=channel, text="card", blocks=card(self.sandbox))

    async def write(self, text: str) -> None:
        """Write in the composer and send."""
        await self.page.locator("#words").fill(text)
        await self.page.keyboard.press("Enter")

    async def open_form(self) -> None:
        await self.open("hana")
        await self.write("/show")
        await expect(self.page.get_by_role("dialog")).to_be_visible()


@pytest.fixture
async def show(page: Page, tmp_path: Path) -> AsyncIterator[Show]:
    page.set_default_timeout(20_000)  # A busy machine is not a failure.
    expect.set_options(timeout=20_000)
    clock = PausedClock()
    moved = clock.at + timedelta(minutes=10)
    tour = (TourStep("時計を10分進めます", "Move the clock by ten minutes", lambda: clock.at >= moved),)
    sandbox = await Sandbox.start(
        people=PEOPLE,
        channels=CHANNELS,
        manifest=manifest(tmp_path),
        clock=clock,
        page=True,
        tour=tour,
        title="Show",
    )
    http = aiohttp.ClientSession()
    client = AsyncWebClient(sandbox.bot_token, base_url=sandbox.api_url, session=http)
    shown = Show(sandbox, client, page)
    app = AsyncApp(name="hachi", client=client)
    showcase(app, shown.submitted, shown.pressed)
    handler = AsyncSocketModeHandler(app, sandbox.app_token)
    await handler.connect_async()
    await sandbox.socket_mode.connected()
    yield shown
    await page.close()
    await handler.close_async()
    await http.close()
    await sandbox.stop()


def block(page: Page, name: str) -> Any:
    return page.locator(f'#modal [data-block="{name}"]')


async def test_a_form_that_changes_keeps_what_is_being_typed_and_where(show):
    page = show.page
    await show.open_form()
    title = page.get_by_label("件名")
    await expect(title).to_be_focused()
    await page.keyboard.type("決済")
    await block(page, "urgency").get_by_role("radio").first.check()
    await title.focus()
    await page.keyboard.press("Home")
    await page.keyboard.type("カード")
    await expect(block(page, "live")).to_contain_text("high")
    await expect(block(page, "duplicate")).to_be_visible()
    await page.keyboard.type("の")
    await expect(title).to_have_value("カードの決済")
    await expect(title).to_be_focused()
    view = show.sandbox.person("hana").view
    assert view is not None
    assert view["state"]["values"]["urgency"]["urgency"]["selected_option"]["value"] == "high"


async def test_every_field_sends_what_was_chosen(show, pictures):
    page = show.page
    await show.open_form()
    await page.get_by_label("件名").fill("決済")
    await page.get_by_label("概要").fill("一行目\n二行目")
    await block(page, "urgency").get_by_label("低").check()
    await block(page, "reasons").get_by_label("中").check()
    await page.get_by_label("製品").select_option("identified")
    await block(page, "customers").locator(".pick").select_option("high")
    await block(page, "customers").locator(".pick").select_option("low")
    await block(page, "customers").get_by_role("button", name="高 を外す").click()
    await page.get_by_label("責任者").select_option(label="Ben Carter（Incident owner）")
    await block(page, "team").locator(".pick").select_option(show.sandbox.person("hana").id)
    await page.get_by_label("場所").select_option(label="#secret")
    await page.get_by_label("日付").fill("2026-11-30")
    await page.get_by_label("時刻").fill("14:30")
    await page.get_by_label("日時").fill("2026-11-30T14:30")
    await page.get_by_label("件数").fill("12")
    await page.get_by_label("検索").press_sequentially("acme")
    await page.get_by_role("option", name="acme-2").click()
    await page.screenshot(path=pictures / "sandbox-form.png")
    await page.get_by_role("button", name="起票する").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.get_by_text("起票しました：決済")).to_be_visible()
    (values,) = show.submitted
    kinds = {"value", "selected_option", "selected_options", "selected_user", "selected_users"}
    kinds |= {"selected_conversation", "selected_date", "selected_time", "selected_date_time"}
    sent = {name: next(state[kind] for kind in kinds if kind in state) for name, state in values.items()}
    chosen = {
        name: [o["value"] for o in value]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else value
        for name, value in sent.items()
    }
    assert chosen | {"urgency": "", "product": "", "found": ""} == {
        "title": "決済",
        "summary": "一行目\n二行目",
        "urgency": "",
        "reasons": ["medium"],
        "product": "",
        "customers": ["low"],
        "owner": show.sandbox.person("ben").id,
        "team": [show.sandbox.person("hana").id],
        "place": show.sandbox.channel("secret").id,
        "day": "2026-11-30",
        "hour": "14:30",
        "moment": int(datetime(2026, 11, 30, 5, 30, tzinfo=UTC).timestamp()),
        "count": "12",
        "found": "",
    }
    assert [sent[name]["value"] for name in ("urgency", "product", "found")] == ["low", "identified", "two"]


async def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(show, pictures):
    page = show.page
    await show.open_form()
    await page.get_by_label("概要").fill("そのまま")
    await page.get_by_label("件数").fill("たくさん")
    await page.get_by_role("button", name="起票する").click()
    await expect(block(page, "title").get_by_role("alert")).to_contain_text(
        "この必須フィールドに入力してください"
    )
    await expect(block(page, "count").get_by_role("alert")).to_contain_text("数値を入力してください")
    await expect(page.get_by_label("件名")).to_be_focused()
    await page.screenshot(path=pictures / "sandbox-form-errors.png")
    await page.get_by_label("件名").fill("なぜ?")
    await page.get_by_label("件数").fill("3")
    await block(page, "urgency").get_by_label("中").check()
    await page.get_by_role("button", name="起票する").click()
    await expect(block(page, "title").get_by_role("alert")).to_contain_text("「?」は使えません。")
    await expect(block(page, "count").locator(".field-error")).to_be_hidden()
    await expect(page.get_by_label("概要")).to_have_value("そのまま")
    await expect(page.get_by_label("件名")).to_have_value("なぜ?")
    assert show.submitted == []


async def test_forms_stack_and_escape_goes_back(show):
    page = show.page
    await show.open_form()
    await page.get_by_label("件名").fill("下の画面")
    await page.get_by_role("button", name="重ねて開く").click()
    await expect(page.get_by_role("heading", name="二つ目")).to_be_visible()
    await expect(page.get_by_label("ひとこと")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("件名")).to_have_value("下の画面")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert show.sandbox.person("hana").view is None
    await expect(page.locator("#words")).to_be_focused()


async def test_two_tabs_are_two_people_who_talk_without_reloading(show, browser):
    hana = await show.open("hana", "secret")
    ben = await show.open("ben", page=await browser.new_page())
    await ben.locator("#words").fill("half a thought")
    await show.sandbox.person("hana").post("support", "@ben 見てください")
    await expect(ben.get_by_text("@Ben Carter")).to_be_visible()
    await expect(ben.locator("#words")).to_have_value("half a thought")
    await ben.locator("#words").fill("@hana on it")
    await ben.keyboard.press("Enter")
    entry = hana.locator(".entry", has_text="support")
    await expect(entry.locator(".badge")).to_have_text("1")
    await expect(hana).to_have_title("(1) secret | Show")
    await entry.click()
    await expect(hana.get_by_text("on it")).to_be_visible()
    await expect(hana.locator(".entry .badge")).to_have_count(0)
    await ben.close()


@pytest.mark.parametrize("who", ["hana", "ben"])
async def test_a_message_shows_every_block(show, pictures, who):
    await show.sandbox.person("hana").post(
        "support", "<script>alert(1)</script> @ben *決済* が失敗\n> お客様の声"
    )
    await show.post_card()
    page = await show.open(who)
    message = page.locator("article").last
    await expect(message.locator("time").nth(1)).to_have_text("14:12")
    await expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()
    await expect(message.get_by_role("radio", name="調査中")).to_be_checked()
    seen = "#secret" if who == "hana" else "private channel"
    await expect(message.get_by_text(seen)).to_be_visible()
    await page.screenshot(path=pictures / f"sandbox-message-{'ja' if who == 'hana' else 'en'}.png")


async def test_buttons_and_menus_of_a_message_reach_the_app(show):
    await show.post_card()
    page = await show.open("hana")

    async def until(count: int) -> dict[str, Any]:
        await show.sandbox.until(lambda: len(show.pressed) == count)
        return show.pressed[-1]

    await page.get_by_role("button", name="参加します").click()
    assert (await until(1))["value"] == "12/1"
    await page.locator(".overflow summary").click()
    await page.get_by_role("menuitem", name="共有").click()
    assert (await until(2))["selected_option"]["value"] == "share"
    await page.get_by_label("状態を変更").select_option("identified")
    assert (await until(3))["selected_option"]["value"] == "identified"
    await page.get_by_role("checkbox", name="回線").check()
    assert [one["value"] for one in (await until(4))["selected_options"]] == ["line"]
    await page.get_by_role("button", name="取り下げる").click()
    await page.get_by_role("dialog").get_by_role("button", name="やめる").click()
    await page.get_by_role("button", name="取り下げる").click()
    await page.get_by_role("dialog").get_by_role("button", name="取り下げる").click()
    assert (await until(5))["action_id"] == "withdraw"


async def test_commands_are_hinted_completed_and_answered(show, pictures):
    page = await show.open("hana")
    await page.locator("#words").press_sequentially("/sh")
    await expect(page.get_by_role("option", name="/show")).to_be_visible()
    await page.screenshot(path=pictures / "sandbox-hints.png")
    await page.keyboard.press("Tab")
    await expect(page.locator("#words")).to_have_value("/show ")
    await page.keyboard.type("status")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("あなただけに表示されています")).to_be_visible()
    await show.write("/nothing")
    await expect(page.get_by_text("/nothing は有効なコマンドではありません。")).to_be_visible()
    await expect(page.locator("#words")).to_have_value("/nothing")


async def test_enter_that_confirms_a_japanese_conversion_sends_nothing(show):
    page = await show.open("hana")
    await page.locator("#words").fill("かな")
    await page.locator("#words").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(page.locator("#words")).to_have_value("かな")
    assert show.sandbox.channel("support").messages == []
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("次")
    await page.keyboard.press("Enter")
    await expect(page.locator("article")).to_contain_text("かな")
    assert [message.text for message in show.sandbox.channel("support").messages] == ["かな\n次"]


async def test_the_menu_of_a_message_offers_shortcuts_reactions_and_a_thread(show):
    await show.sandbox.person("ben").post("support", "help")
    page = await show.open("hana")
    await page.locator("article").hover()
    await page.get_by_role("button", name=":eyes: でリアクション").click()
    await expect(page.locator(".reactions .mine")).to_contain_text("1")
    await page.locator(".reactions .mine").click()
    await expect(page.locator(".reactions")).to_have_count(0)
    await page.locator("article").hover()
    await page.get_by_role("link", name="スレッドで返信").click()
    await page.get_by_label("返信する").fill("見ます")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("スレッド").get_by_text("見ます")).to_be_visible()
    await expect(page.get_by_role("link", name="返信1件")).to_be_visible()
    await page.locator(".messages article").hover()
    await page.locator(".messages .tools summary").click()
    await page.get_by_role("menuitem", name="メッセージから開く").click()
    await expect(page.get_by_role("heading", name="インシデントを起票")).to_be_visible()


async def test_the_home_tab_and_global_shortcuts_are_where_slack_has_them(show):
    page = await show.open("hana", "@app", tab="home")
    await expect(page.get_by_role("heading", name="あなたの担当")).to_be_visible()
    await page.get_by_role("button", name="起票").click()
    await show.sandbox.until(lambda: show.pressed)
    await page.get_by_role("tab", name="メッセージ").click()
    await page.locator(".composer summary").click()
    await page.get_by_role("menuitem", name="フォームを開く").click()
    await expect(page.get_by_role("heading", name="インシデントを起票")).to_be_visible()


async def test_the_bar_moves_the_clock_and_the_tour_notices(show):
    page = await show.open("ben")
    await expect(page.locator("#now")).to_contain_text("14:00:00")
    await expect(page.get_by_text("0/1")).to_be_visible()
    # Ben reads English; the bar and the guide are the visitor's, whose browser asks for Japanese.
    await page.get_by_role("button", name="10分進める").click()
    await expect(page.locator("#now")).to_contain_text("14:10:00")
    await expect(page.locator(".tour li.done")).to_have_count(1)
    await page.get_by_role("button", name="60倍速").click()
    await expect(page.get_by_role("button", name="60倍速")).to_have_attribute("aria-pressed", "true")
    await page.get_by_label("Slackの状態").select_option("failing")
    await expect(page.locator(".faults.on")).to_be_visible()
    assert len(show.sandbox.faults.planted) == 1


@pytest.mark.parametrize("width", [600, 1280])
async def test_nothing_is_cut_off(show, pictures, width):
    await show.post_card()
    await show.page.set_viewport_size({"width": width, "height": 800})
    page = await show.open("hana")
    await expect(page.get_by_role("button", name="参加します")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate("document.querySelector('.messages').scrollWidth") <= width
    if width == 600:
        await page.get_by_role("button", name="メニュー").click()
        await expect(page.locator(".entry", has_text="secret")).to_be_visible()
    await page.screenshot(path=pictures / f"sandbox-{width}.png")


async def test_a_page_that_lost_the_sandbox_says_so(show):
    page = await show.open("hana")
    await expect(page.locator("#offline")).to_be_hidden()
    await show.sandbox.stop()
    await expect(page.locator("#offline")).to_be_visible()
