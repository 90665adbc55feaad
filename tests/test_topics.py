"""Topic names: how they compare (T1) and which path segment they get (T2, T4)."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings, strategies as st

from feedpub.core import topics

names = st.text() | st.text(alphabet="aA. /\\\0+#-é̈🤖️‍人हि_", max_size=40) | st.text(min_size=90)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AI", "ai"),
        ("Machine  Learning", " machine learning\n"),
        ("Straße", "STRASSE"),
        ("ﬁnance", "Finance"),
        ("caf\u00e9", "cafe\u0301"),
        ("Ｃ＋＋", "c++"),
        ("No\u00a0break", "no break"),
    ],
)
def test_t1_names_compare_without_case_width_and_whitespace(one: str, other: str) -> None:
    assert topics.key(one) == topics.key(other) != ""


def test_t1_distinct_names_have_distinct_keys() -> None:
    assert len({topics.key(name) for name in ("C", "C++", "C#", "a b", "a-b", "ab")}) == 6


def test_t1_labels_are_nfc_with_single_spaces() -> None:
    assert topics.label("  Cafe\u0301 \n Society ") == "Café Society"
    assert topics.label("iOS") == "iOS"


@settings(max_examples=300)
@given(names)
def test_t1_a_key_is_its_own_key_and_a_label_has_the_key_of_its_name(name: str) -> None:
    key = topics.key(name)
    assert topics.key(key) == key
    assert topics.key(topics.label(name)) == key


READABLE = {
    "C": "c",
    "C++": "c-plus-plus",
    "C#": "c-sharp",
    ".NET": "dot-net",
    "Node.js": "node-js",
    "F#": "f-sharp",
    "Power Apps": "power-apps",
    "AT&T": "at-t",
    "R&D / Labs": "r-d-labs",
    "snake_case": "snake-case",
    "人工智能": "人工智能",
    "हिन्दी": "हिन्दी",
    "Ελληνικά": "ελληνικά",
    "עברית": "עברית",
    "Über uns": "über-uns",
    "2024": "2024",
    "..": "dot-dot",
    "../../etc": "dot-dot-etc",
}
HASHED = {
    "🤖": r"t-[0-9a-f]{8}",
    "❤️": r"t-[0-9a-f]{8}",
    "": r"t-[0-9a-f]{8}",
    "\0": r"t-[0-9a-f]{8}",
}
RESERVED = ("CON", "nul", "index", "Archive", "COM1", "LPT9", "aux", "PRN")


@pytest.mark.parametrize(("name", "slug"), READABLE.items())
def test_t2_slugs_keep_letters_marks_and_digits_of_every_script(name: str, slug: str) -> None:
    assert topics.slug(topics.key(name)) == slug


@pytest.mark.parametrize(("name", "pattern"), HASHED.items())
def test_t2_a_name_without_letters_gets_a_hash(name: str, pattern: str) -> None:
    assert re.fullmatch(pattern, topics.slug(topics.key(name)))


@pytest.mark.parametrize("name", RESERVED)
def test_t4_reserved_names_get_a_suffix(name: str) -> None:
    assert re.fullmatch(rf"{name.lower()}-[0-9a-f]{{6}}", topics.slug(topics.key(name)))


def test_t2_t4_the_edge_cases_are_distinct() -> None:
    edge = [*READABLE, *HASHED, *RESERVED, "é" * 300, "é" * 301, "x" * 101, "x" * 102, "🤖🤖"]
    assert len({topics.slug(topics.key(name)) for name in edge}) == len(edge)


@pytest.mark.parametrize("length", [99, 100])
def test_t4_a_hundred_bytes_stay_whole(length: int) -> None:
    assert topics.slug("x" * length) == "x" * length


def test_t4_more_than_a_hundred_bytes_are_cut_and_hashed() -> None:
    slug = topics.slug("あ" * 300)
    assert re.fullmatch(r"あ+-[0-9a-f]{6}", slug)
    assert 95 < len(slug.encode()) <= 100


@settings(max_examples=500)
@given(names)
def test_t4_a_slug_is_one_safe_path_segment_for_any_name(name: str) -> None:
    slug = topics.slug(topics.key(name))
    assert slug == topics.slug(name)
    assert 0 < len(slug.encode()) <= 100
    assert not set(slug) & set('/\\\0. :*?"<>|%~')
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert "--" not in slug
    assert slug not in topics.RESERVED
    assert unicodedata.is_normalized("NFC", slug)
    assert unicodedata.category(slug[0])[0] in "LN"
    assert {unicodedata.category(c)[0] for c in slug if c != "-"} <= {"L", "M", "N"}


@settings(max_examples=300)
@given(names)
def test_t2_a_slug_is_its_own_slug(name: str) -> None:
    slug = topics.slug(name)
    assert topics.slug(slug) == slug


@settings(max_examples=200)
@given(names, names)
def test_t3_a_suffix_keeps_the_limit_and_tells_names_apart(name: str, other: str) -> None:
    slug = topics.slug(name)
    longer = topics.suffixed(slug, name)
    assert len(longer.encode()) <= 100
    assert re.search(r"-[0-9a-f]{6}\Z", longer)
    if topics.key(name) != topics.key(other):
        assert longer != topics.suffixed(slug, other)
