"""Why an SLA deadline was missed."""

from domain.incident import Incident
from domain.sla import SlaKind
from templates.blocks import Block, modal, section
from templates.forms.reasons import reason_field
from templates.words import Words

SLA_REASON = "sla_reason"


def sla_reason_form(draft_id: str, incident: Incident, kind: SlaKind, words: Words) -> Block:
    return modal(
        SLA_REASON,
        words.plain("sla_reason_form.title"),
        [
            section(words(f"sla_reason_form.about_{kind}", number=incident.number, title=incident.title)),
            reason_field(words, example="sla_reason_form.reason_example"),
        ],
        submit=words.plain("sla_reason_form.submit"),
        close=words.plain("lifecycle.cancel"),
        private_metadata=draft_id,
    )
