"""What a command costs in statements: few, and no more of them when much is open and many people are known."""

import pytest
from sqlalchemy import event

from storage.directory import Known
from tests.handlers.conftest import Workplace

MOST = {"list": 6, "status 1": 12, "timeline 1": 3, "declare Payments fail": 1, "help": 1}
"""Statements of each command, beginning and end of its transaction left out."""


@pytest.mark.parametrize("much", [False, True], ids=["little", "much"])
async def test_a_command_asks_the_database_little(workplace: Workplace, much: bool) -> None:
    incidents = [
        await workplace.incident(f"Payments fail {n}", product="payments") for n in range(9 if much else 1)
    ]
    assert incidents[0].number == 1
    if much:
        async with workplace.desk.database.transaction() as tx:
            for n in range(100):
                known = Known(who=f"p{n}@example.com", slack_id=f"U{n}", name=f"P {n}", locale="ja-JP")
                await tx.directory.note_people([known], at=workplace.clock.at)
    hana, asked = workplace.sandbox.person("hana"), []
    await hana.command(
        "/incident", "list", "support"
    )  # Who reads it, and the directory, are known from now on.
    event.listen(
        workplace.desk.database.engine.sync_engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, *rest: asked.append(statement),
    )
    for command, most in MOST.items():
        asked.clear()
        assert (await hana.command("/incident", command, "support")).ok
        statements = [one for one in asked if not one.startswith("BEGIN")]
        assert len(statements) <= most, "\n".join([command, *statements])


async def test_what_another_copy_has_noted_of_a_person_is_read(workplace: Workplace) -> None:
    """The directory is kept in memory; whatever changes it makes another edition of it."""
    database = workplace.desk.database
    other = type(database)(database.url)
    try:
        for name in ("Ada Byron", "Ada King"):
            async with other.transaction() as tx:
                known = Known(who="ada@example.com", slack_id=workplace.id("ada"), name=name)
                await tx.directory.note_people([known], at=workplace.clock.at)
            async with database.reading() as tx:
                assert (await tx.directory.entries()).names[workplace.id("ada")] == name
        with pytest.raises(ZeroDivisionError):
            async with database.transaction() as tx:
                await tx.directory.note_people(
                    [Known(who="ada@example.com", slack_id=None)], at=workplace.clock.at
                )
                assert "ada@example.com" not in await tx.directory.slack_ids()
                raise ZeroDivisionError
        async with database.reading() as tx:
            assert "ada@example.com" in await tx.directory.slack_ids()
    finally:
        await other.close()
