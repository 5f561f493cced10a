"""What Slack and the network may do to a call, and to which."""

from sandbox import Fault

FAULTS = {
    "429": lambda: Fault.rate_limited(7),
    "500 after the effect": lambda: Fault.http(500, after_effect=True),
    "503 before the effect": lambda: Fault.http(503),
    "reset before the effect": Fault.reset_before,
    "reset after the effect": Fault.reset_after,
    "internal_error after the effect": lambda: Fault.error("internal_error", after_effect=True),
    "fatal_error before the effect": lambda: Fault.error("fatal_error"),
    "the effect lands late": Fault.late_effect,
    "a hang before the effect": Fault.hang_before,
    "a hang after the effect": Fault.hang_after,
}
HANGS_SECONDS = 1.0
"""So long a hang is waited out."""
METHODS = (
    "*",
    "conversations.create",
    "conversations.list",
    "conversations.invite",
    "conversations.setTopic",
    "conversations.history",
    "chat.postMessage",
    "chat.update",
    "chat.delete",
    "pins.add",
)
