"""Which answer a request gets, without a connection."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, strategies as st

from feedpub.core.model import PAGE_POLICY as CSP
from feedpub.edges.http import Resource, Serving, Update
from feedpub.edges.http.answers import (
    LARGE,
    Addresses,
    Answer,
    Document,
    Fields,
    Variant,
    decoded,
    is_known,
    moved,
    refusal,
    takes_gzip,
    variant,
)

POLICY = Serving().cache_control
RSS = "application/rss+xml; charset=utf-8"
FACTS = Resource(b"", RSS, 1_767_225_600, "c0ffee", ('<u>; rel="self"',))
FEED = b"<rss>" + b"feed " * 2000 + b"</rss>"


def fields(told: Fields) -> dict[str, str]:
    found = {name.decode(): value.decode("latin-1") for name, value in told}
    assert len(found) == len(told)
    return found


# heads


def test_h1_h4_h5_h7_what_is_said_of_a_feed() -> None:
    plain = variant(FACTS, FEED, POLICY)
    assert (plain.ok.status, plain.ok.body) == (200, FEED)
    assert fields(plain.ok.fields) == {
        "Content-Type": "application/rss+xml; charset=utf-8",
        "Content-Length": str(len(FEED)),
        "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        "ETag": '"c0ffee"',
        "Cache-Control": "public, max-age=900, s-maxage=60, stale-if-error=86400",
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "X-Content-Type-Options": "nosniff",
        "Link": '<u>; rel="self"',
    }


def test_h1_the_etag_of_each_coding_is_its_own_and_strong() -> None:
    zipped = variant(FACTS, b"zipped", POLICY, "gzip")
    assert (zipped.etag, fields(zipped.ok.fields)["Content-Encoding"]) == (b'"c0ffee-gzip"', "gzip")
    assert variant(FACTS, FEED, POLICY).etag == b'"c0ffee"'


def test_h2_a_304_repeats_etag_cache_control_and_vary() -> None:
    coded = variant(FACTS, FEED, POLICY)
    whole, short = fields(coded.ok.fields), fields(coded.not_modified.fields)
    assert coded.not_modified.status == 304
    assert coded.not_modified.body == b""
    assert {"ETag", "Cache-Control", "Vary"} <= short.keys()
    assert short.items() <= whole.items()


def test_pages_have_a_policy_and_feeds_have_none() -> None:
    page = fields(
        variant(FACTS._replace(media_type="text/html; charset=utf-8"), b"", POLICY).ok.fields
    )
    assert (page["Content-Security-Policy"], page["Referrer-Policy"]) == (CSP, "no-referrer")
    assert "Content-Security-Policy" not in fields(variant(FACTS, b"", POLICY).ok.fields)


@pytest.mark.parametrize("status", [400, 404, 405, 408, 414, 431, 503, 505])
def test_nobody_keeps_a_refusal(status: int) -> None:
    answer = refusal(status)
    told = fields(answer.fields)
    assert (told["Cache-Control"], told["Content-Length"]) == ("no-store", str(len(answer.body)))
    assert answer.body
    assert ("Retry-After" in told) == (status == 503)  # H6
    assert (told.get("Allow") == "GET, HEAD") == (status == 405)  # H3


def test_t6_moved() -> None:
    there = moved("https://a.example/b/", POLICY)
    assert (there.status, fields(there.fields)["Location"]) == (301, "https://a.example/b/")


# conditions

ETAGS = st.sampled_from(['"a"', '"a-gzip"', '"b"', '""', '"a,b"'])
WEAK = st.builds(lambda weak, tag: ("W/" if weak else "") + tag, st.booleans(), ETAGS)
COMMA = st.sampled_from([",", ", ", " , ", ",,", "\t,"])


@given(st.lists(WEAK, max_size=5), COMMA, ETAGS, st.integers(-2, 2) | st.none())
def test_h2_if_none_match_decides_alone(
    tags: list[str], comma: str, own: str, later: int | None
) -> None:
    """RFC 9110 §13.1.2, §13.2.2: weak comparison; then the date is not looked at."""
    known = any(tag.removeprefix("W/") == own for tag in tags)
    since = None if later is None else http_date(1000 + later)
    assert is_known(own.encode(), 1000, comma.join(tags).encode(), since) is known
    assert is_known(own.encode(), 1000, b"*", since) is True


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_h2_if_modified_since(modified: int, since: int) -> None:
    assert is_known(b'"a"', modified, None, http_date(since)) is (since >= modified)


@given(st.binary(max_size=60).filter(lambda b: not any(c.isdigit() for c in b.decode("latin-1"))))
def test_what_is_no_date_is_no_condition(junk: bytes) -> None:
    assert not is_known(b'"a"', 0, None, junk)
    assert not is_known(b'"a"', 0, None, None)


@pytest.mark.parametrize(
    "date",
    [
        "Thu, 01 Jan 2026 00:00:00 GMT",
        "Thursday, 01-Jan-26 00:00:00 GMT",
        "Thu Jan  1 00:00:00 2026",
    ],
)
def test_the_three_forms_of_a_date(date: str) -> None:
    """RFC 9110 §5.6.7, in whatever zone this machine is."""
    assert is_known(b'"a"', 1_767_225_600, None, date.encode())
    assert not is_known(b'"a"', 1_767_225_601, None, date.encode())


@pytest.mark.parametrize(
    "date",
    ["Thu, 01 Jan 99999 00:00:00 GMT", "Thu, 41 Jan 2026 00:00:00 GMT", "a, 1 Jan -1 0:0:0 GMT"],
)
def test_an_impossible_date_raises_nothing(date: str) -> None:
    is_known(b'"a"', 0, None, date.encode())


def http_date(seconds: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True).encode()


# codings

NAMES = st.sampled_from(["gzip", "x-gzip", "identity", "*", "br", "zstd"])
WEIGHTS = st.none() | st.integers(0, 1000)


@given(st.lists(st.tuples(NAMES, WEIGHTS), unique_by=lambda pair: pair[0]), st.booleans())
def test_h1_gzip_is_taken_where_it_is_allowed_and_none_is_not_preferred(
    asked: list[tuple[str, int | None]], spaced: bool
) -> None:
    """RFC 9110 §12.5.3."""
    space = " " if spaced else ""
    parts = [
        name if weight is None else f"{name}{space};{space}q={weight // 1000}.{weight % 1000:03}"
        for name, weight in asked
    ]
    weights = {name: 1000 if weight is None else weight for name, weight in asked}
    own = next((weights[n] for n in ("gzip", "x-gzip", "*") if n in weights), 0)
    expected = own > 0 and own >= weights.get("identity", 0)
    assert takes_gzip(f",{space}".join(parts).encode()) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", False), ("gzip", True), ("GZIP;Q=0.5", True), ("gzip;q=0", False), ("gzip;q=0.000", False),
        ("gzip;q=2", False), ("gzip;q=-1", False), ("gzip;q=nan", False), ("gzip;q=1e3", False),
        ("gzip;q=1.001", False), ("gzip;level=9", False), (", ,gzip,", True), ("gzipped", False), ("br, *;q=0", False),
    ],
)  # fmt: skip
def test_codings_as_clients_write_them(value: str, expected: bool) -> None:
    assert takes_gzip(value.encode()) is expected


@given(st.binary(max_size=50))
def test_any_bytes_are_some_answer(value: bytes) -> None:
    assert takes_gzip(value) in (True, False)
    is_known(b'"a"', 0, value, value)


# addresses

PATHS = st.lists(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1
    ).filter(lambda name: name not in {".", ".."}),
    min_size=1,
    max_size=3,
).map("/".join)


@given(PATHS)
def test_every_spelling_of_an_address_finds_it(path: str) -> None:
    nfc = normalize("NFC", path)
    places = places_of({nfc: b"x"})
    for form in ("NFC", "NFD"):
        spelled = "/" + normalize(form, nfc)
        fully = "".join(f"%{byte:02x}" if byte != 0x2F else "/" for byte in spelled.encode())
        for target in (quote(spelled), fully):
            assert decoded(target.encode()) == f"/{nfc}"
            assert isinstance(places.find(target.encode()), Document)


@given(st.binary(max_size=40))
def test_s5_only_what_was_published_is_found(target: bytes) -> None:
    places = places_of({"rss.xml": b"x", "a/index.html": b"y"})
    if places.find(target) is not None:
        decoded = unquote(target.decode("latin-1"))
        assert decoded.endswith(("/rss.xml", "/a/index.html", "/a/", "/a"))


@pytest.mark.parametrize(
    "target",
    [
        "/../rss.xml", "/a/../rss.xml", "/%2e%2e/rss.xml", "/a/%2e%2e/rss.xml", "//rss.xml", "/./rss.xml",
        "/%2Frss.xml", "/a%2findex.html", "/%252e%252e/rss.xml", "/rss%252exml", "/rss.xml%00", "/rss.xml/",
        "/%ff", "/%c0%ae", "*", "a.example:443", "rss.xml", "", "?", "ftp://a/rss.xml", "/RSS.xml", "/rss.xml%",
    ],
)  # fmt: skip
def test_s5_what_names_nothing(target: str) -> None:
    found = places_of({"rss.xml": b"x", "a/index.html": b"y"}).find(target.encode())
    assert found is None, target


# what is at each address


def feed(data: bytes) -> Resource:
    return FACTS._replace(data=data)


def places_of(files: dict[str, bytes], memory: int = 10**9, base: str = "/") -> Addresses:
    places = Addresses(Serving(memory=memory, prefix=base))
    places.take_over(Update({path: feed(data) for path, data in files.items()}))
    return places


def at(places: Addresses, target: str) -> Document:
    found = places.find(target.encode())
    assert isinstance(found, Document), target
    return found


def body(coded: Variant | None) -> bytes:
    assert coded is not None
    return bytes(coded.ok.body)


def test_gzip_is_made_once_and_is_the_same_document(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(data: bytes, *arguments: int, mtime: int) -> bytes:
        calls.append(data)
        return compress(data, *arguments, mtime=mtime)

    compress = gzip.compress
    monkeypatch.setattr(gzip, "compress", counted)
    places = places_of({"rss.xml": FEED})
    assert calls == []
    assert gzip.decompress(body(places.zipped(at(places, "/rss.xml")))) == FEED
    places.zipped(at(places, "/rss.xml"))
    places.take_over(Update({"other.xml": feed(FEED)}, [], whole=False))
    places.zipped(at(places, "/rss.xml"))
    assert calls == [FEED]


@pytest.mark.parametrize("data", [b"", b"x" * 20, bytes(range(256))])
def test_what_does_not_get_smaller_is_served_plain(data: bytes) -> None:
    places = places_of({"rss.xml": data})
    assert places.zipped(at(places, "/rss.xml")) is None


def test_a_folder_is_found_with_and_without_its_slash() -> None:
    places = places_of({"index.html": b"root", "a/index.html": b"page", "a/rss.xml": b"feed"})
    assert at(places, "/") is at(places, "/index.html")
    assert at(places, "/a/") is at(places, "/a/index.html")
    assert places.find(b"/a") == moved("a/", POLICY)


def test_the_path_of_the_site_s_address_may_be_there_or_not() -> None:
    """And a topic of that name takes no address that was published."""
    places = places_of(
        {"index.html": b"root", "rss.xml": b"all", "news/rss.xml": b"topic"}, base="/news/"
    )
    assert body(at(places, "/rss.xml").plain) == body(at(places, "/news/rss.xml").plain) == b"all"
    assert body(at(places, "/news/news/rss.xml").plain) == b"topic"
    assert at(places, "/news/") is at(places, "/")
    assert places.find(b"/news") == moved("news/", POLICY)


def test_an_update_is_taken_over_as_one_and_what_is_removed_is_gone() -> None:
    places = places_of({"a/index.html": b"1", "b.xml": b"1", "c.xml": b"1"})
    assert body(at(places, "/b.xml").plain) == b"1"
    places.take_over(
        Update(
            {"b.xml": feed(b"22"), "c.xml": HTTPStatus.GONE},
            ["a/index.html", "unknown"],
            whole=False,
        )
    )
    assert body(at(places, "/b.xml").plain) == b"22"
    assert [places.find(t) for t in (b"/a/", b"/a", b"/a/index.html")] == [None] * 3
    ended = places.find(b"/c.xml")
    assert isinstance(ended, Answer)
    assert ended.status == 410
    assert (b"Cache-Control", POLICY.encode()) in ended.fields


def test_who_looks_while_an_update_is_taken_over_sees_all_of_the_old() -> None:
    places = places_of({"a.xml": b"1", "b.xml": b"1"})
    seen = places._places
    before = dict(seen)
    places.take_over(Update({"a.xml": feed(b"2")}, ["b.xml"], whole=False))
    assert seen == before
    assert places.find(b"/b.xml") is None


def test_a_part_is_not_taken_for_the_whole() -> None:
    places = Addresses(Serving())
    places.take_over(Update({"a.xml": feed(b"1")}, [], whole=False))
    assert not places.filled
    places.take_over(Update({}, [], whole=True))
    assert places.filled


def test_memory_is_bounded_and_what_is_over_it_is_on_disk() -> None:
    places = places_of({f"{n}.xml": FEED for n in range(10)}, memory=3 * len(FEED))
    in_memory = [n for n in range(10) if isinstance(at(places, f"/{n}.xml").plain.ok.body, bytes)]
    assert in_memory == [0, 1, 2]
    assert {body(at(places, f"/{n}.xml").plain) for n in range(10)} == {FEED}
    places.take_over(Update({}, ["0.xml"], whole=False))
    places.take_over(Update({"11.xml": feed(FEED)}, [], whole=False))
    assert isinstance(at(places, "/11.xml").plain.ok.body, bytes)


def test_files_of_bodies_that_nobody_holds_are_gone() -> None:
    places = places_of({"kept.xml": b"k" * (LARGE + 1)})
    first = at(places, "/kept.xml").plain.ok.body
    before = open_files()
    for number in range(70):
        places.take_over(Update({"b.xml": feed(b"%d" % number * LARGE)}, whole=False))
    assert open_files() <= before + 2, "but for that of the last ones"
    assert body(at(places, "/b.xml").plain) == b"69" * LARGE
    assert body(at(places, "/kept.xml").plain) == first == b"k" * (LARGE + 1)


def open_files() -> int:
    """How many files without a name this process looks into."""
    return Path("/proc/self/maps").read_text(encoding="utf-8").count("(deleted)")


def test_with_a_full_disk_it_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("feedpub.edges.http.answers.TemporaryFile", full)
    places = places_of({"rss.xml": b"x" * (LARGE + 1)})
    assert body(at(places, "/rss.xml").plain) == b"x" * (LARGE + 1)
