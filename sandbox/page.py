"""The workspace in a browser: pages rendered here, live changes over server-sent events, acts as JSON."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sandbox.changes import Change
from sandbox.model import Json
from sandbox.page_acts import Acts, can_be_set
from sandbox.page_faults import WAYS, FaultSwitch
from sandbox.page_panes import Look
from sandbox.page_parts import Reads, given
from sandbox.page_tour import TourStep
from sandbox.page_words import lang_of, said, word

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

HERE = Path(__file__).parent
STATIC = {
    "page.css": "text/css",
    "fields.js": "text/javascript",
    "panes.js": "text/javascript",
    "forms.js": "text/javascript",
    "page.js": "text/javascript",
    "emoji.svg": "image/svg+xml",
}
PANES = ("bar", "sidebar", "head", "messages", "thread", "foot", "home", "modal", "tour")
FOR_VISITOR = ("bar", "tour")
"""Panes that Slack does not have: they speak the language of the browser, whoever is being looked over the shoulder."""
GATHER_SECONDS = 0.03
BEAT_SECONDS = 1.0
QUICK_REACTIONS = ("white_check_mark", "eyes", "raised_hands", "pushpin")
_LOCAL = ("127.0.0.1", "localhost", "::1")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' http: https: data:; style-src 'self' 'unsafe-inline'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Which panes look different after a change of each kind; those not named here concern the whole page.
_TOUCHED: dict[str, tuple[str, ...]] = {
    "message": ("messages", "thread", "sidebar"),
    "message_changed": ("messages", "thread", "head"),
    "message_deleted": ("messages", "thread", "head", "sidebar"),
    "ephemeral": ("messages", "thread"),
    "reaction": ("messages", "thread"),
    "pin": ("messages", "head"),
    "view": ("modal",),
    "home": ("home",),
    "read": ("sidebar",),
    "clock": ("bar",),
    "faults": ("bar",),
}
_IN_CHANNEL = ("messages", "thread", "head")
_OF_PERSON = ("view", "home")


def add_page(app: web.Application, sandbox: Sandbox, tour: Sequence[TourStep], title: str) -> None:
    """Serve the page of a sandbox from its own server. Call before the server starts."""
    page = Page(sandbox, tour, title)
    app.router.add_get("/", page.guarded(page.show))
    app.router.add_get("/page/panes", page.guarded(page.panes))
    app.router.add_get("/page/live", page.guarded(page.live))
    app.router.add_get("/page/files/{id}", page.guarded(page.file))
    app.router.add_post("/page/do/{act}", page.guarded(page.act))
    app.router.add_get("/static/{name}", page.guarded(page.static))


class Page:
    """The page of one sandbox. Who looks, and at what, is in every request; nothing of it is kept here."""

    def __init__(self, sandbox: Sandbox, tour: Sequence[TourStep], title: str) -> None:
        self._sandbox = sandbox
        self._tour = tuple(tour)
        self._title = title or sandbox.app.name
        self._reads = Reads()
        self._faults = FaultSwitch(sandbox.faults)
        self._acts = Acts(sandbox, self._reads, self._faults)
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    # requests

    def guarded(self, handler: Handler) -> Handler:
        """The handler for requests from this machine's own page only: no other site can act here or read along."""

        async def guard(request: web.Request) -> web.StreamResponse:
            if urlsplit(f"//{request.host}").hostname not in _LOCAL:
                raise web.HTTPForbidden(text="The sandbox answers only on localhost.")
            if request.method == "POST":
                origin = request.headers.get("Origin", "")
                if (
                    origin != f"{request.scheme}://{request.host}"
                    or request.content_type != "application/json"
                ):
                    raise web.HTTPForbidden(text="Only the sandbox's own page may do this.")
            response = await handler(request)
            if not response.prepared:
                for name, value in _HEADERS.items():
                    response.headers.setdefault(name, value)
            return response

        return guard

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The whole page; without a person, as the first one who speaks the visitor's language."""
        people = [one for one in self._sandbox.workspace.people() if not one.deactivated]
        if not people:
            return web.Response(text="There is nobody in this workspace.", status=404)
        mine = [one for one in people if lang_of(one.locale) == _visitors_lang(request)] or people
        query = {"as": mine[0].handle, **request.query}
        try:
            look = self._look(query, request)
        except LookupError:
            raise web.HTTPFound("/") from None
        look.since = (look.channel and self._reads.of(look.person.id, look.channel.id)) or ""
        panes = {name: Markup(self._pane(name, look)) for name in PANES}  # noqa: S704 - rendered by our templates
        html = self._render(
            "page.html",
            look,
            panes=panes,
            settings=_script_json(self._settings(look)),
            views=_script_json(_views(look)),
        )
        return web.Response(text=html, content_type="text/html")

    async def panes(self, request: web.Request) -> web.StreamResponse:
        """The wanted panes as HTML, and what is filled in."""
        try:
            look = self._look(request.query, request)
        except LookupError:
            raise web.HTTPNotFound(text="There is nobody of that name.") from None
        wanted = [name for name in request.query.get("want", "").split(",") if name in PANES]
        body: Json = {"panes": {name: self._pane(name, look) for name in wanted}}
        if "modal" in wanted or "home" in wanted:
            body["views"] = _views(look)
        return web.json_response(body)

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Somebody does something."""
        try:
            body = await request.json()
            look = self._look({str(key): str(value) for key, value in body["look"].items()}, request)
            answer = await self._acts.perform(request.match_info["act"], look, body)
        except (ValueError, TypeError, AttributeError):
            raise web.HTTPBadRequest(text="The body must be a JSON object with a look.") from None
        except LookupError:
            raise web.HTTPNotFound(text="There is no such act or person.") from None
        return web.json_response(answer)

    async def live(self, request: web.Request) -> web.StreamResponse:
        """Which panes have to be fetched again, as it happens, and once a second the time and the tour."""
        try:
            look = self._look(request.query, request)
        except LookupError:
            raise web.HTTPNotFound(text="There is nobody of that name.") from None
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue = self._sandbox.subscribe()
        with suppress(ConnectionResetError):
            try:
                await response.write(_event(self._beat()))
                while True:
                    await response.write(_event(await self._next(queue, look.person.id) | self._beat()))
            finally:
                self._sandbox.unsubscribe(queue)
        return response

    async def file(self, request: web.Request) -> web.StreamResponse:
        """An uploaded file; it can be looked at, but nothing in it runs."""
        file = self._sandbox.workspace.files.get(request.match_info["id"])
        if file is None or file.content is None:
            raise web.HTTPNotFound(text="There is no such file.")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        response = web.Response(body=file.content, content_type=kind)
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
        return response

    async def static(self, request: web.Request) -> web.StreamResponse:
        """Style, script and drawings."""
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound(text="There is no such file.")
        text = (HERE / "static" / name).read_text("utf-8")
        return web.Response(text=text, content_type=STATIC[name], charset="utf-8")

    # how it is done

    def _look(self, query: Any, request: web.Request) -> Look:
        look = Look(
            self._sandbox,
            self._reads,
            query.get("as", ""),
            query.get("in", ""),
            query.get("tab", ""),
            query.get("thread", ""),
            query.get("since", ""),
        )
        look.visitors_lang = _visitors_lang(request) or look.lang
        return look

    def _pane(self, name: str, look: Look) -> str:
        if name in FOR_VISITOR:
            return self._render(f"{name}.html", look, w=partial(word, look.visitors_lang))
        return self._render(f"{name}.html", look)

    def _render(self, template: str, look: Look, **more: object) -> str:
        known = {
            "look": look,
            "r": look.reader,
            "w": look.w,
            "said": lambda text: said(look.lang, text),
            "title": self._title,
            "tour": [(step.text(look.visitors_lang), step.done()) for step in self._tour],
            "clock": self._clock(),
            "fault": self._faults.way,
            "fault_ways": WAYS,
            "quick_reactions": QUICK_REACTIONS,
        }
        return self._templates.get_template(template).render(known | more)

    def _clock(self) -> Json | None:
        clock = self._sandbox.workspace.clock
        if not can_be_set(clock):
            return None
        return {"now": clock.now().timestamp(), "speed": float(getattr(clock, "speed", 1.0))}

    def _beat(self) -> Json:
        return {
            "clock": self._clock(),
            "tour": [step.done() for step in self._tour],
            "fault": self._faults.way,
        }

    async def _next(self, queue: asyncio.Queue[Change], person: str) -> Json:
        """The panes that the next changes touch; changes that come close together are told together."""
        panes: set[str] = set()
        channels: set[str] = set()
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                changes = [await queue.get()]
        except TimeoutError:
            return {"panes": []}
        await asyncio.sleep(GATHER_SECONDS)
        while not queue.empty():
            changes.append(queue.get_nowait())
        for change in changes:
            if change.kind in _OF_PERSON and change.person != person:
                continue
            touched = _TOUCHED.get(change.kind, PANES)
            panes.update(touched)
            if change.channel is not None:
                channels.add(change.channel)
            elif set(touched) & set(_IN_CHANNEL):
                channels.add("*")
        return {"panes": sorted(panes), "channels": sorted(channels)}

    def _settings(self, look: Look) -> Json:
        workspace = self._sandbox.workspace
        words = (
            "yes no offline stale nothing_found remove choose paused speed close sending done to_do fault_other"
        ).split()
        offset = look.reader.local(look.reader.now).utcoffset()
        return {
            "as": look.account.handle,
            "in": look.where,
            "channel": look.channel.id if look.channel else "",
            "tab": look.tab,
            "thread": look.thread,
            "since": look.since,
            "lang": look.lang,
            "tz": look.account.tz,
            "offset": int(offset.total_seconds()) if offset else 0,
            "words": {key: look.w(key, name="{name}", n="{n}") for key in words},
            "commands": [[c.name, c.usage_hint, c.description] for c in look.commands()],
            "people": [[a.handle, a.name, a.title] for a in workspace.people() if not a.deactivated],
            "channels": [[entry.name] for entry in (*look.entries(), *look.others()) if not entry.archived],
        }


def _visitors_lang(request: web.Request) -> str:
    """What the browser asks for first; empty where it does not say."""
    wanted = request.headers.get("Accept-Language", "")
    return lang_of(wanted) if wanted else ""


def _views(look: Look) -> Json:
    """What is filled in in the form and on the Home tab, by block and action, and what the form was refused for."""
    found: Json = {}
    for name, view in (("modal", look.modal()), ("home", look.home())):
        if view is not None:
            errors = {block: said(look.lang, text) for block, text in view.errors.items()}
            found[name] = {"id": view.id, "values": given(view.blocks, view.values), "errors": errors}
    return found


def _event(body: Json) -> bytes:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


def _script_json(body: Json) -> Markup:
    """JSON that may stand in a script element: nothing in it can end that element."""
    text = json.dumps(body, ensure_ascii=False)
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(escaped)  # noqa: S704 - escaped above
