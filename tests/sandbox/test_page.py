"""The page over plain HTTP: who sees what, what is refused, and that nothing anybody writes becomes markup."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import sandbox.page_words
from sandbox import ChannelSpec, Fault, PersonSpec, TourStep

ROOM = Path(sandbox.page_words.__file__).parent
PEOPLE = (
    PersonSpec("hana", name="花", locale="ja-JP", tz="Asia/Tokyo", title="サポート担当"),
    PersonSpec("ben", name="Ben Carter", title="Incident owner"),
)
CHANNELS = (
    ChannelSpec("support", members=("hana", "ben"), bot=True, topic="Ask here"),
    ChannelSpec("secret", members=("hana",), private=True),
    ChannelSpec("news", bot=True),
    ChannelSpec("old", members=("hana",), archived=True),
)


class SettableClock:
    """A clock of the kind the page can set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
        self.speed = 1.0

    def now(self) -> datetime:
        return self.at

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def advance(self, by: timedelta) -> None:
        self.at += by


class Visitor:
    """Somebody who looks at the page, without a browser."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.sandbox = world.sandbox
        self.origin = world.sandbox.address

    async def get(self, path: str, **options: Any) -> tuple[int, str]:
        async with self.world.http.get(self.origin + path, allow_redirects=False, **options) as answer:
            return answer.status, await answer.text()

    async def page(self, who: str, where: str = "support", **more: str) -> str:
        status, html = await self.get("/?" + urlencode({"as": who, "in": where, **more}))
        assert status == 200
        return html

    async def pane(self, name: str, who: str, where: str = "support") -> str:
        _, text = await self.get("/page/panes?" + urlencode({"as": who, "in": where, "want": name}))
        return str(json.loads(text)["panes"][name])

    async def act(self, name: str, who: str, where: str = "support", **body: Any) -> dict[str, Any]:
        look = {"as": who, "in": where}
        request = {"json": {"look": look, **body}, "headers": {"Origin": self.origin}}
        async with self.world.http.post(f"{self.origin}/page/do/{name}", **request) as answer:
            assert answer.status == 200, await answer.text()
            result: dict[str, Any] = await answer.json()
            return result


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
async def visitor(make_world, clock) -> Visitor:
    return Visitor(await make_world(people=PEOPLE, channels=CHANNELS, page=True, clock=clock))


async def test_the_page_speaks_the_language_of_whoever_looks(visitor):
    japanese, english = await visitor.page("hana"), await visitor.page("ben")
    assert '<html lang="ja">' in japanese
    assert "表示する人" in japanese
    assert "#support へのメッセージ" in japanese
    assert '<html lang="en">' in english
    assert "Message #support" in english
    assert "サポート担当" in english, "everybody's role is shown to everybody"


async def test_without_a_name_the_page_is_that_of_the_first_person_and_an_unknown_name_leads_there(visitor):
    assert '"as": "hana"' in (await visitor.get("/"))[1]
    assert (await visitor.get("/?as=nobody"))[0] == 302


@pytest.mark.parametrize(
    ("asks_for", "who", "speeds"), [("ja,en;q=0.8", "hana", "60倍速"), ("en-GB,ja;q=0.5", "ben", "60× speed")]
)
async def test_a_visitor_starts_as_somebody_of_their_language_and_keeps_the_bar_in_it(
    visitor, asks_for, who, speeds
):
    headers = {"Accept-Language": asks_for}
    assert f'"as": "{who}"' in (await visitor.get("/", headers=headers))[1]
    for other in ("hana", "ben"):
        assert speeds in (await visitor.get(f"/?as={other}", headers=headers))[1]


async def test_a_private_channel_is_seen_by_its_members_only(visitor):
    secret = visitor.sandbox.channel("secret")
    await visitor.sandbox.person("hana").post("secret", "between us")
    assert "between us" in await visitor.page("hana", "secret")
    for where in ("secret", secret.id):
        page = await visitor.page("ben", where)
        assert "between us" not in page
        assert "secret" not in await visitor.pane("sidebar", "ben")


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
async def test_what_people_write_is_shown_and_never_becomes_markup(make_world, attack):
    people = (PersonSpec("eve", name=attack, title=attack), PersonSpec("ben"))
    channels = (ChannelSpec("support", members=("eve", "ben"), bot=True, topic=attack),)
    visitor = Visitor(await make_world(people=people, channels=channels, page=True, title=attack))
    await visitor.sandbox.person("eve").post("support", attack)
    plain = {"type": "plain_text", "text": attack}
    button = {"type": "button", "action_id": "a", "text": plain, "value": attack}
    await visitor.world.client.chat_postMessage(
        channel=visitor.sandbox.channel("support").id,
        text=attack,
        blocks=[
            {"type": "section", "text": {"type": "mrkdwn", "text": attack}},
            {"type": "section", "fields": [plain], "accessory": button},
        ],
    )
    for page in (await visitor.page("ben"), await visitor.pane("messages", "ben")):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "alert(1)" in page


async def test_a_link_in_a_message_leads_to_the_web_or_nowhere(visitor):
    await visitor.world.client.chat_postMessage(
        channel=visitor.sandbox.channel("support").id,
        text="<https://example.com/?a=1&amp;b=2|there> <javascript:alert(1)|click>",
    )
    messages = await visitor.pane("messages", "hana")
    assert 'href="https://example.com/?a=1&amp;b=2"' in messages
    assert "javascript:" not in messages
    assert "click" in messages


async def test_only_the_page_itself_may_act(visitor):
    body = {"json": {"look": {"as": "hana", "in": "support"}, "text": "hi"}}
    address = visitor.origin + "/page/do/say"
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        async with visitor.world.http.post(address, headers=headers, **body) as answer:
            assert answer.status == 403
    form = {
        "data": json.dumps(body["json"]),
        "headers": {"Origin": visitor.origin, "Content-Type": "text/plain"},
    }
    async with visitor.world.http.post(address, **form) as answer:
        assert answer.status == 403
    assert visitor.sandbox.channel("support").messages == []


async def test_a_name_that_only_points_to_this_machine_is_not_answered(visitor):
    port = visitor.origin.rpartition(":")[2]
    for path in ("/", "/page/panes?as=hana&want=messages", "/page/live?as=hana"):
        status, text = await visitor.get(path, headers={"Host": f"rebound.example:{port}"})
        assert (status, "localhost" in text) == (403, True)


@pytest.mark.parametrize(
    ("act", "body", "status"),
    [
        ("say", "no object", 400),
        ("say", {"text": "no look"}, 404),
        ("say", {"look": "hana"}, 400),
        ("say", {"look": {"as": "nobody"}, "text": "hi"}, 404),
        ("fly", {"look": {"as": "hana"}}, 404),
        ("clock", {"look": {"as": "hana"}, "speed": "fast"}, 400),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(visitor, act, body, status):
    address = f"{visitor.origin}/page/do/{act}"
    async with visitor.world.http.post(address, json=body, headers={"Origin": visitor.origin}) as answer:
        assert answer.status == status


async def test_a_message_is_posted_as_the_person_who_writes_it(visitor):
    assert (await visitor.act("say", "ben", text="@hana hello & <good> #news"))["ok"]
    (message,) = visitor.sandbox.channel("support").messages
    assert message.user == visitor.sandbox.person("ben").id
    assert message.plain == "@花 hello & <good> #news"
    assert message in visitor.sandbox.person("hana").notifications


@pytest.mark.parametrize(
    ("where", "text", "words"),
    [
        ("support", "  ", "入力してください"),
        ("old", "hi", "アーカイブ"),
        ("news", "hi", "参加していない"),
        ("support", "/nothing", "Hachi"),
    ],
)
async def test_what_cannot_be_sent_is_said_in_the_readers_language(make_world, tmp_path, where, text, words):
    manifest = tmp_path / "manifest.yml"
    manifest.write_text("display_information: {name: Hachi}\nfeatures: {}\n")
    world = await make_world(people=PEOPLE, channels=CHANNELS, page=True, manifest=manifest)
    answer = await Visitor(world).act("say", "hana", where, text=text)
    assert not answer["ok"]
    assert words in answer["error"].replace("有効なコマンドではありません", "Hachi")


async def test_a_click_on_something_that_is_gone_is_answered_and_changes_nothing(visitor):
    answer = await visitor.act("press", "ben", ts="1.000001", block="b", action="a")
    assert (answer["ok"], answer["stale"]) == (False, True)
    assert "refreshed" in answer["error"]


async def test_unread_messages_are_marked_until_they_are_read(visitor):
    await visitor.sandbox.person("ben").post("support", "@hana please look")
    await visitor.sandbox.person("ben").post("support", "all of you")
    sidebar = await visitor.pane("sidebar", "hana", "secret")
    assert "あなた宛て1件" in sidebar
    assert re.search(r'class="entry\s+unread"', sidebar)
    await visitor.act("read", "hana", ts=visitor.sandbox.channel("support").messages[-1].ts)
    sidebar = await visitor.pane("sidebar", "hana", "secret")
    assert "あなた宛て" not in sidebar
    assert not re.search(r'class="entry\s+unread"', sidebar)


async def test_one_does_not_leave_ones_own_messages_unread(visitor):
    await visitor.sandbox.person("hana").post("support", "mine")
    assert not re.search(r'class="entry\s+unread"', await visitor.pane("sidebar", "hana", "secret"))


async def test_only_she_sees_what_only_she_was_told(visitor):
    hana = visitor.sandbox.person("hana")
    channel = visitor.sandbox.channel("support").id
    await visitor.world.client.chat_postEphemeral(channel=channel, user=hana.id, text="psst")
    seen = await visitor.pane("messages", "hana")
    assert "psst" in seen
    assert "あなただけに表示されています" in seen
    assert "psst" not in await visitor.pane("messages", "ben")


async def test_times_are_those_of_the_clock_in_the_readers_zone(visitor):
    await visitor.sandbox.person("ben").post("support", "now")
    assert "14:00" in await visitor.pane("messages", "hana")
    assert "05:00" in await visitor.pane("messages", "ben")


async def test_the_clock_can_be_paused_sped_up_and_moved(visitor, clock):
    await visitor.act("clock", "hana", speed=0)
    assert clock.speed == 0
    await visitor.act("clock", "hana", speed=60)
    await visitor.act("clock", "hana", minutes=10)
    assert (clock.speed, clock.at.minute) == (60, 10)
    assert 'data-speed="60.0"' in await visitor.pane("bar", "hana")
    assert "10分進める" in await visitor.pane("bar", "hana")


async def test_a_clock_that_cannot_be_set_has_no_bar(make_world):
    visitor = Visitor(await make_world(people=PEOPLE, channels=CHANNELS, page=True))
    assert 'class="clock"' not in await visitor.pane("bar", "hana")
    assert not (await visitor.act("clock", "hana", speed=60))["ok"]


@pytest.mark.parametrize(
    ("way", "errors"),
    [
        ("off", ["", ""]),
        ("throttled", ["ratelimited", ""]),
        ("slow", ["", ""]),
        ("failing", ["html", "html"]),
    ],
)
async def test_slack_can_be_made_to_go_wrong(visitor, monkeypatch, way, errors):
    monkeypatch.setattr("sandbox.page_faults.SLOW_SECONDS", 0.01)
    await visitor.act("faults", "hana", way=way)

    async def error() -> str:
        headers = {"Authorization": f"Bearer {visitor.sandbox.bot_token}"}
        async with visitor.world.http.post(visitor.sandbox.api_url + "auth.test", headers=headers) as answer:
            return "html" if answer.status == 503 else str((await answer.json()).get("error", ""))

    assert [await error(), await error()] == errors
    await visitor.act("faults", "hana", way="off")
    assert await error() == ""


async def test_the_switch_leaves_the_faults_of_others_alone(visitor):
    planted = visitor.sandbox.faults.add("chat.postMessage", Fault.error("fatal_error"))
    assert "設定した障害" in await visitor.pane("bar", "hana")
    await visitor.act("faults", "hana", way="failing")
    await visitor.act("faults", "hana", way="off")
    assert visitor.sandbox.faults.planted == [planted]


async def test_the_tour_ticks_off_what_has_been_done(make_world):
    done: list[str] = []
    tour = (
        TourStep("起票します", "Declare", lambda: "declared" in done),
        TourStep("解決します", "Resolve", lambda: "resolved" in done),
    )
    visitor = Visitor(await make_world(people=PEOPLE, channels=CHANNELS, page=True, tour=tour))
    assert "0/2" in await visitor.pane("bar", "ben")
    done.append("declared")
    assert "1/2" in await visitor.pane("bar", "ben")
    steps = re.findall(r'<li class="(\w*)">.*?<span>(\w+)</span>', await visitor.pane("tour", "ben"))
    assert steps == [("done", "Declare"), ("", "Resolve")]
    done.append("resolved")
    assert "すべて試しました" in await visitor.pane("tour", "hana")


async def test_the_page_is_told_at_once_which_parts_have_changed(visitor):
    async with visitor.world.http.get(visitor.origin + "/page/live?as=hana&in=support") as stream:

        async def told() -> dict[str, Any]:
            line = await stream.content.readline()
            await stream.content.readline()
            event: dict[str, Any] = json.loads(line.decode().removeprefix("data: "))
            return event

        first = await told()
        assert first["clock"]["speed"] == 1.0
        await visitor.sandbox.person("ben").post("support", "news")
        event = await told()
        while not event["panes"]:
            event = await told()
        assert "messages" in event["panes"]
        assert event["channels"] == [visitor.sandbox.channel("support").id]


async def test_a_sandbox_with_somebody_watching_still_stops(make_world):
    visitor = Visitor(await make_world(people=PEOPLE, channels=CHANNELS, page=True))
    async with visitor.world.http.get(visitor.origin + "/page/live?as=hana") as stream:
        await stream.content.readline()
        async with asyncio.timeout(3):
            await visitor.sandbox.stop()


async def test_nothing_in_an_uploaded_file_runs(visitor):
    client, svg = (
        visitor.world.client,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    )
    ticket = await client.files_getUploadURLExternal(filename="picture.svg", length=len(svg))
    await visitor.world.http.post(ticket["upload_url"], data=svg)
    channel = visitor.sandbox.channel("support").id
    await client.files_completeUploadExternal(files=[{"id": ticket["file_id"]}], channel_id=channel)
    path = f"/page/files/{ticket['file_id']}"
    assert f'src="{path}"' in await visitor.pane("messages", "hana")
    async with visitor.world.http.get(visitor.origin + path) as answer:
        assert await answer.read() == svg
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


async def test_everything_the_page_needs_is_served_from_here(visitor):
    page = await visitor.page("hana")
    needed = re.findall(r'(?:src|href)="(/static/[^"#]+)', page)
    assert len(needed) >= 5
    for path in needed:
        assert (await visitor.get(path))[0] == 200
    assert (await visitor.get("/static/../page.py"))[0] == 404
    files = [*(ROOM / "static").iterdir(), *(ROOM / "templates").iterdir()]
    for file in files:
        addresses = set(re.findall(r"https?://[\w.]+", file.read_text("utf-8")))
        assert addresses <= {"http://www.w3.org"}, file.name


def test_every_text_of_the_page_is_there_in_both_languages_and_used():
    texts = sandbox.page_words.both()
    for key, (japanese, english) in texts.items():
        assert japanese, key
        assert english, key
        assert set(re.findall(r"\{\w+\}", japanese)) == set(re.findall(r"\{\w+\}", english)), key
    sources = [
        file.read_text("utf-8")
        for file in [*(ROOM / "templates").iterdir(), *ROOM.glob("page*.py")]
        if file.name != "page_words.py"
    ]
    written = "\n".join(sources)
    asked = set(re.findall(r"\bw\(['\"](\w+)['\"][,)]", written))
    assert asked <= set(texts)
    unused = {key for key in texts if not re.search(rf"\b{key}\b", written) and not key.startswith("fault_")}
    assert unused == set()
