"""Writing a row whether it is there or not, which two copies of the program may do at once."""

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Base


async def put(session: AsyncSession, row: type[Base], **values: Any) -> None:
    """Insert the row, or change the one with this key; of two at once the later stays."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    keys = [column.name for column in inspect(row).primary_key]
    statement = insert(row).values(**values)
    changes = {name: statement.excluded[name] for name in values if name not in keys}
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))
