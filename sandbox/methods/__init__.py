"""The Web API methods of the sandbox, one file a family."""

from sandbox.methods import chat, conversations, files, marks, membership, people, views
from sandbox.methods.registry import METHODS, Asked, Method, Site, call

__all__ = [
    "METHODS",
    "Asked",
    "Method",
    "Site",
    "call",
    "chat",
    "conversations",
    "files",
    "marks",
    "membership",
    "people",
    "views",
]
