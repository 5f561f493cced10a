"""What Hachi says about itself in the incidents channel."""

from datetime import datetime

from templates.blocks import Block, context, section
from templates.words import Words


def behind_blocks(words: Words, *, since: datetime, until: datetime | None) -> list[Block]:
    """The warning while it lasts; one line once it is over."""
    if until is None:
        return [section(words("health.behind", since=since)), context(words("health.behind_next"))]
    return [context(words("health.over", since=since, until=until))]
