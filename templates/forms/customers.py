"""The customers an incident affects: added or taken off, and what follows."""

from collections.abc import Sequence
from datetime import datetime

from domain.incident import Incident
from domain.severity import Suggestion
from domain.sla import SlaClocks, plans_used
from domain.team import Team
from templates.blocks import Block, field, multi_select, section, text_input
from templates.cards.briefing import sla_line
from templates.cards.suggestions import suggestion_text
from templates.forms.declare import OPTIONS, customer_name, customer_options, first_ones
from templates.forms.lifecycle import small_form
from templates.forms.reasons import reason_field
from templates.mrkdwn import Mrkdwn, People
from templates.terms import field_label
from templates.words import Words

CUSTOMERS = "customers"


def customers_form(
    draft_id: str, incident: Incident, team: Team, words: Words, *, live: Sequence[Mrkdwn] = ()
) -> Block:
    """`live` is what the choice made so far would do."""
    options = customer_options(team, words, first=incident.customers)
    blocks = [
        field(
            "customers",
            field_label("customers", words),
            multi_select(options, incident.customers, placeholder=words.plain("customers_form.nobody")),
            optional=True,
            hint=words.plain("customers_form.hint") + first_ones(options, words),
            dispatch=True,
        ),
    ]
    if len(options) > OPTIONS:
        blocks.append(
            field(
                "more_customers",
                words.plain("customers_form.more"),
                text_input(placeholder=words.plain("customers_form.more_example")),
                optional=True,
                hint=words.plain("customers_form.more_hint"),
            )
        )
    said = Mrkdwn("\n".join(live)) if live else words("customers_form.unchanged")
    return small_form(
        CUSTOMERS,
        draft_id,
        incident,
        words,
        [
            *blocks,
            section(said, block_id="outlook"),
            reason_field(
                words,
                example="customers_form.reason_example",
                hint="customers_form.reason_hint",
                optional=True,
            ),
        ],
    )


def customers_outlook(
    before: Incident,
    after: Incident,
    team: Team,
    words: Words,
    *,
    sla: SlaClocks | None,
    managers: Sequence[str],
    suggestion: Suggestion | None,
    at: datetime,
) -> list[Mrkdwn]:
    """What a change of customers would do, one line each; empty where nothing would change."""
    came = [key for key in after.customers if key not in before.customers]
    went = [key for key in before.customers if key not in after.customers]
    lines = []
    if came:
        lines.append(words("customers_form.added", customers=_named(came, team, words)))
    if went:
        lines.append(words("customers_form.removed", customers=_named(went, team, words)))
    if lines and sla:
        over = [clock for clock in sla.all if clock.met_at is None and clock.by <= at]
        lines.append(sla_line(sla, words, plans=plans_used(after, team), over=over))
    if managers:
        people = People(tuple(managers))
        lines.append(words("customers_form.called", people=people))
    if suggestion:
        lines.append(suggestion_text(suggestion, after, words))
    return lines


def _named(keys: Sequence[str], team: Team, words: Words) -> Mrkdwn:
    customers = team.customers
    return words.join([customer_name(customers[key], words) if key in customers else key for key in keys])
