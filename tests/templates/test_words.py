"""Every text exists in both languages, says the same facts in each, and is really a translation."""

import re
from string import Formatter

from templates.words import all_texts

JA, EN = all_texts("ja"), all_texts("en")
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
HALF_WIDTH = re.compile(r"[ぁ-んァ-ヶ一-龠]\s?[(),!?]")
NOTHING_TO_TRANSLATE = re.compile(r"^[\W\d_]*(\{\w+(:\w+)?\}[\W\d_]*)*$")
"""Signs and facts alone."""


def facts_of(texts: tuple[str, ...]) -> set[str]:
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def sentences() -> list[str]:
    return [name for name in JA if name.startswith(("refusals.", "timeline."))]


def test_both_languages_have_the_same_texts() -> None:
    assert set(JA) ^ set(EN) == set()


def test_a_text_says_the_same_facts_in_both_languages() -> None:
    assert [name for name in JA if facts_of(JA[name]) != facts_of(EN[name])] == []


def test_no_text_is_empty() -> None:
    empty = [name for name in JA for texts in (JA[name], EN[name]) if not all(texts)]
    assert empty == ["unit.between"]  # Japanese joins its units without a space.


def test_no_translation_was_forgotten() -> None:
    assert [n for n in JA if JA[n] == EN[n] and not NOTHING_TO_TRANSLATE.match(JA[n][0])] == []


def test_a_sentence_is_written_in_each_language() -> None:
    assert len(sentences()) > 80
    assert [name for name in sentences() if not all(map(JAPANESE.search, JA[name]))] == []
    assert [name for name in sentences() if any(map(JAPANESE.search, EN[name]))] == []


def test_japanese_is_set_with_full_width_signs() -> None:
    assert [name for name in JA if any(map(HALF_WIDTH.search, JA[name]))] == []


def test_a_refusal_does_not_shout() -> None:
    assert [name for name in sentences() if "!" in EN[name][0] or "！" in JA[name][0]] == []


def test_a_criterion_fits_a_checkbox() -> None:
    criteria = [name for name in JA if name.startswith(("urgent_because.", "impact_because."))]
    assert len(criteria) == 7
    assert [name for name in criteria if max(len(JA[name][0]), len(EN[name][0])) > 75] == []
