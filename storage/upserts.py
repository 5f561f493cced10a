"""Writing a row whether it is there or not, which two copies of the program may do at once."""

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Base


def insert_into(session: AsyncSession, row: type[Base]) -> Any:
    """An insert that may say what to do where the row is there already."""
    # Either is slow to import, and only one of them is needed.
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(row)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(row)


async def put(session: AsyncSession, row: type[Base], **values: Any) -> None:
    """Insert the row, or change the one with this key; of two at once the later stays."""
    keys = [column.name for column in inspect(row).primary_key]
    statement = insert_into(session, row).values(**values)
    changes = {name: statement.excluded[name] for name in values if name not in keys}
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))
