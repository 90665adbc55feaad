"""What was right when it was seen last is not looked at again, and nothing else is overlooked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from feed_samples import PLAIN, RICH, SITE, window
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedpub.core.channel import FeedWindow
from feedpub.core.model import Entry, Site
from feedpub.formats import DOCUMENTS, ITEMS_CHECKED, Format
from feedpub.formats.invariants import Inspector
from feedpub.formats.invariants.seams import Checker, is_sure

ITEMS = [
    each._replace(id=f"{each.id}{number}", title=f"{each.title} {number}")
    for number in range(4)
    for each in (RICH, PLAIN)
]

every = pytest.mark.parametrize("name", DOCUMENTS)
RENDER = {name: format_.load() for name, format_ in DOCUMENTS.items()}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note the titles of the items of each document that is parsed."""
    seen: list[list[str]] = []
    real = Format.load_checker

    def load(format_: Format) -> Checker:
        checker = real(format_)

        def check(data: bytes, feed: FeedWindow, site: Site) -> tuple[str, ...]:
            seen.append([entry.title for entry in feed.entries])
            return checker.check(data, feed, site)

        return checker._replace(check=check)

    monkeypatch.setattr(Format, "load_checker", load)
    return seen


def titles(entries: Sequence[Entry]) -> list[str]:
    return [entry.title for entry in entries]


def inspected(inspector: Inspector, name: str, entries: Sequence[Entry]) -> tuple[str, ...]:
    feed = window(*entries)
    return inspector.faults(RENDER[name](feed, SITE), name, feed, SITE)


@every
def test_only_items_that_are_new_are_looked_at(name: str, looked_at: list[list[str]]) -> None:
    inspector, changed = Inspector(ITEMS_CHECKED), ITEMS[2]._replace(title="Another title")
    for feed in (ITEMS[:3], [ITEMS[3], *ITEMS[:3]], [*ITEMS[:2], changed], [ITEMS[1], ITEMS[0]]):
        assert inspected(inspector, name, feed) == ()
    # Where all are known one is left: the head of the document is looked at each time.
    assert looked_at == [titles(ITEMS[:3]), [ITEMS[3].title], ["Another title"], [ITEMS[1].title]]


@every
def test_the_items_of_one_format_are_not_those_of_another(name: str) -> None:
    inspector = Inspector(ITEMS_CHECKED)
    for other in DOCUMENTS:
        inspected(inspector, other, ITEMS)
    feed = window(*ITEMS)
    other = next(each for each in DOCUMENTS if each != name)
    assert inspector.faults(RENDER[other](feed, SITE), name, feed, SITE)


@every
def test_a_document_without_items_is_looked_at_whole(name: str, looked_at: list[list[str]]) -> None:
    inspector = Inspector(ITEMS_CHECKED)
    assert inspected(inspector, name, []) == inspected(inspector, name, []) == ()
    assert looked_at == [[], []]


@every
def test_what_is_remembered_is_bounded(name: str, looked_at: list[list[str]]) -> None:
    inspector = Inspector(room=2)
    inspected(inspector, name, ITEMS[:3])
    inspected(inspector, name, ITEMS[:3])
    assert looked_at == [titles(ITEMS[:3]), titles(ITEMS[:1])]


@every
def test_a_fault_is_told_by_the_place_of_its_item_in_the_whole(name: str) -> None:
    inspector, feed = Inspector(ITEMS_CHECKED), window(*ITEMS)
    inspected(inspector, name, ITEMS)
    data = RENDER[name](window(*ITEMS[:5], ITEMS[5]._replace(title="X"), *ITEMS[6:]), SITE)
    faults = inspector.faults(data, name, feed, SITE)
    assert faults == Inspector().faults(data, name, feed, SITE) != ()
    assert "item 6" in faults[0] or name == "page"


@every
def test_a_wrong_item_is_not_remembered(name: str) -> None:
    inspector, wrong = Inspector(ITEMS_CHECKED), window(ITEMS[0]._replace(title="X"), *ITEMS[1:])
    data = RENDER[name](wrong, SITE)
    for _ in "12":
        assert inspector.faults(data, name, window(*ITEMS), SITE)
    assert inspected(inspector, name, ITEMS) == ()


def test_a_prefix_that_another_document_does_not_declare_is_noticed() -> None:
    """The same bytes are well-formed in one document, and not in the other."""
    inspector, entries = Inspector(ITEMS_CHECKED), [ITEMS[1], ITEMS[0]]
    assert inspected(inspector, "atom", entries) == ()
    data = RENDER["atom"](window(*entries), SITE)
    assert b"<media:" in data.rpartition(b"<entry")[2]
    without = data.replace(b' xmlns:media="http://search.yahoo.com/mrss/"', b"", 1)
    assert inspector.faults(without, "atom", window(*entries), SITE) == ("not well-formed",)


@pytest.mark.parametrize("hidden", [b"<!-- %s -->", b"<![CDATA[%s]]>", b"<?x %s?>"])
def test_a_seam_that_something_hides_is_none(hidden: bytes) -> None:
    assert not is_sure(b"<id>x</id>" + hidden % b"</entry>\n<entry>")
    data = RENDER["atom"](window(*ITEMS), SITE)
    odd = data.replace(b"</entry>", hidden % b"</entry>\n<entry>" + b"</entry>", 1)
    inspector, feed = Inspector(ITEMS_CHECKED), window(*ITEMS)
    inspected(inspector, "atom", ITEMS)
    assert inspector.faults(odd, "atom", feed, SITE) == Inspector().faults(odd, "atom", feed, SITE)


def test_pieces_that_may_not_be_items_are_not_remembered() -> None:
    """Two items that look like one, and one that looks like two: three pieces, and none an item."""
    inspector, seam = Inspector(ITEMS_CHECKED), "</entry>\n<entry"
    entries = [*ITEMS[:2], PLAIN._replace(id=f"{PLAIN.id}9", title=f"a{seam}b")]
    data = RENDER["atom"](window(*entries), SITE).replace(seam.encode(), b"</entry> <entry", 1)
    escaped = b"a&lt;/entry&gt;\n&lt;entryb"
    odd = data.replace(escaped, f"<![CDATA[a{seam}b]]>".encode())
    assert odd != data
    assert inspector.faults(odd, "atom", window(*entries), SITE) == ()
    checker = DOCUMENTS["atom"].load_checker()
    cut, whole = checker.cut(odd), checker.cut(RENDER["atom"](window(ITEMS[4]), SITE))
    assert cut
    assert whole
    torn = whole.joined([*whole.pieces, cut.pieces[1]])
    feed = window(ITEMS[4], entries[1])
    assert inspector.faults(torn, "atom", feed, SITE) == ("not well-formed",)


places = st.integers(0, 12_000)
parts = st.sampled_from(
    [
        b"",
        b"<",
        b">",
        b"</entry>\n<entry>",
        b"</item>\n<item>",
        b",\n",
        b"<!--",
        b"]]>",
        b'"',
        b"\n",
    ]
)


@every
@settings(max_examples=150)
@given(start=places, length=st.integers(0, 3000), source=places, part=parts)
@example(start=0, length=12_000, source=0, part=b"")
def test_what_is_known_hides_no_fault(
    name: str, start: int, length: int, source: int, part: bytes
) -> None:
    """Whatever was cut out of a document, doubled or put in: one who has seen it finds the same."""
    feed = window(*ITEMS)
    good = RENDER[name](feed, SITE)
    inspector = Inspector(ITEMS_CHECKED)
    assert inspector.faults(good, name, feed, SITE) == ()
    for data in (
        good[:start] + part + good[start + length :],
        good[:start] + good[source : source + length] + part + good[start:],
    ):
        assert inspector.faults(data, name, feed, SITE) == Inspector().faults(
            data, name, feed, SITE
        )


ANY = [*ITEMS, *(each._replace(title="Another title") for each in ITEMS[:2])]
lists = st.lists(st.sampled_from(ANY), max_size=6)


@every
@settings(max_examples=60)
@given(pairs=st.lists(lists.flatmap(lambda one: st.tuples(st.just(one), lists | st.just(one)))))
@example(pairs=[([ANY[0]], [ANY[0]]), ([ANY[0], ANY[0]], [ANY[0], ANY[0]])])
@example(pairs=[(ANY[:2], ANY[:2]), ([ANY[0], ANY[-1]], ANY[:2])])
def test_documents_of_other_windows_are_told_apart(
    name: str, pairs: list[tuple[list[Entry], list[Entry]]]
) -> None:
    """Items twice, out of order, too many or too few: as one says who sees them the first time."""
    inspector = Inspector(ITEMS_CHECKED)
    for entries, others in pairs:
        feed, data = window(*entries), RENDER[name](window(*others), SITE)
        assert inspector.faults(data, name, feed, SITE) == Inspector().faults(
            data, name, feed, SITE
        )
