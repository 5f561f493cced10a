"""Who is called, in a real browser: one can't come, the next accepts and hands the role over. Pictures are kept."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot import demo
from bot.playground import SteppingClock, start
from domain.customer_updates import LANGUAGES
from templates.words import Words
from tests.browser.test_the_main_job import SLOW
from tests.whole import TOKYO

pytestmark = pytest.mark.timeout(180)
LOCALES = {"ja": "ja-JP", "en": "en-US"}
TYPED = {"ja": "担当", "en": "assign"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_cannot_come_is_followed_by_the_next_who_hands_the_role_over(
    language: str, page: Page, pictures: Path, tmp_path: Path
) -> None:
    page.set_default_timeout(SLOW)
    expect.set_options(timeout=SLOW)
    words = Words(language, "Asia/Tokyo")
    async with AsyncExitStack() as stack:
        sandbox, _ = await start(
            stack,
            port=0,
            clock=SteppingClock(speed=0, starts_at=datetime(2026, 11, 24, 14, 0, tzinfo=TOKYO)),
            database_url=f"sqlite:///{tmp_path}/hachi.db",
            team=replace(demo.TEAM, language=language),
            people=tuple(replace(one, locale=LOCALES[language]) for one in demo.PEOPLE),
        )

        async def be(who: str, where: str) -> None:
            await page.goto(f"{sandbox.page_url}?as={who}&in={where}")

        async def press(name: str) -> None:
            await page.get_by_role("button", name=words.plain(name), exact=True).last.click()

        async def type_in(text: str) -> None:
            await page.locator("#words").fill(text)
            await page.locator("#words").press("Enter")

        async def says(name: str) -> None:
            """The part of a text before the first fact that is not told here."""
            part = max(words.plain(name, **dict.fromkeys(FACTS, "\0")).split("\0"), key=len)
            await expect(page.get_by_text(part.replace("*", "").strip()).first).to_be_visible()

        async def look(name: str) -> None:
            await page.screenshot(path=pictures / f"calls-{language}-{name}.png")

        await be("hana", "support")
        await type_in("/incident declare Payments fail")
        form = page.get_by_role("dialog")
        await form.locator("input[type=radio][value=high]").nth(0).check()
        await form.locator("input[type=radio][value=high]").nth(1).check()
        await form.locator("select", has=page.locator("option[value=payments]")).first.select_option(
            "payments"
        )
        await form.locator("button[type=submit]").click()
        await page.get_by_role("link", name="inc-1-payments-fail").first.wait_for()

        await be("ada", "@app")
        await press("button.decline")
        await says("call.declined_next")
        await be("kenji", "@app")
        await page.get_by_role("button", name=words.plain("button.accept")).last.wait_for()
        await look("1-the-next-is-called")
        await press("button.accept")
        await says("call.accepted")

        await be("kenji", "inc-1-payments-fail")
        await type_in(f"/incident {TYPED[language]}")
        await form.locator("select").first.select_option(sandbox.person("mei").id)
        await form.locator("input[type=radio][value=owner]").check()
        await form.locator("textarea").fill("15:00 …")
        await look("2-hand-over")
        await form.locator("button[type=submit]").click()
        await expect(form).to_be_hidden()
        await be("mei", "@app")
        await page.get_by_role("button", name=words.plain("button.take_over")).wait_for()
        await look("3-asked")
        await press("button.take_over")
        await says("hand_over.you_have_it")
        await be("hana", "inc-1-payments-fail")
        await says("hand_over.done")
        await look("4-handed-over")
        await type_in("/incident escalate")
        await expect(form).to_be_visible()
        await look("5-escalate")


FACTS = ("number", "title", "role", "who", "where", "severity", "people")
