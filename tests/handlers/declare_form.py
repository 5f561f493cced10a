"""The declare form in front of somebody, and what became of it."""

from typing import Any

from domain.incident import Incident
from domain.refusals import Refusal
from sandbox import Person
from sandbox.readable import readable
from tests.handlers.conftest import Workplace

SPEAKERS = {"ja": "hana", "en": "ada"}
INPUTS = (
    "title summary urgency urgent_because impact impact_because product customers category language private "
    "swarm_anyway severity_override override_reason"
).split()


async def opened(workplace: Workplace, handle: str = "hana", text: str = "起票") -> Person:
    """Somebody with the declare form in front of them."""
    person = workplace.sandbox.person(handle)
    answer = await person.command("/incident", text, "support")
    assert answer.ok, answer
    await workplace.sandbox.until(lambda: person.view)
    return person


async def declared(workplace: Workplace, number: int = 1) -> Incident:
    async with workplace.desk.database.reading() as tx:
        return await tx.incidents.get(number)


async def nothing_declared(workplace: Workplace) -> bool:
    try:
        await declared(workplace)
    except Refusal:
        return True
    return False


def said(view: Any, block_id: str = "forecast") -> str:
    """What one part of a form says, as its reader reads it."""
    blocks = [block for block in view["blocks"] if block["block_id"].startswith(block_id)]
    return readable("", blocks, (), tz="Asia/Tokyo", names={})


async def foretold(workplace: Workplace, person: Person, *parts: str) -> str:
    """The live line, once it says all of this."""
    return await workplace.sandbox.until(
        lambda: (line := said(person.view)) and all(part in line for part in parts) and line
    )


def value(view: Any, field: str) -> Any:
    return view["state"]["values"][field][field].get("value")
