"""The main job in a real browser: declare, see the swarm, let it get late, hold, resolve. Pictures are kept."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.playground import SteppingClock, start
from sandbox import Sandbox
from tests.whole import TOKYO

pytestmark = pytest.mark.timeout(180)

SLOW = 20_000
"""Milliseconds: a busy machine is not a failure."""


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """What `hachi sandbox` starts, at 14:00 with the clock standing still."""
    async with AsyncExitStack() as stack:
        clock = SteppingClock(speed=0, starts_at=datetime(2026, 11, 24, 14, 0, tzinfo=TOKYO))
        started, _ = await start(stack, port=0, clock=clock, database_url=f"sqlite:///{tmp_path}/hachi.db")
        yield started


async def test_from_declaring_to_resolved_nobody_is_left_without_news(
    sandbox: Sandbox, page: Page, pictures: Path
) -> None:
    page.set_default_timeout(SLOW)
    expect.set_options(timeout=SLOW)

    async def look(name: str) -> None:
        await page.screenshot(path=pictures / f"{name}.png")

    async def be(who: str, where: str) -> None:
        await page.goto(f"{sandbox.page_url}?as={who}&in={where}")

    async def press(text: str) -> None:
        await page.get_by_role("button", name=text).last.click()

    # Declare: one command, the title typed straight away.
    await be("hana", "support")
    composer = page.locator("#words")
    await composer.fill("/incident カード決済が失敗する")
    await composer.press("Enter")
    form = page.get_by_role("dialog")
    await expect(form.get_by_label("件名")).to_have_value("カード決済が失敗する")
    await form.locator("input[type=radio][value=high]").nth(0).check()
    await form.locator("input[type=radio][value=high]").nth(1).check()
    await form.locator("select", has=page.locator("option[value=payments]")).first.select_option("payments")
    await expect(form).to_contain_text("重要度1")
    await expect(form).to_contain_text("14:10")
    await expect(form).to_contain_text("技術担当")
    await page.locator("#modal .modal-body").evaluate("body => body.scrollTo(0, 400)")
    await look("1-declare")
    await form.get_by_role("button", name="起票する").click()

    # The swarm: briefing, people, clocks.
    await page.get_by_role("link", name="inc-1-カード決済が失敗する").first.click()
    briefing = page.get_by_text("調査中").first
    await expect(briefing).to_be_visible()
    await look("2-swarm")

    # Ada accepts, in English.
    await be("ada", "@app")
    await press("Accept")
    await expect(page.get_by_text("You joined #1")).to_be_visible()
    await look("3-accepted")

    # Twenty minutes without a word: overdue.
    await be("ada", "inc-1-カード決済が失敗する")
    for _ in range(2):
        await page.locator("[data-minutes='10']").click()
    await expect(page.get_by_text("大きく過ぎています").first).to_be_visible()
    await look("4-overdue")

    # Still working on it, with one tap; customers read it in their own channel and language.
    await press("「対応継続中」と案内する")
    await expect(page.get_by_text("第1報").first).to_be_visible()
    await look("5-held")
    await be("hana", "northwind-support")
    await expect(page.get_by_text("To the team at Northwind Clinics")).to_be_visible()
    await look("6-customers")

    # Resolve: the final update goes out, the clock stops.
    await be("ada", "inc-1-カード決済が失敗する")
    await page.get_by_role("button", name="解決", exact=True).first.click()
    form = page.get_by_role("dialog")
    await form.locator("textarea").first.fill("予備の設備への切り替えが完了しました。")
    await form.locator("input[type=radio][value=no]").check()
    await look("7-resolve")
    await form.locator("button[type=submit]").click()
    await expect(form).to_be_hidden()
    await expect(page.get_by_text("復旧・第2報").first).to_be_visible()
    await look("8-resolved")
    await be("hana", "incidents")
    await expect(page.get_by_text("最長間隔").first).to_be_visible()
    await look("9-announced")
