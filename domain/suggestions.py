"""When an incident has become graver than it was assessed: customers were added, and the criteria say so.

The criteria are those of Salesforce's *Customer Service Incident Management*: a key customer makes it urgent, many
customers make the impact high. What follows is only ever suggested; a person decides.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from domain.incident import Incident
from domain.severity import Assessment, Decision, ImpactBecause, Suggestion, UrgentBecause
from domain.team import Team

Criteria = frozenset[UrgentBecause | ImpactBecause]


def criteria_met(customers: Iterable[str], team: Team) -> Criteria:
    """The criteria that these customers, by their keys, fulfil by themselves."""
    affected = set(customers)
    met: set[UrgentBecause | ImpactBecause] = set()
    if any(customer.is_key for customer in team.customers_named(affected)):
        met.add(UrgentBecause.KEY_CUSTOMER)
    if len(affected) >= team.many_customers:
        met.add(ImpactBecause.MANY_CUSTOMERS)
    return frozenset(met)


def with_criteria(assessment: Assessment, criteria: Criteria) -> Assessment:
    """The assessment with these criteria ticked too, and no severity put in the place of what follows."""
    return replace(
        assessment,
        urgent_because=tuple(
            one for one in UrgentBecause if one in criteria or one in assessment.urgent_because
        ),
        impact_because=tuple(
            one for one in ImpactBecause if one in criteria or one in assessment.impact_because
        ),
        override=None,
        override_reason="",
    )


def customers_changed(before: Incident, after: Incident, team: Team, *, at: datetime) -> Incident:
    """The incident with what its new customers suggest, and without an open suggestion that holds no more.

    A key customer who is added, or the one with whom they become many, is worth a suggestion where that criterion was
    not ticked and the severity would be graver. While one waits for a decision, only a further criterion is said anew.
    """
    added = set(after.customers) - set(before.customers)
    met = criteria_met(after.customers, team)
    news = criteria_met(added, team) & {UrgentBecause.KEY_CUSTOMER}
    news |= met - criteria_met(before.customers, team)
    waiting = after.suggestion
    still = waiting.criteria & met if waiting else frozenset()
    ticked = {*after.assessment.urgent_because, *after.assessment.impact_because}
    found = frozenset((news | still) - ticked)
    if waiting and waiting.criteria == found:
        return after
    after = _decided(after, Decision.STALE, at=at)
    suggested = with_criteria(after.assessment, found).severity
    # Whoever put a milder severity in the place of what was graver all along knew that it was.
    if suggested >= min(after.severity, after.assessment.computed):
        return after
    suggestion = Suggestion(
        number=len(after.suggestions) + 1,
        at=at,
        severity=suggested,
        urgent_because=tuple(one for one in UrgentBecause if one in found),
        impact_because=tuple(one for one in ImpactBecause if one in found),
    )
    return replace(after, suggestions=(*after.suggestions, suggestion))


def severity_decided(incident: Incident, *, by: str, at: datetime) -> Incident:
    """The incident whose severity a person has just changed: an open suggestion is taken, or set aside."""
    waiting = incident.suggestion
    if waiting is None:
        return incident
    taken = incident.severity <= waiting.severity
    return _decided(incident, Decision.TAKEN if taken else Decision.STALE, by=by, at=at)


def kept(incident: Incident, *, by: str, at: datetime) -> Incident:
    """The incident whose severity stays as it is, as a person has decided."""
    return _decided(incident, Decision.KEPT, by=by, at=at)


def _decided(incident: Incident, decision: Decision, *, at: datetime, by: str | None = None) -> Incident:
    return replace(
        incident,
        suggestions=tuple(
            replace(one, decision=decision, decided_by=by, decided_at=at)
            if one.decision is Decision.OPEN
            else one
            for one in incident.suggestions
        ),
    )
