"""A team whose customers read Japanese and English, and the steps its people take in Slack."""

from dataclasses import replace
from typing import Any

from domain import update_clock
from domain.customer_updates import CustomerUpdate
from domain.incident import Incident
from domain.team import Customer
from sandbox import Channel, Message
from sandbox.readable import readable
from tests.handlers.conftest import TEAM, Workplace

JAPANESE_CUSTOMER = Customer(
    name="Acme 病院", language="ja", products=("payments",), channels=("acme-support",)
)
ENGLISH_CUSTOMER = Customer(
    name="Globex", language="en", products=("payments",), channels=("globex-support",)
)
BOTH = replace(TEAM, customers={"acme": JAPANESE_CUSTOMER, "globex": ENGLISH_CUSTOMER})
ONLY_JAPANESE = replace(TEAM, customers={"acme": JAPANESE_CUSTOMER})
ONLY_ENGLISH = replace(TEAM, customers={"globex": ENGLISH_CUSTOMER})

FIRST = {
    "symptom": "「お支払いを完了できません」と表示されます。",
    "affected": "カード決済をご利用の全加盟店様",
}
FIRST_EN = {
    "symptom_en": "Buyers see an error and cannot pay.",
    "affected_en": "All merchants who take cards.",
}


def post_button(workplace: Workplace, channel: Channel, action_id: str, value: str) -> Message:
    """A message of Hachi's with one button, as a card has it."""
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": action_id},
        "action_id": action_id,
        "value": value,
    }
    blocks = [{"type": "actions", "block_id": "card", "elements": [button]}]
    return workplace.sandbox.workspace.post(channel, workplace.sandbox.bot_user_id, "card", blocks)


async def updates(workplace: Workplace, number: int) -> tuple[CustomerUpdate, ...]:
    async with workplace.desk.database.reading() as tx:
        return await tx.customer_updates.of(number)


async def incident_now(workplace: Workplace, number: int) -> Incident:
    async with workplace.desk.database.reading() as tx:
        return await tx.incidents.get(number, lock=False)


async def form(workplace: Workplace, handle: str, callback_id: str) -> dict[str, Any]:
    """Wait until the person looks at this form."""
    person = workplace.sandbox.person(handle)

    def looks_at_it() -> dict[str, Any] | None:
        return person.view if person.view and person.view["callback_id"] == callback_id else None

    view = await workplace.sandbox.until(looks_at_it)
    assert view
    return view


def fields(view: dict[str, Any]) -> dict[str, Any]:
    """What stands in each field: the text, or the value of the chosen option."""
    found = {}
    for block_id, elements in view["state"]["values"].items():
        for state in elements.values():
            chosen = state.get("selected_option")
            found[block_id] = chosen["value"] if chosen else state.get("value")
    return found


def read(view: dict[str, Any]) -> str:
    """What a form says, without its fields."""
    return readable("", view["blocks"], tz="Asia/Tokyo", names={})


def readable_in_tokyo(text: str) -> str:
    return readable(text, [], tz="Asia/Tokyo", names={})


def last_said(workplace: Workplace, handle: str, channel: Channel | str) -> str:
    """The newest message in the channel before this person's eyes only."""
    own = [
        message
        for message in workplace.sandbox.person(handle).messages(channel)
        if message.ephemeral_for is not None
    ]
    return own[-1].plain_in("Asia/Tokyo") if own else ""


async def send_first(workplace: Workplace, swarm: Channel, by: str = "hana", **more: str) -> None:
    """Send a first notice, form and preview and all."""
    person = workplace.sandbox.person(by)
    await person.command("/incident", "update", swarm)
    await form(workplace, by, "update")
    await person.fill(**FIRST, **more)
    await person.submit()
    await form(workplace, by, "update_preview")
    assert (await person.submit()).closed


async def delivered(workplace: Workplace, number: int) -> None:
    """As delivery records it: the newest update has reached somebody, and the next wait begins."""
    async with workplace.desk.database.transaction() as tx:
        incident = await tx.incidents.get(number)
        update = (await tx.customer_updates.of(number))[-1]
        clock = await tx.clocks.get(number)
        assert clock and update.promise
        await tx.customer_updates.delivered(number, update.number, at=workplace.clock.at)
        cadence = workplace.desk.cadence(incident)
        moved = update_clock.delivered(clock, sent_at=update.sent_at, promise=update.promise, cadence=cadence)
        await tx.clocks.save(number, moved, cadence)
