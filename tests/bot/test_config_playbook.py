"""The team's own playbook: what it replaces, and what each mistake in it is told, with file and line."""

from pathlib import Path

import pytest

from bot.config import Config, ConfigError, read_config
from bot.config_playbook import shipped_playbook
from domain.customer_updates import LANGUAGES
from domain.incident import Category, State
from domain.playbook import Part

LEAD = "owner:\n  investigating:\n    - {id: lead, ja: 指揮する, en: Lead}\n"


@pytest.fixture
def settings(folder: Path) -> Path:
    (folder / "steps").mkdir()
    path = folder / "hachi.yml"
    path.write_text("language: en\nplaybook: steps\n", "utf-8")
    return path


def read(settings: Path, text: str, name: str = "own.yml") -> Config:
    (settings.parent / "steps" / name).write_text(text, "utf-8")
    return read_config(settings)


def test_what_ships_is_whole_in_both_languages() -> None:
    playbook = shipped_playbook()
    lists = [*playbook.by_part.values(), *playbook.by_category.values()]
    assert len(playbook.by_part) == 20
    assert {category for category, _, _ in playbook.by_category} == set(Category)
    assert all(set(step.texts) == set(LANGUAGES) for steps in lists for step in steps)


def test_a_list_of_the_team_takes_the_place_of_the_shipped_one_and_the_rest_stays(settings: Path) -> None:
    playbook = read(
        settings, LEAD + "categories: {network: {expert: {investigating: []}}}\nexpert: {resolved: []}\n"
    ).team.playbook
    place = (Part.OWNER, State.INVESTIGATING)
    assert [(step.key, step.text("ja")) for step in playbook.by_part[place]] == [
        ("owner/investigating/lead", "指揮する")
    ]
    assert playbook.by_part[(Part.EXPERT, State.RESOLVED)] == ()
    assert playbook.by_category[(Category.NETWORK, Part.EXPERT, State.INVESTIGATING)] == ()
    untouched = (Part.OWNER, State.IDENTIFIED)
    assert playbook.by_part[untouched] == shipped_playbook().by_part[untouched]


def test_a_step_in_one_language_is_shown_to_readers_of_both_and_the_team_is_told(settings: Path) -> None:
    config = read(settings, "owner:\n  investigating:\n    - {id: lead, ja: 指揮する}\n")
    (warning,) = config.warnings
    assert (warning.line, warning.where, warning.file and warning.file.name) == (
        3,
        "owner.investigating.lead",
        "own.yml",
    )
    assert "no en:" in str(warning)


@pytest.mark.parametrize(
    ("text", "line", "where", "said"),
    [
        ("boss: {}", 1, "boss", "owner, expert, service_level_manager, duty_manager, member, categories"),
        ("owner:\n  closed: []", 2, "owner.closed", "investigating, identified, monitoring, resolved"),
        ("categories:\n  weather: {}", 2, "categories.weather", "hardware, software, network"),
        ("owner: {resolved: {}}", 1, "owner.resolved", "list"),
        ("owner: {resolved: [Close it]}", 1, "owner.resolved", "names with values"),
        ("owner: {resolved: [{en: Close}]}", 1, "owner.resolved", "id:"),
        ("owner: {resolved: [{id: 'Close it', en: Close}]}", 1, "owner.resolved", "id:"),
        ("owner: {resolved: [{id: close}]}", 1, "owner.resolved.close", "one sentence"),
        ("owner: {resolved: [{id: close, en: '  '}]}", 1, "owner.resolved.close.en", "text"),
        (f"owner: {{resolved: [{{id: a, en: {'x' * 151}, ja: あ}}]}}", 1, "owner.resolved.a.en", "150"),
        (
            "owner:\n resolved:\n - {id: a, en: A, ja: あ}\n - {id: a, en: B, ja: い}",
            4,
            "owner.resolved.a",
            "id",
        ),
        ("member: {resolved: [" + "{id: a, ja: あ}," * 11 + "]}", 1, "member.resolved", "10 steps"),
        ("owner: [", 1, "–", "not YAML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_what_is_expected(
    settings: Path, text: str, line: int, where: str, said: str
) -> None:
    with pytest.raises(ConfigError) as error:
        read(settings, text)
    found = error.value.problems[0]
    assert (found.line, found.where or "–") == (line, where)
    assert said in str(found)
    assert str(error.value).startswith(str(settings.parent / "steps" / "own.yml"))


def test_a_list_that_two_files_give_is_refused(settings: Path) -> None:
    read(settings, LEAD)
    with pytest.raises(ConfigError, match="another file"):
        read(settings, LEAD, "second.yaml")


@pytest.mark.parametrize("given", ["nowhere", "''", "hachi.yml/x"])
def test_a_playbook_that_is_not_there_is_named(settings: Path, given: str) -> None:
    settings.write_text(f"language: en\nplaybook: {given}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"line 2 \(playbook\): there is no playbook file"):
        read_config(settings)


def test_one_file_may_be_named_by_itself_and_nothing_means_what_ships(settings: Path) -> None:
    settings.write_text("playbook: steps/own.yml\n", "utf-8")
    assert read(settings, LEAD).team.playbook != shipped_playbook()
    settings.write_text("playbook: # none yet\n", "utf-8")
    assert read_config(settings).team.playbook == shipped_playbook()
