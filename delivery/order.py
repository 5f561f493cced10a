"""Who is served first when Slack asks for patience, and after which calls there may be more to do."""

from delivery.plan import Call, Edit, FindChannel, Invite, LookUp, OpenChannel, Post

ANSWER = "declared"
SWARM = ("briefing", "call")
OVERVIEW = "announcement"


def turn(call: Call) -> int:
    """When its turn is, once the method it needs can be called again; 0 is at once.

    Answers to people go first, then new swarms, then reminders and customer updates, and what is only there to be looked
    up last. A method that all calls need for the same has one turn.
    """
    match call:
        case Post(card=card) if card.kind == ANSWER:
            return 0
        case Post(card=card) if card.kind in SWARM:
            return 1
        case Post(card=card):
            return 3 if card.kind == OVERVIEW else 2
        case Edit(card=card):
            # What somebody was asked, and has just answered, goes before what everybody may read there.
            return 0 if card.pings else 1
        case _:
            return 0


def opens_the_way(call: Call) -> bool:
    """Whether others may have waited for what this call does: then one looks at once what may follow."""
    match call:
        case OpenChannel() | FindChannel() | Invite() | LookUp():
            return True
        case Post(card=card):
            return card.kind in ("briefing", "update")
        case _:
            return False
