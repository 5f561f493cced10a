"""Asking for quiet: the reason a snooze is kept with."""

from datetime import timedelta

from domain.incident import Incident
from templates.blocks import Block, modal, section
from templates.forms.reasons import reason_field
from templates.words import Words


def snooze_form(draft_id: str, incident: Incident, wait: timedelta, words: Words) -> Block:
    return modal(
        "snooze",
        words.plain("snooze.title"),
        [
            section(words("snooze.about", number=incident.number, title=incident.title, wait=wait)),
            reason_field(words, example="snooze.reason_example"),
        ],
        submit=words.plain("snooze.submit"),
        close=words.plain("snooze.cancel"),
        private_metadata=draft_id,
    )
