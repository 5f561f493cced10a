"""`hachi.yml`: what is read, and what each mistake in it is told, with its line."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from bot.config import Config, ConfigError, read_config
from bot.config_playbook import shipped_playbook
from domain.incident import Role
from domain.severity import Severity
from domain.team import Team
from tests.architecture.source import ROOT

OF_THE_DESIGN = """
language: ja                # default for screens and updates; each person's own Slack language wins
timezone: Asia/Tokyo
incidents_channel: incidents     # announcements
update_channels: [customer-news] # every customer update also goes here
escalation: [boss@example.com]   # the last rung of the ladder
cadence:
  default:    {first: 10m, first_warn_before: 5m, every: 30m, warn_before: 10m, rungs: [0m, 5m, 10m],
               repeat: 10m, snooze: 5m, snoozes: 2, drafting: 5m, holdings: 2}
  monitoring: {every: 30m}                     # what is not named comes from default
  severity_1: {every: 20m, warn_before: 5m}    # state before severity before default
sla:
  1: {response: 30m, resolution: 4h}
  2: {response: 1h, resolution: 8h}
  3: {response: 2h, resolution: 7d}
sla_plans:
  gold: {1: {response: 15m, resolution: 2h}}
  office:
    1: {response: 1h, resolution: 8h}
    hours: "Mon-Fri 09:00-18:00"
    holidays: [JP, 2026-12-30]
swarm_severities: [1, 2, 3]
products: {payments: {name: 決済, skills: [payments, database]}}
people:
  - {slack: ada@example.com, roles: [owner], skills: [payments]}
rotations:
  owner:                 {members: [ada@example.com, ben@example.com], hand_over: "Mon 09:00", since: 2026-01-05}
  service_level_manager: {members: [sita@example.com]}
  duty_manager:          {members: [cho@example.com]}
customers: {acme: {name: Acme 病院, tier: key, sla: gold, language: ja, products: [payments],
  service_level_manager: sita@example.com, notify: [{slack: acme-support}, {email: it@acme.example}]}}
"""


@pytest.fixture
def read(folder: Path) -> "Read":
    return Read(folder / "hachi.yml")


class Read:
    """Reads a text as `hachi.yml`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: str | bytes) -> Config:
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_config(self.path)


def test_without_a_file_everything_is_at_its_default() -> None:
    assert read_config(None) == Config(Team(playbook=shipped_playbook()))


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "people:\nrotations:\n  # owner: …\nproducts:\n"])
def test_an_empty_file_and_empty_sections_are_as_good_as_none(text: str, read: Read) -> None:
    assert read(text) == Config(Team(playbook=shipped_playbook()))


def test_the_example_is_accepted_as_it_stands() -> None:
    assert read_config(ROOT / "hachi.example.yml").warnings == ()


def test_a_whole_file_is_read_as_it_says(read: Read) -> None:
    team = read(OF_THE_DESIGN).team
    assert team.everybody() == tuple(f"{who}@example.com" for who in ("ada", "ben", "sita", "cho", "boss"))
    assert team.channels() == ("incidents", "customer-news", "acme-support")
    assert team.rotations[Role.OWNER].hand_over_weekday == 0
    assert team.rotations[Role.OWNER].hand_over_at == time(9)
    assert team.rotations[Role.OWNER].since == date(2026, 1, 5)
    assert team.customers["acme"].name == "Acme 病院"
    assert team.sla[Severity.THREE].resolution == timedelta(days=7)
    assert team.customers["acme"].sla == "gold"
    assert team.sla_plans["gold"].targets[Severity.ONE].response == timedelta(minutes=15)
    assert team.sla_plans["gold"].targets[Severity.TWO] == team.sla[Severity.TWO]
    assert team.sla_plans["gold"].hours is None
    hours = team.sla_plans["office"].hours
    assert hours
    assert (hours.weekdays, hours.opens, hours.closes) == (frozenset(range(5)), time(9), time(18))
    assert hours.timezone == "Asia/Tokyo"
    days = [date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 30), date(2027, 1, 1)]
    assert [day in hours.holidays for day in days] == [True, False, True, True]
    assert team.cadences.of("investigating", Severity.ONE).every == timedelta(minutes=20)
    assert team.cadences.of("monitoring", Severity.ONE).every == timedelta(minutes=30)


def test_what_is_understood_but_not_acted_upon_is_said(read: Read) -> None:
    assert [str(warning) for warning in read(OF_THE_DESIGN).warnings] == [
        "line 23 (products.payments.skills): nobody in people: has database; until somebody does, no expert is "
        "called for it",
        "line 31 (customers.acme.notify): updates do not go out by email yet; tell this customer yourself",
    ]


def test_what_is_not_named_keeps_its_default(read: Read) -> None:
    team = read("sla: {1: {response: 10m, resolution: 1h}}\ncadence: {severity_1: {every: 15m}}").team
    assert team.sla[Severity.ONE].resolution == timedelta(hours=1)
    assert team.sla[Severity.TWO] == Team().sla[Severity.TWO]
    assert team.cadences.of("investigating", Severity.TWO) == Team().cadences.of(
        "investigating", Severity.TWO
    )


def test_a_call_waits_as_long_as_its_severity_says_and_the_default_otherwise(read: Read) -> None:
    waits = read("call_time_out: {default: 15m, severity_2: 7m}").team.call_time_out
    assert [waits.of(severity) for severity in (Severity.ONE, Severity.TWO, Severity.THREE)] == [
        timedelta(minutes=minutes) for minutes in (5, 7, 15)
    ]
    with pytest.raises(ConfigError, match=r"line 1 \(call_time_out.severity_1\)"):
        read("call_time_out: {severity_1: 0m}")


def test_a_rotation_may_have_shifts_of_several_a_name_a_zone_and_a_backup_of_its_own(read: Read) -> None:
    team = read(
        """
rotations:
  owner: {members: [a@b.c, [d@e.f, g@h.i]], backup: [j@k.l, m@n.o]}
  payments_on_call:
    role: expert
    members: [a@b.c]
    timezone: Europe/Berlin
    backup: {members: [[p@q.r], s@t.u], hand_over: "09:00", since: 2026-01-05}
"""
    ).team
    owner, payments = team.rotations["owner"], team.rotations["payments_on_call"]
    assert owner.shifts == (("a@b.c",), ("d@e.f", "g@h.i"))
    assert owner.backup
    assert owner.backup.shifts == (("j@k.l", "m@n.o"),)
    assert payments.backup
    assert (payments.timezone, payments.backup.hand_over_at) == ("Europe/Berlin", time(9))
    assert team.rotations_of(Role.EXPERT) == ("payments_on_call",)
    assert team.rotations_of(Role.OWNER) == ("owner",)
    assert set(team.everybody()) >= {"j@k.l", "g@h.i", "p@q.r"}


def test_people_are_called_at_any_hour_unless_a_severity_has_hours(read: Read) -> None:
    assert Team().call_hours == {}
    text = "timezone: Europe/Berlin\ncall_hours: {severity_3: {hours: Mon-Fri 08:00-20:00, always: [owner]}}"
    (row,) = read(text).team.call_hours.values()
    assert (row.hours.timezone, row.hours.opens, row.always) == ("Europe/Berlin", time(8), (Role.OWNER,))


def test_ids_of_slack_are_taken_as_well_as_names(read: Read) -> None:
    team = read("incidents_channel: C0123ABCDEF\npeople: [{slack: U0123ABCDEF}]").team
    assert (team.incidents_channel, team.everybody()) == ("C0123ABCDEF", ("U0123ABCDEF",))


def test_a_channel_may_be_named_with_its_hash_in_quotes_and_in_japanese(read: Read) -> None:
    assert read('update_channels: ["#customer-news", お知らせ]').team.update_channels == (
        "customer-news",
        "お知らせ",
    )


@pytest.mark.parametrize(
    ("text", "line", "where", "expected"),
    [
        ("incident_channel: x", 1, "incident_channel", "known are language, timezone, incidents_channel"),
        ("[a, b]", 1, "–", "names with values"),
        ("language: ja\nlanguage: en", 2, "language", "second time"),
        ("language: fr", 1, "language", "one of ja, en"),
        ("language: [ja]", 1, "language", "one of ja, en"),
        ("\ntimezone: Tokio", 2, "timezone", "Asia/Tokyo"),
        ("timezone: ../etc/passwd", 1, "timezone", "Asia/Tokyo"),
        ("incidents_channel: #incidents", 1, "incidents_channel", "without the #"),
        ("incidents_channel: Incidents", 1, "incidents_channel", "lower case"),
        ("incidents_channel: all incidents", 1, "incidents_channel", "no spaces"),
        ("update_channels: customer-news", 1, "update_channels", "a list"),
        ("escalation: [boss]", 1, "escalation", "an e-mail address or a Slack user id"),
        ("cadence: {always: {every: 5m}}", 1, "cadence.always", "known are default"),
        ("cadence:\n  default: {each: 5m}", 2, "cadence.default.each", "known are first"),
        ("cadence: {default: {every: 20}}", 1, "cadence.default.every", "such as 30s, 20m"),
        ("cadence: {default: {every: 99999d}}", 1, "cadence.default.every", "at most 365d"),
        ("cadence: {default: {every: 0m}}", 1, "cadence.default.every", "more than 0"),
        ("cadence: {default: {every: -5m}}", 1, "cadence.default.every", "such as 30s, 20m"),
        ("cadence: {default: {every: }}", 1, "cadence.default.every", "such as 30s, 20m"),
        ("cadence: {severity_2: {every: 5m}}", 1, "cadence.severity_2", "shorter than the wait"),
        ("cadence: {default: {rungs: [5m, 0m]}}", 1, "cadence.default.rungs", "that grow"),
        ("cadence: {default: {rungs: []}}", 1, "cadence.default.rungs", "that grow"),
        ("cadence: {default: {snoozes: some}}", 1, "cadence.default.snoozes", "whole number"),
        ("cadence: {default: {snoozes: ²}}", 1, "cadence.default.snoozes", "whole number"),
        ("hand_over_messages: sometimes", 1, "hand_over_messages", "when_open, always, never"),
        ("many_customers: 1", 1, "many_customers", "from 2 to 999"),
        ("many_customers: some", 1, "many_customers", "from 2 to 999"),
        ("sla: {6: {response: 1h, resolution: 2h}}", 1, "sla.6", "known are 1, 2"),
        ("sla: {1: {response: 1h}}", 1, "sla.1", "both response and resolution"),
        ("sla: {1: {response: 2h, resolution: 1h}}", 1, "sla.1", "shorter than response"),
        ("sla: {1: {response: 0m, resolution: 1h}}", 1, "sla.1.response", "more than 0"),
        ("sla_plans: {gold: }", 1, "sla_plans.gold", "names with values"),
        ("sla_plans: {gold: {}}", 1, "sla_plans.gold", "at least one severity"),
        ("sla_plans: {gold: {6: {}}}", 1, "sla_plans.gold.6", "known are 1, 2"),
        ("sla_plans: {gold: {1: {response: 1h}}}", 1, "sla_plans.gold.1", "both response and resolution"),
        ("sla_plans: {gold: {hours: always}}", 1, "sla_plans.gold.hours", "Mon-Fri 09:00-18:00"),
        ("sla_plans: {gold: {hours: Mon-Fri 18:00-09:00}}", 1, "sla_plans.gold.hours", "at least one hour"),
        ("sla_plans: {gold: {hours: Mon-Fri 09:00-24:30}}", 1, "sla_plans.gold.hours", "Mon-Fri 09:00-18:00"),
        ("sla_plans: {gold: {hours: Mon-Fry 09:00-18:00}}", 1, "sla_plans.gold.hours", "Mon-Fri 09:00-18:00"),
        ("sla_plans: {gold: {holidays: JP}}", 1, "sla_plans.gold.holidays", "only with hours"),
        (
            "sla_plans:\n  gold:\n    hours: Sat 00:00-24:00\n    holidays: [JP, XX]",
            4,
            "sla_plans.gold.holidays",
            "a country such as JP",
        ),
        (
            "sla_plans:\n  gold:\n    hours: Sat 00:00-24:00\n    1: {response: 1h, resolution: 2d}",
            4,
            "sla_plans.gold.1.resolution",
            "counted in hours",
        ),
        ("customers: {acme: {sla: gold}}", 1, "customers.acme.sla", "no gold"),
        ("permissions: {delete: [owner]}", 1, "permissions.delete", "known are declare"),
        ("permissions: {resolve: [boss]}", 1, "permissions.resolve", "one of everyone, member, owner"),
        ("permissions: {resolve: []}", 1, "permissions.resolve", "at least one of everyone"),
        ("permissions: {declare: [member]}", 1, "permissions.declare", "one of everyone, owner"),
        ("permissions: {declare: [owner]}", 1, "permissions.declare", "nobody could declare"),
        ("swarm_severities: [0]", 1, "swarm_severities", "from 1 to 5"),
        ("products: [payments]", 1, "products", "names with values"),
        ("products: {payments: }", 1, "products.payments", "names with values"),
        ("products: {payments: {skill: x}}", 1, "products.payments.skill", "known are name"),
        ("people:\n- ada@example.com", 2, "people", "names with values"),
        ("people:\n- {roles: [owner]}", 2, "people", "expected slack:"),
        ("people:\n- {slack: ada}", 2, "people.slack", "an e-mail address"),
        ("people:\n- {slack: a@example.com}\n- {slack: a@example.com}", 3, "people.slack", "a second time"),
        ("people:\n- {slack: a@example.com, roles: [boss]}", 2, "people.roles", "one of owner"),
        ("rotations: {chief: {members: [a@example.com]}}", 1, "rotations.chief", "role: one of owner"),
        ("rotations: {chief: {role: boss, members: [a@b.c]}}", 1, "rotations.chief.role", "one of owner"),
        (
            "rotations: {owner: {role: expert, members: [a@b.c]}}",
            1,
            "rotations.owner.role",
            "leave role: out",
        ),
        ("rotations: {owner: {members: [[]]}}", 1, "rotations.owner", "at least one person"),
        ("rotations: {owner: {members: [[a@b.c, a@b.c]]}}", 1, "rotations.owner.members", "somebody twice"),
        ("rotations: {owner: {members: [a@b.c], backup: []}}", 1, "rotations.owner.backup", "at least one"),
        (
            "rotations: {owner: {members: [a@b.c], backup: {since: 2026-01-05}}}",
            1,
            "rotations.owner.backup",
            "at",
        ),
        (
            "rotations:\n  owner:\n    members: [a@b.c]\n    timezone: Tokio",
            4,
            "rotations.owner.timezone",
            "Asia/Tokyo",
        ),
        ("call_hours: {default: {}}", 1, "call_hours.default", "known are severity_1"),
        ("call_hours: {severity_3: {always: [owner]}}", 1, "call_hours.severity_3", "Mon-Fri 08:00-20:00"),
        ("call_hours: {severity_3: {hours: always}}", 1, "call_hours.severity_3.hours", "at least one hour"),
        (
            "call_hours:\n  severity_3:\n    hours: Mon-Fri 08:00-20:00\n    always: [boss]",
            4,
            "call_hours.severity_3.always",
            "one of owner",
        ),
        ("rotations: {owner: {members: []}}", 1, "rotations.owner", "at least one person"),
        ('rotations: {owner: {members: [a@example.com], hand_over: "09:00"}}', 1, "rotations.owner", "since"),
        (
            "rotations:\n  owner:\n    members: [a@example.com]\n    hand_over: Monday\n    since: 2026-01-05",
            4,
            "rotations.owner.hand_over",
            "Mon 09:00",
        ),
        (
            "rotations:\n  owner:\n    members: [a@example.com]\n    hand_over: '09:00'\n    since: 5.1.2026",
            5,
            "rotations.owner.since",
            "2026-01-05",
        ),
        ("customers:\n  acme: {products: [payments]}", 2, "customers.acme.products", "no payments"),
        ("customers: {acme: {language: de}}", 1, "customers.acme.language", "one of ja, en"),
        ("customers: {acme: {notify: [{fax: 1}]}}", 1, "customers.acme.notify.fax", "known are slack"),
        ("language: ja\n\tx: y", 2, "–", "not YAML"),
        ("a: [", 1, "–", "not YAML"),
        ("a: b\n---\nc: d", 2, "–", "not YAML"),
        ("a: \x07", 1, "–", "not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_is_expected(
    text: str, line: int, where: str, expected: str, read: Read
) -> None:
    with pytest.raises(ConfigError) as error:
        read(text)
    said = [str(problem) for problem in error.value.problems]
    assert [one for one in said if one.startswith(f"line {line} ({where}): ") and expected in one], said


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file(read: Read) -> None:
    with pytest.raises(ConfigError) as error:
        read("sla: {1: x}\nlanguage: fr\npeople: {}\ntimezone: Tokio")
    assert [problem.line for problem in error.value.problems] == [1, 1, 2, 3, 4]


def test_a_file_in_another_encoding_is_named(read: Read) -> None:
    with pytest.raises(ConfigError, match="save the file as UTF-8"):
        read("language: ja # 日本語".encode("shift_jis"))


def test_a_japanese_terminal_reads_japanese(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    with pytest.raises(ConfigError, match=r"1行目（language）：ja, en のいずれかを指定してください"):
        read("language: fr")
