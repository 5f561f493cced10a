"""A customer update as it stands in Slack: for the team with its receipts, for customers in their words only."""

from typing import Any

from domain.customer_updates import SWARM as SWARM_RECIPIENT
from domain.customer_updates import CustomerUpdate, Delivery, Receipt, language_for_team
from domain.snapshot import Snapshot
from domain.team import Team
from templates.blocks import Block, actions, button, context, section
from templates.cards.card import SWARM, Card, in_channel, name_of, words_of
from templates.mrkdwn import Mrkdwn
from templates.notices import notice, slack_sections
from templates.words import Words


def customer_update_cards(snapshot: Snapshot, team: Team) -> list[Card]:
    """One card a recipient, and one for the swarm; in each place in the order in which they were sent."""
    cards = []
    last_in: dict[str, str] = {}
    for update in snapshot.updates:
        key = f"update/{update.number}"
        deliveries = [one for one in snapshot.deliveries if one.number == update.number]
        placed = [
            (in_channel(one.recipient.place), _for_customers(update, one, snapshot, team))
            for one in deliveries
            if one.recipient.place != SWARM_RECIPIENT
        ]
        placed.append((SWARM, _for_the_team(update, deliveries, snapshot, team)))
        for place, blocks in placed:
            cards.append(Card(key, place, tuple(blocks), after=last_in.get(place), frozen=place != SWARM))
            last_in[place] = key
    return cards


def _for_customers(update: CustomerUpdate, delivery: Delivery, snapshot: Snapshot, team: Team) -> list[Block]:
    customers = [customer.name for customer in team.customers_named(delivery.recipient.customers)]
    earlier = [other for other in snapshot.updates if other.number < update.number]
    said = notice(
        update,
        incident=snapshot.incident,
        team=team,
        language=delivery.recipient.language,
        earlier=earlier,
        addressee=customers[0] if len(customers) == 1 else "",
    )
    return [section(part) for part in slack_sections(said)]


def _for_the_team(
    update: CustomerUpdate, deliveries: list[Delivery], snapshot: Snapshot, team: Team
) -> list[Block]:
    words = words_of(snapshot, team)
    facts: dict[str, Any] = {
        "number": update.number,
        "kind": words.plain(f"kind.{update.kind}"),
        "who": name_of(update.author, snapshot),
        "at": update.sent_at,
        "next": update.promise,
    }
    late = words("update.late", n=update.minutes_late) if update.minutes_late else words("update.on_time")
    heading = words("update.sent" if update.promise else "update.sent_last", late=late, **facts)
    blocks = [
        section(Mrkdwn(f"{heading}\n{_receipts(deliveries, words)}")),
    ]
    earlier = [other for other in snapshot.updates if other.number < update.number]
    language = language_for_team(snapshot.incident, (one.recipient for one in deliveries))
    said = notice(update, incident=snapshot.incident, team=team, language=language, earlier=earlier)
    blocks += [context(part) for part in slack_sections(said)]
    if any(one.recipient.place != SWARM_RECIPIENT for one in deliveries):
        value = f"{snapshot.incident.number}/{update.number}"
        blocks.append(
            actions(button(words.plain("button.recipients"), "update.recipients", value), block_id="update")
        )
    return blocks


def _receipts(deliveries: list[Delivery], words: Words) -> Mrkdwn:
    if all(one.recipient.place == SWARM_RECIPIENT for one in deliveries):
        return words("update.no_recipients")
    count = {receipt: sum(one.receipt is receipt for one in deliveries) for receipt in Receipt}
    line = words("update.receipts", total=len(deliveries), sent=count[Receipt.SENT])
    if count[Receipt.WAITING]:
        line = Mrkdwn(line + words("update.waiting", n=count[Receipt.WAITING]))
    if count[Receipt.FAILED]:
        failed = [one.recipient.place for one in deliveries if one.receipt is Receipt.FAILED]
        line = Mrkdwn(line + words("update.failed", n=count[Receipt.FAILED], places=words.join(failed)))
    return line
