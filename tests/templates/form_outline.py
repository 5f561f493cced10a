"""A form as a person reads it, from top to bottom, in plain lines."""

from collections.abc import Iterator
from typing import Any

from sandbox.block_kit import checked_view
from sandbox.readable import readable

Json = dict[str, Any]


def outline(view: Json) -> str:
    """The whole form; dates as a reader in Tokyo sees them. Raises what Slack would say of a view it refuses."""
    checked_view(view)
    return "\n".join(_lines(view)) + "\n"


def _lines(view: Json) -> Iterator[str]:
    yield f"=== {view['title']['text']} ({view['callback_id']})"
    for block in view["blocks"]:
        match block["type"]:
            case "divider":
                yield "---"
            case "input":
                yield from _field(block)
            case "actions":
                yield " ".join(f"[{element['text']['text']}]" for element in block["elements"])
            case _:
                yield readable("", [block], tz="Asia/Tokyo", names={})
    buttons = [view["close"]["text"], *([view["submit"]["text"]] if "submit" in view else [])]
    yield "=== " + " ".join(f"[{text}]" for text in buttons)


def _field(block: Json) -> Iterator[str]:
    element = block["element"]
    must = "" if block["optional"] else " *"
    said = str(element.get("initial_value", "")).replace("\n", "\n    ")
    yield f"{block['block_id']}: {block['label']['text']}{must} {f'= {said}' if said else ''}".rstrip()
    initial = element.get("initial_option", {}).get("value")
    for group in [element, *element.get("option_groups", ())]:
        if "label" in group:
            yield f"    {group['label']['text']}"
        for option in group.get("options", ()):
            about = f" / {option['description']['text']}" if "description" in option else ""
            yield f"    ({'x' if option['value'] == initial else ' '}) {option['text']['text']}{about}"
    if "placeholder" in element:
        yield f"    … {element['placeholder']['text']}"
    if "hint" in block:
        yield f"    ? {block['hint']['text']}"
