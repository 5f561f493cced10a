"""Declaring, as people do it in Slack."""

from typing import Any

from tests.handlers.conftest import Workplace


async def test_one_word_opens_the_form(workplace: Workplace) -> None:
    hana = workplace.sandbox.person("hana")
    assert (await hana.command("/incident", "", "support")).ok
    view = await workplace.sandbox.until(lambda: hana.view)
    assert view["title"]["text"] == "インシデントを起票"
