"""What stands in open forms: Slack keeps only the draft's id."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from services.desk import Desk


async def save(
    desk: Desk,
    kind: str,
    *,
    person: str,
    payload: Mapping[str, Any],
    incident: int | None = None,
    draft_id: str | None = None,
) -> str:
    """Keep what a form is about; answers the draft's id. With `draft_id` the draft of that id is replaced.

    `kind` is the form's `callback_id`. `payload` holds plain values (texts, numbers, lists, mappings); by custom its
    `channel` is the Slack channel the form was opened from.
    """
    draft_id = draft_id or uuid4().hex
    async with desk.database.transaction() as tx:
        await tx.drafts.save(draft_id, kind, person=person, at=desk.now(), payload=payload, incident=incident)
    return draft_id


async def load(desk: Desk, draft_id: str, kind: str) -> tuple[int | None, Mapping[str, Any]]:
    """The incident a form is about and what was kept of it. Raises Refusal DRAFT_GONE."""
    async with desk.database.reading() as tx:
        return await tx.drafts.get(draft_id, kind)
