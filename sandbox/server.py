"""The HTTP side: Web API, response_urls, uploads and the address of Socket Mode, on localhost."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.errors import SlackError, invalid_arguments
from sandbox.faults import Fault, Faults, Planted
from sandbox.limits import RateLimits
from sandbox.methods import METHODS, Asked, Method, Site, call
from sandbox.model import Json
from sandbox.replies import Replies

_log = logging.getLogger(__name__)
_UPLOAD_LIMIT = 64 * 1024 * 1024
RESPONSE_URL = "response_url"


@dataclass(eq=False)
class Call:
    """One request of the app. Times are monotonic seconds; `finished` stays None where no answer was given."""

    method: str
    args: dict[str, Any]
    started: float
    user_agent: str = ""
    finished: float | None = None
    ok: bool = False
    error: str | None = None
    http_status: int | None = None


@dataclass
class Settings:
    """What tests turn while the server runs. Seconds."""

    latency: float = 0.0
    tokens: dict[str, str] = field(default_factory=dict)
    refused_tokens: dict[str, str] = field(default_factory=dict)


class Server:
    """Listens, checks who calls, lets faults strike, keeps the list of calls."""

    def __init__(self, site: Site, replies: Replies, faults: Faults, settings: Settings) -> None:
        self.site = site
        self.calls: list[Call] = []
        self.limits: RateLimits | None = None
        self.app = web.Application(client_max_size=_UPLOAD_LIMIT)
        self._replies = replies
        self._faults = faults
        self._settings = settings
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.app.router.add_route("*", "/api/{method}", self._api)
        self.app.router.add_post("/responses/{token}", self._response)
        self.app.router.add_post("/upload/{ticket}", self._upload)
        self.app.router.add_get("/link/", site.socket_mode.handle)

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one."""
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        listener = web.TCPSite(self._runner, host, port)
        await listener.start()
        bound = self._runner.addresses[0]
        self.site.address = f"http://{host}:{bound[1]}"

    async def stop(self) -> None:
        """Answer nobody any more."""
        self._stopping.set()
        await self.site.socket_mode.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        record = Call(name, {}, time.monotonic(), request.headers.get("User-Agent", ""))
        self.calls.append(record)
        found = METHODS.get(name)
        try:
            args, token, warning = await _arguments(request, found)
        except SlackError as error:
            return self._answered(record, error.as_json())
        record.args = args

        def effect() -> Json:
            body = self._perform(name, found, args, token)
            return body | ({"warning": warning} if warning else {})

        limited = self._limited(name, found, args)
        planted = self._faults.only_for(limited) if limited else self._faults.strike(name, args)
        return await self._respond(request, record, planted, effect)

    async def _response(self, request: web.Request) -> web.StreamResponse:
        record = Call(RESPONSE_URL, {}, time.monotonic(), request.headers.get("User-Agent", ""))
        self.calls.append(record)
        try:
            body = json.loads(await request.text())
            record.args = body if isinstance(body, dict) else {}
        except ValueError:
            return self._answered(record, {"ok": False, "error": "invalid_payload"}, 400)

        def effect() -> Json:
            try:
                self._replies.use(request.match_info["token"], record.args)
            except SlackError as error:
                return error.as_json()
            return {"ok": True}

        planted = self._faults.strike(RESPONSE_URL, record.args)
        return await self._respond(request, record, planted, effect)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        for file in self.site.workspace.files.values():
            if file.ticket == request.match_info["ticket"] and file.content is None:
                if request.content_type.startswith("multipart/"):
                    parts = [
                        value for value in (await request.post()).values() if isinstance(value, web.FileField)
                    ]
                    file.content = parts[0].file.read() if parts else b""
                else:
                    file.content = await request.read()
                return web.Response(text=f"OK - {len(file.content)}")
        return web.Response(status=404, text="no such upload")

    async def _respond(
        self, request: web.Request, record: Call, planted: Planted | None, effect: Callable[[], Json]
    ) -> web.StreamResponse:
        fault = planted.fault if planted else None
        if self._settings.latency:
            await asyncio.sleep(self._settings.latency / 2)
        if fault is not None and fault.how == "slow":
            await asyncio.sleep(fault.seconds)
            fault = None
        body: Json = {}
        if fault is None or fault.after_effect:
            body = effect()
        if fault is not None and fault.how == "held" and planted is not None:
            released = asyncio.create_task(planted.hold())
            self.site.workspace.changes.wake()
            await self._unless_stopped(released)
            body = body if fault.after_effect else effect()
            fault = None
        if self._settings.latency:
            await asyncio.sleep(self._settings.latency / 2)
        if fault is None:
            return self._answered(record, body)
        match fault.how:
            case "rate_limited":
                headers = {"Retry-After": str(int(fault.seconds))}
                return self._answered(record, {"ok": False, "error": "ratelimited"}, 429, headers)
            case "error":
                return self._answered(record, {"ok": False, "error": fault.code})
            case "http":
                record.finished, record.http_status, record.error = (
                    time.monotonic(),
                    fault.status,
                    f"http_{fault.status}",
                )
                self.site.workspace.changes.wake()
                return web.Response(status=fault.status, text="<html>no</html>", content_type="text/html")
            case "reset" | "late_effect":
                if planted is not None and fault.how == "late_effect":
                    planted.land_later(effect)
                record.error = "reset"
                if request.transport is not None:
                    request.transport.abort()
            case _:
                await self._hang(record)
        self.site.workspace.changes.wake()
        return web.Response()

    async def _hang(self, record: Call) -> None:
        record.error = "no answer"
        self.site.workspace.changes.wake()
        await self._stopping.wait()

    async def _unless_stopped(self, work: asyncio.Task[bool]) -> None:
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([work, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            work.cancel()
            stopped.cancel()

    def _perform(self, name: str, found: Method | None, args: Json, token: str | None) -> Json:
        if found is None:
            return {"ok": False, "error": "unknown_method", "req_method": name}
        try:
            if found.token is not None:
                self._authorize(found, token)
            return call(found, Asked(self.site, args))
        except SlackError as error:
            return error.as_json()
        except Exception:
            _log.exception("%s failed in the sandbox itself", name)
            return {"ok": False, "error": "internal_error"}

    def _authorize(self, found: Method, token: str | None) -> None:
        if not token:
            raise SlackError("not_authed")
        if token in self._settings.refused_tokens:
            raise SlackError(self._settings.refused_tokens[token])
        kind = self._settings.tokens.get(token)
        if kind is None:
            raise SlackError("invalid_auth")
        if kind != found.token:
            raise SlackError("not_allowed_token_type")

    def _limited(self, name: str, found: Method | None, args: Json) -> Fault | None:
        if self.limits is None or found is None:
            return None
        channel = str(args.get("channel", "")) or None
        wait = self.limits.retry_after(name, found.tier, channel)
        return None if wait is None else Fault.rate_limited(wait)

    def _answered(
        self, record: Call, body: Json, status: int = 200, headers: dict[str, str] | None = None
    ) -> web.Response:
        record.finished, record.http_status = time.monotonic(), status
        record.ok, record.error = bool(body.get("ok")), body.get("error")
        self.site.workspace.changes.wake()
        sent = {"x-oauth-scopes": self.site.app.provided(), **(headers or {})}
        if record.method == RESPONSE_URL:
            if status == 200:
                status = {None: 200, "used_url": 404, "expired_url": 404}.get(record.error, 400)
            record.http_status = status
            text = "ok" if record.ok else json.dumps(body)
            return web.Response(status=status, text=text, headers=headers)
        text = json.dumps(body, ensure_ascii=False)
        return web.Response(status=status, text=text, headers=sent, content_type="application/json")


async def _arguments(request: web.Request, found: Method | None) -> tuple[Json, str | None, str | None]:
    """The arguments of a call, its token, and a warning.

    Raises SlackError invalid_json, json_not_object, invalid_post_type.
    """
    args: Json = dict(request.query)
    args.pop("token", None)
    warning = None
    token = None
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = bearer.strip() or None
    if request.method == "POST" and request.can_read_body:
        kind = request.content_type
        if kind == "application/json":
            args |= _json_body(await request.text(), found)
            warning = None if request.charset else "missing_charset"
        elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
            token = token or form.pop("token", None)
            form.pop("token", None)
            args |= form
        else:
            raise SlackError("invalid_post_type")
    return {name: value for name, value in args.items() if value is not None}, token, warning


def _json_body(text: str, found: Method | None) -> Json:
    try:
        body = json.loads(text or "{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    if found is not None and not found.json:
        if body:
            raise invalid_arguments("this method takes no JSON body")
        return {}
    body.pop("token", None)
    return body
