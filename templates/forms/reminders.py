"""Asking for quiet: the reason a snooze is kept with."""

from datetime import timedelta

from domain.incident import Incident
from templates.blocks import Block, field, modal, section, text_input
from templates.terms import field_label
from templates.words import Words


def snooze_form(draft_id: str, incident: Incident, wait: timedelta, words: Words) -> Block:
    return modal(
        "snooze",
        words.plain("snooze.title"),
        [
            section(words("snooze.about", number=incident.number, title=incident.title, wait=wait)),
            field(
                "reason",
                field_label("reason", words),
                text_input(placeholder=words.plain("snooze.reason_example")),
                hint=words.plain("snooze.reason_hint"),
            ),
        ],
        submit=words.plain("snooze.submit"),
        close=words.plain("snooze.cancel"),
        private_metadata=draft_id,
    )
