"""The form that declares an incident, and the live line that says what declaring would do."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from domain.incident import Category, Incident, Role
from domain.roster import Place
from domain.severity import Assessment, ImpactBecause, Level, Severity, UrgentBecause
from domain.sla import SlaClocks
from domain.team import Customer, Team
from templates.blocks import (
    Block,
    button,
    checkboxes,
    context,
    divider,
    field,
    modal,
    multi_select,
    option,
    radio,
    section,
    select,
    text_input,
)
from templates.mrkdwn import Mrkdwn, channel_link, mention
from templates.terms import field_label, short_term, term
from templates.words import LANGUAGES, Words

DECLARE = "declare"
YES = "yes"
OPTIONS = 100
"""Options of one menu: https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element"""
LIVE_FIELDS = (
    "urgency",
    "impact",
    "urgent_because",
    "impact_because",
    "severity_override",
    "product",
    "customers",
    "swarm_anyway",
)
"""The fields whose change redraws the live line."""


def declare_form(
    draft_id: str, team: Team, words: Words, *, title: str, summary: str, live: Sequence[Block]
) -> Block:
    """Everything but the live part depends on nothing that is typed, so that redrawing it loses nothing."""
    levels = [option(term(level, words), level.value) for level in Level]
    blocks = [
        field(
            "title",
            field_label("title", words),
            text_input(title, placeholder=words.plain("declare.title_placeholder")),
        ),
        field(
            "summary",
            field_label("summary", words),
            text_input(summary, multiline=True, placeholder=words.plain("declare.summary_placeholder")),
            optional=True,
        ),
        field("urgency", field_label("urgency", words), radio(levels), dispatch=True),
        _ticks("urgent_because", [option(term(one, words), one.value) for one in UrgentBecause], words),
        field("impact", field_label("impact", words), radio(levels), dispatch=True),
        _ticks("impact_because", [option(term(one, words), one.value) for one in ImpactBecause], words),
        *_products(team, words),
        *_customers(team, words),
        *live,
        divider(),
        field(
            "category",
            field_label("category", words),
            select([option(term(one, words), one.value) for one in Category]),
            optional=True,
        ),
        field(
            "language",
            field_label("language", words),
            select([option(words.plain(f"language.{one}"), one) for one in LANGUAGES], team.language),
            optional=True,
            hint=words.plain("declare.language_hint"),
        ),
        _tick("private", words),
        _tick("swarm_anyway", words, dispatch=True),
        field(
            "severity_override",
            field_label("severity_override", words),
            select(
                [
                    option(term(one, words), str(int(one)), words.plain(f"severity.example.{int(one)}"))
                    for one in Severity
                ]
            ),
            optional=True,
            hint=words.plain("declare.severity_override_hint"),
            dispatch=True,
        ),
        field(
            "override_reason",
            field_label("override_reason", words),
            text_input(multiline=True),
            optional=True,
        ),
    ]
    return modal(
        DECLARE,
        words.plain("declare.heading"),
        blocks,
        submit=words.plain("declare.submit"),
        close=words.plain("declare.cancel"),
        private_metadata=draft_id,
    )


def waiting_line(words: Words) -> list[Block]:
    """What the live line says before there is anything to foretell."""
    return [section(words("declare.forecast_waiting"), block_id="forecast")]


def live_line(
    words: Words,
    *,
    assessment: Assessment,
    swarm: bool,
    first_update_by: datetime,
    sla: SlaClocks | None,
    places: Sequence[Place],
    missing: Sequence[str],
    people: Mapping[str, str],
    look_alikes: Sequence[Incident],
) -> list[Block]:
    """Severity and why, both deadlines, who would be called, what none of them can do, and open incidents it may be.

    `people` are Slack user ids by the name the settings use.
    """
    severity = assessment.severity
    lines = [
        words("declare.forecast_severity", severity=term(severity, words)),
        _why(assessment, words),
    ]
    if not swarm:
        lines.append(words("declare.forecast_ordinary", severity=term(severity, words)))
    else:
        lines.append(words("declare.forecast_first", at=first_update_by))
        if sla:
            lines.append(
                words("declare.forecast_sla", response=sla.response.by, resolution=sla.resolution.by)
            )
        lines.append(words("declare.forecast_called", people=_called(places, people, words)))
        if missing:
            lines.append(words("declare.forecast_missing", skills=words.join(missing)))
    return [
        section(Mrkdwn("\n".join(lines)), block_id="forecast"),
        *_look_alikes(look_alikes, words),
    ]


def ordinary_case(incident: Incident, words: Words, *, command: str) -> Block:
    """What whoever declared reads when no swarm follows: the number, and what comes next."""
    severity = term(incident.severity, words)
    number, title = incident.number, incident.title
    return modal(
        "declared",
        words.plain("declare.recorded_heading"),
        [
            section(words("declare.recorded", severity=severity, number=number, title=title)),
            context(words("declare.recorded_next", number=number, command=command)),
        ],
        close=words.plain("notice.close"),
    )


def _ticks(name: str, options: Sequence[Block], words: Words) -> Block:
    hint = words.plain(f"declare.{name}_hint")
    return field(name, field_label(name, words), checkboxes(options), optional=True, hint=hint, dispatch=True)


def _tick(name: str, words: Words, *, dispatch: bool = False) -> Block:
    options = [option(words.plain(f"declare.{name}_option"), YES)]
    return field(
        name,
        field_label(name, words),
        checkboxes(options),
        optional=True,
        hint=words.plain(f"declare.{name}_hint"),
        dispatch=dispatch,
    )


def _products(team: Team, words: Words) -> list[Block]:
    if not team.products:
        return []
    options = [option(product.called(words.language), key) for key, product in team.products.items()]
    return [
        field(
            "product",
            field_label("product", words),
            select(options),
            optional=True,
            hint=words.plain("declare.product_hint") + first_ones(options, words),
            dispatch=True,
        )
    ]


def _customers(team: Team, words: Words) -> list[Block]:
    if not team.customers:
        return []
    options = customer_options(team, words)
    return [
        field(
            "customers",
            field_label("customers", words),
            multi_select(options),
            optional=True,
            hint=words.plain("declare.customers_hint") + first_ones(options, words),
            dispatch=True,
        )
    ]


def customer_options(team: Team, words: Words, *, first: Collection[str] = ()) -> list[Block]:
    """Every customer to choose from: those of `first` first, then key customers."""
    ordered = sorted(team.customers.items(), key=lambda item: (item[0] not in first, not item[1].is_key))
    return [option(customer_name(customer, words), key) for key, customer in ordered]


def customer_name(customer: Customer, words: Words) -> str:
    return words.plain("declare.key_customer", name=customer.name) if customer.is_key else customer.name


def first_ones(options: Sequence[Block], words: Words) -> str:
    """That a menu has more options than it may show, if so."""
    if len(options) <= OPTIONS:
        return ""
    return words.plain("declare.first_ones", shown=OPTIONS, all=len(options))


def _why(assessment: Assessment, words: Words) -> Mrkdwn:
    """How the severity came about: the levels, the reasons that made one high, and a person's own choice."""
    between = words.plain("declare.between_reasons")
    parts = []
    for name, level, chosen, because in (
        ("urgency", assessment.effective_urgency, assessment.urgency, assessment.urgent_because),
        ("impact", assessment.effective_impact, assessment.impact, assessment.impact_because),
    ):
        raised = because and chosen is not Level.HIGH
        parts.append(
            words(
                "declare.forecast_raised" if raised else "declare.forecast_level",
                field=field_label(name, words),
                level=term(level, words),
                reasons=between.join(term(reason, words) for reason in because),
            )
        )
    said = Mrkdwn(words.plain("declare.forecast_times").join(parts))
    if assessment.override and assessment.override is not assessment.computed:
        computed = short_term(assessment.computed, words)
        return words("declare.forecast_overridden", why=said, computed=computed)
    return said


def _called(places: Sequence[Place], people: Mapping[str, str], words: Words) -> Mrkdwn:
    """Everybody once a role; whoever stands in for several roles once for all of them."""
    standing_in = [place for place in places if place.stands_in]
    said = []
    for role in Role:
        found = [place for place in places if place.role is role and not place.stands_in]
        for call_at in dict.fromkeys(place.call_at for place in found):
            together = [place for place in found if place.call_at == call_at]
            skills = list(dict.fromkeys(skill for place in together for skill in place.skills))
            name = "declare.called_with_skills" if skills else "declare.called"
            said.append(
                words(
                    f"{name}_later" if call_at else name,
                    people=_mentions([place.person for place in together], people),
                    role=short_term(role, words),
                    skills=words.join(skills),
                    at=call_at,
                )
            )
    filled_later = {place.role for place in places if place.call_at}
    for name, later in (("declare.called_standing_in", False), ("declare.called_standing_in_until", True)):
        if alike := [place for place in standing_in if (place.role in filled_later) is later]:
            roles = [short_term(place.role, words) for place in alike]
            person = _mentions([alike[0].person], people)
            said.append(words(name, people=person, roles=words.join(roles)))
    return Mrkdwn(words.plain("declare.between_called").join(said))


def _mentions(named: Sequence[str], people: Mapping[str, str]) -> Mrkdwn:
    return Mrkdwn(" ".join(mention(people.get(who, who)) for who in named))


def _look_alikes(incidents: Sequence[Incident], words: Words) -> list[Block]:
    if not incidents:
        return []
    blocks = [section(words("declare.look_alikes"), block_id="look_alikes")]
    for incident in incidents:
        where = channel_link(incident.channel_id) if incident.channel_id else Mrkdwn("")
        join = button(words.plain("declare.join"), "incident.join", f"{incident.number}/0")
        said = words("declare.look_alike", number=incident.number, title=incident.title, where=where)
        blocks.append(
            section(
                said, block_id=f"look_alike.{incident.number}", accessory=join if incident.swarm else None
            )
        )
    return blocks
