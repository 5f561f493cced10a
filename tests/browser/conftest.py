"""A real browser for the sandbox's page: the system's Chromium, its errors counted, its pictures kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.async_api import Browser, Page, async_playwright

PICTURES = Path(__file__).resolve().parents[1] / "output" / "browser"
NAMES = ("chromium", "chromium-browser", "google-chrome")


def missing(what: str) -> NoReturn:
    """Ends a test that this machine cannot run: skipped at home, failed where CI is set."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    reason = (
        f"no browser: none of {', '.join(NAMES)} was found. On Debian or Ubuntu: apt-get install chromium"
    )
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page as somebody in Tokyo has it open. An uncaught error in its scripts fails the test."""
    context = await browser.new_context(
        locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 1280, "height": 860}
    )
    opened = await context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    await context.close()
    assert errors == []


@pytest.fixture
def pictures() -> Path:
    """Where screenshots are kept, as output of the test run."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
