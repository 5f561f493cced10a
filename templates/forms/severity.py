"""Assessing an incident anew: levels, criteria, real damage, and what follows from them."""

from collections.abc import Sequence

from domain.incident import Incident
from domain.severity import Assessment, ImpactBecause, Level, Severity, UrgentBecause
from domain.team import Team
from templates.blocks import Block, checkboxes, context, field, option, radio, section, select
from templates.forms.lifecycle import small_form
from templates.forms.reasons import reason_field
from templates.mrkdwn import Mrkdwn
from templates.terms import field_label, term
from templates.words import Words

SEVERITY = "severity"
YES = "yes"
LIVE_FIELDS = ("urgency", "impact", "urgent_because", "impact_because", "accident", "severity_override")
"""The fields whose change redraws what follows."""


def severity_form(
    draft_id: str,
    incident: Incident,
    chosen: Assessment,
    team: Team,
    words: Words,
    *,
    note: Mrkdwn | None = None,
) -> Block:
    """With what was `chosen` so far; `note` says why it was opened."""
    levels = [option(term(level, words), level.value) for level in Level]
    urgent = [option(term(one, words), one.value) for one in UrgentBecause]
    impact = [option(term(one, words), one.value) for one in ImpactBecause]
    accident = [option(words.plain("severity_form.accident_option"), YES)]
    severities = [
        option(term(one, words), str(int(one)), words.plain(f"severity.example.{int(one)}"))
        for one in Severity
    ]
    override = str(int(chosen.override)) if chosen.override else None
    return small_form(
        SEVERITY,
        draft_id,
        incident,
        words,
        [
            *([context(note)] if note else []),
            field(
                "urgency", field_label("urgency", words), radio(levels, chosen.urgency.value), dispatch=True
            ),
            _ticks("urgent_because", urgent, chosen.urgent_because, words),
            field("impact", field_label("impact", words), radio(levels, chosen.impact.value), dispatch=True),
            _ticks("impact_because", impact, chosen.impact_because, words),
            field(
                "accident",
                field_label("accident", words),
                checkboxes(accident, [YES] if chosen.accident else []),
                optional=True,
                hint=words.plain("severity_form.accident_hint"),
                dispatch=True,
            ),
            section(_new_severity(incident, chosen, team, words), block_id="severity"),
            reason_field(words, example="severity_form.reason_example"),
            field(
                "severity_override",
                words.plain("severity_form.override"),
                select(severities, override),
                optional=True,
                hint=words.plain("severity_form.override_hint"),
                dispatch=True,
            ),
        ],
    )


def _ticks(
    name: str, options: Sequence[Block], ticked: Sequence[UrgentBecause | ImpactBecause], words: Words
) -> Block:
    return field(
        name,
        field_label(name, words),
        checkboxes(options, [one.value for one in ticked]),
        optional=True,
        hint=words.plain(f"declare.{name}_hint"),
        dispatch=True,
    )


def _new_severity(incident: Incident, assessment: Assessment, team: Team, words: Words) -> Mrkdwn:
    severity = assessment.severity
    example = words.plain(f"severity.example.{int(severity)}")
    new = term(severity, words)
    lines = []
    if severity == incident.severity:
        lines.append(words("severity_form.same", severity=new, example=example))
    else:
        old = term(incident.severity, words)
        lines.append(words("severity_form.changes", old=old, severity=new, example=example))
        if incident.swarm:
            every = team.cadences.of(incident.state.value, severity).every
            lines.append(words("severity_form.cadence", every=every))
        elif severity in team.swarm_severities:
            lines.append(words("severity_form.opens_swarm"))
    if assessment.override and assessment.override is not assessment.computed:
        lines.append(words("severity_form.overridden", computed=term(assessment.computed, words)))
    if assessment.accident and not incident.assessment.accident:
        lines.append(words("severity_form.becomes_accident"))
    return Mrkdwn("\n".join(lines))
