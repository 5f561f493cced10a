"""Names of swarm channels: `inc-<number>-<slug>`, in what letters the title has."""

import re
import unicodedata
from collections.abc import Iterator

LIMIT = 80
"""Characters of a Slack channel name: https://docs.slack.dev/reference/methods/conversations.create"""


def swarm_channel_name(number: int, title: str, *, generation: int = 1) -> str:
    """Lower-case letters and digits of any script, joined by hyphens, at most 80 characters."""
    folded = unicodedata.normalize("NFKC", title).lower()
    slug = re.sub(r"-+", "-", "".join(_kept(folded))).strip("-")
    suffix = f"-{generation}" if generation > 1 else ""
    head = f"inc-{number}"
    room = LIMIT - len(head) - len(suffix) - 1
    slug = slug[:room].strip("-")
    return f"{head}-{slug}{suffix}" if slug else f"{head}{suffix}"


def _kept(text: str) -> Iterator[str]:
    """Letters with the marks that belong to them, and digits; a hyphen for anything else."""
    on_letter = False
    for c in text:
        kind = unicodedata.category(c)[0]
        if kind == "M":
            # A mark makes another letter of the one before it; a variation selector only another picture.
            if on_letter and not unicodedata.name(c, "").startswith("VARIATION SELECTOR"):
                yield c
            continue
        on_letter = kind == "L"
        yield c if kind in "LN" else "-"


def name_after(taken: str, *, first: str) -> str:
    """The next name to try when somebody else has `taken`: `…-b2`, `…-b3` and so on of the first, within the limit."""
    ending = re.search(r"-b(\d+)$", taken) if taken != first else None
    following = f"-b{int(ending[1]) + 1 if ending else 2}"
    return first[: LIMIT - len(following)].rstrip("-") + following
