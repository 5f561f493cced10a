"""How Slack says no: a short code, and sometimes messages that point at the culprit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class SlackError(Exception):
    """A refused call. `code` is what stands in `error`, `messages` what stands in `response_metadata.messages`."""

    def __init__(self, code: str, messages: Sequence[str] = (), **fields: object) -> None:
        super().__init__(f"{code} {' '.join(messages)}".strip())
        self.code = code
        self.messages = tuple(messages)
        self.fields: Mapping[str, object] = fields

    def as_json(self) -> dict[str, object]:
        """The body of the answer, as Slack words it."""
        body: dict[str, object] = {"ok": False, "error": self.code, **self.fields}
        if self.messages:
            body["response_metadata"] = {"messages": list(self.messages)}
        return body


def invalid_arguments(*messages: str) -> SlackError:
    """`invalid_arguments`, with one `[ERROR] …` line for each message."""
    return SlackError("invalid_arguments", tuple(f"[ERROR] {message}" for message in messages))
