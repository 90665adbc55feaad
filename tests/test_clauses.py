"""N1, the pure part: what clauses ask of a story, and the words of titles."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, strategies as st

from feedpub.core.membership import Attributes, matches, reason
from feedpub.core.policy import LISTS, SCORES, Clause, Rule, words

KEYS = ("ai", "c++", "人工智能")
KINDS = ("topic", "author")
TITLES = ("", "C++ and C#", "Große Dinge", "人工智能的未来")
PHRASES = tuple(map(words, ("c++", "GROSSE DINGE", "智能", "and")))

leaves = (
    st.builds(
        Clause, st.sampled_from(KINDS), st.lists(st.sampled_from(KEYS), max_size=2).map(tuple)
    )
    | st.builds(
        lambda score, mark: Clause(score, least=mark), st.sampled_from(SCORES), st.integers()
    )
    | st.builds(lambda phrase: Clause("title", (phrase,)), st.sampled_from(PHRASES))
)
clauses = st.recursive(
    leaves,
    lambda inner: st.builds(Clause, st.sampled_from(LISTS), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=12,
)
facts = st.builds(
    Attributes,
    st.fixed_dictionaries({kind: st.frozensets(st.sampled_from(KEYS)) for kind in KINDS}),
    st.sampled_from(TITLES),
    st.integers(),
    st.integers(),
    st.frozensets(st.sampled_from(("a.md", "b.md"))),
)


def holds(clause: Clause, asked: Attributes) -> bool:
    return matches(Rule(own=(clause,)), asked)


def some(kind: str, *parts: Clause) -> Clause:
    return Clause(kind, parts)


@given(st.lists(clauses, max_size=4), facts)
def test_n1_lists_of_clauses_follow_de_morgan(parts: list[Clause], asked: Attributes) -> None:
    denied = [some("none", part) for part in parts]
    both = holds(some("all", *parts), asked), holds(some("any", *denied), asked)
    assert both[0] is not both[1]
    assert holds(some("none", *parts), asked) is holds(some("all", *denied), asked)
    assert holds(some("any", *parts), asked) is any(holds(part, asked) for part in parts)
    assert holds(some("all", *parts), asked) is all(holds(part, asked) for part in parts)


@given(facts)
def test_n1_empty_lists_are_what_logic_says(asked: Attributes) -> None:
    assert [holds(some(kind), asked) for kind in LISTS] == [True, False, True]
    assert not matches(Rule(), asked), "a rule that asks for nothing lets nothing in"


@given(clauses, clauses, facts)
def test_n1_what_is_named_by_hand_counts_most(own: Clause, also: Clause, asked: Attributes) -> None:
    rule = Rule((own,), (also,), items=("a.md",), except_=("b.md",))
    by_clauses = holds(own, asked) or holds(also, asked)
    assert matches(rule, asked) is (
        (by_clauses or "a.md" in asked.names) and "b.md" not in asked.names
    )
    assert reason(rule, asked)


@given(clauses, facts)
def test_n1_the_reason_is_a_part_of_the_clause_that_decides(
    clause: Clause, asked: Attributes
) -> None:
    told = reason(Rule(own=(clause,)), asked)
    assert told.startswith("all [")
    if clause.kind not in LISTS:
        assert told == f"all [{clause.kind}: {told.partition(': ')[2]}"


def test_n1_reasons_in_the_words_of_the_config() -> None:
    def asked(*names: str, topics: str = "", heat: int = 0) -> Attributes:
        return Attributes(
            {"topic": set(topics.split())}, "Chips, big and small", 0, heat, frozenset(names)
        )

    ai, hot = Clause("topic", ("ai", "ml")), Clause("heat", least=60)
    rule = Rule(
        own=(Clause("topic", ("chips",)), some("none", ai)),
        also=(Clause("title", (words("big and"),)), hot),
        items=("a.md",),
        except_=("b.md", "c.md"),
    )
    assert reason(rule, asked(topics="chips")) == "all [topic: chips, none [topic: ai, ml]]"
    assert reason(rule, asked(heat=60)) == "all [title: big and, heat: 60]"
    assert reason(rule, asked("a.md")) == "items: a.md"
    assert reason(rule, asked("a.md", "c.md")) == "except: b.md, c.md"
    kept_out = "all [none [topic: ai, ml]]; all [heat: 60]; items: a.md"
    assert reason(rule, asked(topics="chips ai")) == kept_out


def test_n1_marks_must_all_be_met() -> None:
    rule = Rule(at_least=(("quality", 40), ("heat", 60)))
    for quality, heat in product((39, 40), (59, 60)):
        asked = Attributes({}, "", quality, heat, frozenset())
        assert matches(rule, asked) is (quality == 40 and heat == 60)


@pytest.mark.parametrize(
    ("phrase", "title", "is_there"),
    [
        ("chip", "Chips are back", False),
        ("chips", "Chips are back", True),
        ("are back", "Chips ARE\n  back!", True),
        ("back chips", "Chips are back", False),
        ("C", "C++ 26 is here", False),
        ("c++", "New in C++: modules", True),
        ("C", "C#, C and D", True),
        ("#ai", "All about AI", True),
        ("AT&T", "at&t's new plan", True),
        ("don't", "Don’t panic", True),
        ("strasse", "Die Straße", True),
        ("ﬁnance", "FINANCE week", True),
        ("café", "Cafe\u0301 society", True),
        ("cafe", "Café society", False),
        ("हिन्द", "हिन्दी समाचार", False),
        ("हिन्दी", "हिन्दी समाचार", True),
        ("новости", "Новости дня", True),
        ("новост", "Новости дня", False),
        ("人工智能", "中国的人工智能产业", True),
        ("智能人工", "中国的人工智能产业", False),
        ("AI", "生成AIの未来", True),
        ("ニュース", "今日のニュース速報", True),
        ("ข่าว", "วันนี้มีข่าวใหม่", True),
        ("أخبار", "أخبار اليوم", True),
        ("뉴스", "오늘의 뉴스", True),
        ("a1", "a 1", False),
        ("x y", "x - y", True),
        ("pop", "Rock+Pop", True),
    ],
)
def test_n1_words_of_titles_in_many_scripts(phrase: str, title: str, is_there: bool) -> None:
    assert (words(phrase) in words(title)) is is_there


@given(st.text(), st.text(), st.text())
def test_n1_a_text_has_its_own_words_and_those_around_it_change_nothing(
    before: str, text: str, after: str
) -> None:
    own = words(text)
    assert words(own) == own
    assert own.isspace() or own in words(f"{before} {text} {after}")
    assert words(text.upper().lower()) == words(text.upper())
