"""The browser in which the sandbox's page is tried writes Japanese, and notices what breaks."""

from pathlib import Path

from playwright.async_api import Page

from tests.browser.conftest import missing


async def test_the_browser_draws_japanese_characters_and_not_boxes(page: Page, pictures: Path) -> None:
    drawn = """() => {
        const pixels = text => {
            const canvas = document.createElement('canvas');
            const pen = canvas.getContext('2d');
            pen.font = '40px sans-serif';
            pen.fillText(text, 0, 40);
            return canvas.toDataURL();
        };
        return pixels('蜂') !== pixels('巣');
    }"""
    if not await page.evaluate(drawn):
        missing("no Japanese font. On Debian or Ubuntu: apt-get install fonts-ipafont-gothic")
    await page.set_content("<h1>対応継続中</h1>")
    await page.screenshot(path=pictures / "japanese.png")
