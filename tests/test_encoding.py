"""What is stored comes back as it was, by the names of its fields."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from feedpub.catalogue.encoding import DamagedRowError, decoder, encode
from feedpub.core.feeds import Feed
from feedpub.core.model import Entry, FeedFacts, Image, Kept, Person, Related, Term, Withheld
from feedpub.core.stories import Copy, Story

KINDS = (Copy, Story, Kept, Feed, FeedFacts)
odd = st.text(st.characters(), max_size=9)  # surrogates, too
values = st.one_of([st.builds(kind) for kind in KINDS]) | st.builds(Story, path=odd, basis=odd)


@given(values)
def test_a_value_comes_back(value: object) -> None:
    found = decoder(type(value))(encode(value))
    assert found == value
    assert type(found) is type(value)
    assert repr(found) == repr(value), "also the parts are of their kinds"


def test_fields_are_stored_by_name_without_their_defaults() -> None:
    entry = Entry("id", "A", "https://e.org/", 1, 2, provider=Person("P"), images=(Image("i"),))
    link = Related(0, "k", "u", "t", item_id="x")
    assert json.loads(encode(Kept(entry, (link,), 3))) == {
        "entry": {
            "id": "id",
            "title": "A",
            "link": "https://e.org/",
            "published": 1,
            "updated": 2,
            "provider": {"name": "P"},
            "images": [{"url": "i"}],
        },
        "links": [{"place": 0, "key": "k", "url": "u", "title": "t", "item_id": "x"}],
        "body_end": 3,
    }


def test_what_is_stored_outlives_fields_that_come_and_go() -> None:
    copy = Copy("", "c", "", "", "", "t", "m", 1, None, 0, Withheld.REMOVED, (Term("k", "K"),))
    row = json.loads(encode(copy))
    del row["content"]  # with a default it would not be missed
    with pytest.raises(DamagedRowError):
        decoder(Copy)(json.dumps(row))
    assert "bars" not in row
    assert decoder(Copy)(json.dumps({**row, "content": "c", "former": 1})) == copy


NO_VALUES = ("", "[]", "{", "7", '"\\udcff"', '{"items": "1"}')


@pytest.mark.parametrize(
    ("kind", "text"),
    [(kind, text) for kind in KINDS for text in NO_VALUES] + [(Story, '{"id": 1}'), (Feed, "{}")],
)
def test_what_is_no_such_value_is_damage(kind: type[object], text: str) -> None:
    with pytest.raises(DamagedRowError):
        decoder(kind)(text)


@given(st.lists(st.integers()))
def test_numbers_are_compact_json(numbers: list[int]) -> None:
    text = encode(numbers)
    assert text == json.dumps(numbers, separators=(",", ":"))
    assert decoder(list[int])(text) == numbers
