"""A Slack workspace on localhost, to try a Slack app out and to test it."""

from sandbox.changes import Change
from sandbox.errors import SlackError
from sandbox.faults import Fault
from sandbox.model import Channel, ChannelSpec, Message, PersonSpec, View
from sandbox.page_tour import TourStep
from sandbox.person import Answer, Person, Submitted
from sandbox.sandbox import Sandbox
from sandbox.server import Call

__all__ = [
    "Answer",
    "Call",
    "Change",
    "Channel",
    "ChannelSpec",
    "Fault",
    "Message",
    "Person",
    "PersonSpec",
    "Sandbox",
    "SlackError",
    "Submitted",
    "TourStep",
    "View",
]
