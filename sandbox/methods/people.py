"""auth.*, team.*, users.*, usergroups.*, bots.*, apps.*: who is who."""

from __future__ import annotations

from sandbox.errors import SlackError
from sandbox.methods.registry import Asked, method
from sandbox.model import Account, Json
from sandbox.payloads import bot_json, user_json


@method("api.test", tier=4, token=None)
def api_test(asked: Asked) -> Json:
    """Gives back what it got."""
    if asked.args.get("error"):
        raise SlackError(asked.text("error"), args=asked.args)
    return {"args": asked.args}


@method("auth.test", tier=None)
def auth_test(asked: Asked) -> Json:
    """Whose token it is."""
    workspace = asked.workspace
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.team_name,
        "team_id": workspace.team_id,
        "user": workspace.accounts[asked.bot].handle,
        "user_id": asked.bot,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", tier=3, token="app")  # noqa: S106 - the kind of token, not a token
def connections_open(asked: Asked) -> Json:
    """A one-time address for a websocket."""
    ticket = asked.site.socket_mode.ticket()
    address = asked.site.address.replace("http", "ws", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={asked.workspace.app_id}"}


@method("team.info", tier=3, scopes=("team:read",))
def team_info(asked: Asked) -> Json:
    """The workspace."""
    workspace = asked.workspace
    team = {
        "id": workspace.team_id,
        "name": workspace.team_name,
        "domain": workspace.domain,
        "email_domain": "",
    }
    return {"team": team}


@method("bots.info", tier=3, scopes=("users:read",), json=False)
def bots_info(asked: Asked) -> Json:
    """The app's bot."""
    workspace = asked.workspace
    if asked.text("bot") != workspace.bot_id:
        raise SlackError("bot_not_found")
    return {"bot": bot_json(workspace, workspace.accounts[asked.bot])}


@method("users.info", tier=4, required=("user",), scopes=("users:read",), json=False)
def users_info(asked: Asked) -> Json:
    """One member."""
    return {"user": _shown(asked, asked.workspace.account(asked.text("user")))}


@method("users.list", tier=2, scopes=("users:read",), json=False)
def users_list(asked: Asked) -> Json:
    """All members, page by page."""
    page, more = asked.page(list(asked.workspace.accounts.values()), default=1000)
    return {"members": [_shown(asked, account) for account in page], "response_metadata": more}


@method("users.lookupByEmail", tier=3, required=("email",), scopes=("users:read.email",), json=False)
def users_lookup(asked: Asked) -> Json:
    """The member with this address; deactivated ones are not found."""
    for account in asked.workspace.people():
        if account.email.lower() == asked.text("email").lower() and not account.deactivated:
            return {"user": _shown(asked, account)}
    raise SlackError("users_not_found")


@method("usergroups.list", tier=2, scopes=("usergroups:read",), json=False)
def usergroups_list(asked: Asked) -> Json:
    """All user groups."""
    with_users = asked.flag("include_users")
    groups = asked.workspace.usergroups
    return {
        "usergroups": [{k: v for k, v in group.items() if with_users or k != "users"} for group in groups]
    }


@method("usergroups.users.list", tier=2, required=("usergroup",), scopes=("usergroups:read",), json=False)
def usergroups_users_list(asked: Asked) -> Json:
    """The ids of the people in a group."""
    for group in asked.workspace.usergroups:
        if group["id"] == asked.text("usergroup"):
            return {"users": list(group["users"])}
    raise SlackError("no_such_subteam")


def _shown(asked: Asked, account: Account) -> Json:
    email = asked.site.app.granted("users:read.email")
    return user_json(asked.workspace, account, email=email, locale=asked.flag("include_locale"))
