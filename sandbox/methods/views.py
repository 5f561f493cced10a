"""views.*: modals and Home tabs."""

from __future__ import annotations

from sandbox.block_kit import checked_view
from sandbox.errors import SlackError, invalid_arguments
from sandbox.methods.registry import Asked, method
from sandbox.model import Json, View
from sandbox.payloads import view_json


@method("views.open", tier=4, required=("view", "trigger_id"))
def open_view(asked: Asked) -> Json:
    """A modal, for whoever the trigger_id belongs to."""
    definition = checked_view(asked.args["view"])
    return _answer(
        asked, asked.site.modals.open(asked.site.modals.peek(asked.args["trigger_id"]), definition)
    )


@method("views.push", tier=4, required=("view", "trigger_id"))
def push(asked: Asked) -> Json:
    """One more modal on top."""
    definition = checked_view(asked.args["view"])
    return _answer(
        asked, asked.site.modals.push(asked.site.modals.peek(asked.args["trigger_id"]), definition)
    )


@method("views.update", tier=4, required=("view",))
def update(asked: Asked) -> Json:
    """An open view looks different."""
    if not asked.text("view_id") and not asked.text("external_id"):
        raise invalid_arguments("missing required field: view_id or external_id")
    definition = checked_view(asked.args["view"], ("modal", "home"))
    view = asked.site.modals.find(asked.args.get("view_id"), asked.args.get("external_id"))
    if view.type != definition["type"]:
        raise invalid_arguments("type of view cannot be changed [json-pointer:/view/type]")
    asked.site.modals.update(view, definition, asked.args.get("hash"))
    return _answer(asked, view)


@method("views.publish", tier=4, required=("user_id", "view"))
def publish(asked: Asked) -> Json:
    """A person's Home tab."""
    if not asked.site.app.home_tab:
        raise SlackError("not_enabled")
    definition = checked_view(asked.args["view"], ("home",))
    person = asked.workspace.account(asked.text("user_id")).id
    return _answer(asked, asked.site.modals.publish(person, definition, asked.args.get("hash")))


def _answer(asked: Asked, view: View) -> Json:
    return {"view": view_json(asked.workspace, view)}
