"""Slack's published rules for app manifests, as far as an app of this kind can use them.

Sources: https://docs.slack.dev/reference/app-manifest and the JSON schema in https://github.com/slackapi/manifest-schema.
Where the two differ, the stricter one is taken.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Address = Annotated[str, Field(pattern=r"^https?://", max_length=3000)]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=50)]], Field(max_length=100)]

# Slack's own commands cannot be taken by an app.
RESERVED = frozenset(
    "/archive /call /collapse /dm /dnd /expand /feed /feedback /invite /join /kick /leave /me /msg /mute /open "
    "/part /remind /remove /rename /search /shortcuts /shrug /star /status /topic /who".split()
)


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Metadata(Rule):
    major_version: Literal[1, 2] = 1
    minor_version: int = 1


class Display(Rule):
    name: str = Field(min_length=1, max_length=35)
    description: str = Field(default="-", min_length=1, max_length=140)
    long_description: str | None = Field(default=None, min_length=175, max_length=4000)
    background_color: str | None = Field(default=None, pattern=r"^#([0-9a-fA-F]{3}){1,2}$")


class AppHome(Rule):
    home_tab_enabled: bool = False
    messages_tab_enabled: bool = False
    messages_tab_read_only_enabled: bool = False


class BotUser(Rule):
    display_name: str = Field(max_length=80, pattern=r"^[\w.-]+$")
    always_online: bool = False


class SlashCommand(Rule):
    command: str = Field(min_length=2, max_length=32, pattern=r"^/[^\sA-Z]+$")
    description: str = Field(min_length=1, max_length=2000)
    usage_hint: str = Field(default="-", min_length=1, max_length=1000)
    should_escape: bool = False
    url: Address | None = None

    @model_validator(mode="after")
    def is_not_slacks_own(self) -> SlashCommand:
        if self.command in RESERVED:
            raise ValueError(f"{self.command} is a command of Slack's own")
        return self


class Shortcut(Rule):
    name: str = Field(min_length=1, max_length=24)
    type: Literal["global", "message"]
    callback_id: str = Field(min_length=1, max_length=255)
    description: str = Field(min_length=1, max_length=150)


class Features(Rule):
    app_home: AppHome = AppHome()
    bot_user: BotUser | None = None
    shortcuts: list[Shortcut] = Field(default=[], max_length=10)
    slash_commands: list[SlashCommand] = Field(default=[], max_length=50)
    unfurl_domains: list[str] = Field(default=[], max_length=5)


class Scopes(Rule):
    bot: Names = []
    user: Names = []


class OAuth(Rule):
    redirect_urls: list[str] = Field(default=[], max_length=1000)
    scopes: Scopes = Scopes()


class Events(Rule):
    request_url: Address | None = None
    bot_events: Names = []
    user_events: Names = []


class Interactivity(Rule):
    is_enabled: bool
    request_url: Address | None = None
    message_menu_options_url: Address | None = None


class Settings(Rule):
    allowed_ip_address_ranges: list[str] = Field(default=[], max_length=50)
    event_subscriptions: Events = Events()
    interactivity: Interactivity = Interactivity(is_enabled=False)
    org_deploy_enabled: bool = False
    socket_mode_enabled: bool = False
    token_rotation_enabled: bool = False


class Manifest(Rule):
    """A whole manifest; what one part asks of another is checked here."""

    metadata: Metadata = Field(default_factory=Metadata, alias="_metadata")
    display_information: Display
    features: Features = Features()
    oauth_config: OAuth = OAuth()
    settings: Settings = Settings()

    @model_validator(mode="after")
    def parts_agree(self) -> Manifest:
        bot = self.oauth_config.scopes.bot
        offers = [*self.features.slash_commands, *self.features.shortcuts]
        callback_ids = [shortcut.callback_id for shortcut in self.features.shortcuts]
        addresses = [command.url for command in self.features.slash_commands]
        addresses += [self.settings.interactivity.request_url, self.settings.event_subscriptions.request_url]
        for wrong, why in [
            (len(set(bot)) < len(bot), "a scope is named twice"),
            (len(set(callback_ids)) < len(callback_ids), "a callback_id is used twice"),
            (bot and not self.features.bot_user, "bot scopes need a bot_user"),
            (offers and "commands" not in bot, "commands and shortcuts need the scope `commands`"),
            (
                self.features.shortcuts and not self.settings.interactivity.is_enabled,
                "shortcuts need interactivity",
            ),
            (
                not self.settings.socket_mode_enabled and offers and None in addresses,
                "without Socket Mode, URLs",
            ),
        ]:
            if wrong:
                raise ValueError(why)
        return self
