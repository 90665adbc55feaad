"""URLs: the published form and the compared forms (R1, R2, C1, C2, I2, M1, edge cases 5, 15)."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given, settings, strategies as st

from feedpub.core import urls
from feedpub.core.urls import canonical, host, href, identity, publishable

PLAIN = "https://www.example.com/2023/09/05/some-title-0001"
BASE = "https://example.org/news/item.html?page=2#top"
NESTED = (
    "https://www.ft.com/__origami/service/image/v2/images/raw/https%253A%252F%252Fbucket"
    ".s3.amazonaws.com%252F6%252FCropped.jpg?width=1260&height=630&fit=cover&source=nar-cms"
)
URI = re.compile(  # RFC 3986 appendix A, for http and https
    r"https?://(?:[\w.~-]+|\[[0-9a-f:.]+\])(?::\d*)?(?:/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*)?"
    r"(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?",
    re.ASCII | re.IGNORECASE,
)

# --- the published form


@pytest.mark.parametrize(
    "url",
    [
        PLAIN,
        NESTED,  # edge case 15, M1
        "http://example.com",
        "https://EXAMPLE.com/A%2fb%2Fc/%7Euser/%c3%a9",
        "https://example.com/a/../b/./c//d",
        "https://example.com/?b=2&a=1&&b=&c#frag-%7E",
        "https://example.com:8443/?",
        "https://example.com/x#",
        "https://xn--bcher-kva.example/",
        "https://[2001:db8::1]:8080/x",
        "http://127.0.0.1:8080/x",
        "http://localhost/x",
        "https://a_b.example.com/x(1)/it's;p=1,2",
        "https://example.com/watch?v=h70jOr56EKs&source=x&ref=y&from=z&s=1&t=2&id=3",
        "https://example.com/x#a:~:text=some%20words",
    ],
)
@pytest.mark.parametrize("base", ["", BASE])
def test_r1_an_address_with_nothing_to_mend_is_published_byte_for_byte(url: str, base: str) -> None:
    assert publishable(url, base) == url
    assert publishable(url, base, strip_tracking=False) == url
    assert href(url, base) == url


@pytest.mark.parametrize(
    ("url", "published"),
    [
        (" \n https://example.com/a \t", "https://example.com/a"),
        ("\ufeff\u200bhttps://example.com/a\u00a0\u2028", "https://example.com/a"),
        ("ht\ntps://exam\tple.com/a\r\nb", "https://example.com/ab"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        (
            'https://example.com/"<>[]\\^`{|}?"<>[]\\^`{|}#"<>[]\\^`{|}',
            "https://example.com/{0}?{0}#{0}".format("%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D"),
        ),
        ("https://example.com/100%/%zz/%4", "https://example.com/100%25/%25zz/%254"),
        ("https://example.com/a#b#c", "https://example.com/a#b%23c"),
        ("https://user:secret@example.com:81/a", "https://example.com:81/a"),
        ("https://good.example@evil.example/", "https://evil.example/"),
    ],
)
def test_r1_whitespace_userinfo_and_illegal_characters(url: str, published: str) -> None:
    assert publishable(url) == published


@pytest.mark.parametrize(
    ("url", "published"),
    [
        ("https://example.com/ä/日本?q=ü#ß", "https://example.com/%C3%A4/%E6%97%A5%E6%9C%AC?q=%C3%BC#%C3%9F"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://faß.de/", "https://xn--fa-hia.de/"),
        ("https://例え。jp:81/", "https://xn--r8jz45g.jp:81/"),
        ("https://💩.la/", "https://xn--ls8h.la/"),
        ("https://b%C3%BCcher.example/", "https://xn--bcher-kva.example/"),
        ("https://example.com/é%c3%a9", "https://example.com/%C3%A9%c3%a9"),
    ],
)  # fmt: skip
def test_r1_c2_iris_become_uris(url: str, published: str) -> None:
    assert publishable(url) == published


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "example.com/x",
        "/x",
        "//example.com/x",
        "ftp://example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@example.com",
        "https:example.com",
        "https:/example.com",
        "https:///example.com",
        "https://",
        "https://:80/",
        "https://user@/",
        "https://?x",
        "https://e@][",
        "https://[::1",
        "https://[::g]/",
        "https://[fe80::1%25eth0]/",
        "https://[]/",
        "https://a..b/",
        "https://./",
        "https://exa mple.com/",
        "https://exa%20mple.com/",
        "https://exa%2Fmple.com/",
        "https://e\u200bvil.com/",
        "https://evil.com\uff0f.example.com/",
        "https://evil.com\\@example.com/",
        "https://example.com:x/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:１/",
        "https://256.1.1.1/",
        "https://1.2.3/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://" + "a" * 64 + ".com/",
        "https://" + "a." * 127 + "com/",
        "https://" + "ü" * 300 + ".com/",
        "https://example.com/\x00x",
        "https://example.com/\x0bx",
        "https://example.com/\x7fx",
        "https://example.com/\ud800",
        "https://example.com/" + "a" * 8192,
        "https://example.com/" + "é" * 3000,
    ],
)
def test_r2_what_is_no_web_address_is_empty_in_every_form(url: str) -> None:
    assert [f(url) for f in (publishable, canonical, identity, host)] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("other.html", "https://example.org/news/other.html"),
        ("./a/./b/../c", "https://example.org/news/a/c"),
        ("../x", "https://example.org/x"),
        ("../../../x", "https://example.org/x"),
        ("..", "https://example.org/"),
        (".", "https://example.org/news/"),
        ("/x/../y", "https://example.org/y"),
        ("//example.net/x", "https://example.net/x"),
        ("//user@example.net:81/x", "https://example.net:81/x"),
        ("?q=1", "https://example.org/news/item.html?q=1"),
        ("#f", "https://example.org/news/item.html?page=2#f"),
        ("a b/ä", "https://example.org/news/a%20b/%C3%A4"),
        ("a?b:c", "https://example.org/news/a?b:c"),
        ("/\\evil.example/", "https://example.org/%5Cevil.example/"),
        ("", ""),
        ("//", ""),
        ("///x", ""),
        ("http:x", ""),
        ("C:\\x", ""),
    ],
)
def test_c2_relative_addresses_resolve_against_the_base(url: str, resolved: str) -> None:
    assert publishable(url, BASE) == resolved
    assert href(url, BASE) == resolved


def test_c2_a_base_is_only_good_when_it_is_a_web_address() -> None:
    assert publishable("x", "https://example.org") == "https://example.org/x"
    assert publishable("x", "https://u:p@example.org/a?utm_source=b") == "https://example.org/x"
    assert publishable("#f", "https://example.org/a?utm_source=b") == "https://example.org/a#f"
    for base in ("", "/a/", "mailto:a@b", "https:a", "https://e@][", "file:///etc/passwd"):
        assert publishable("x", base) == ""


# --- tracking parameters


@pytest.mark.parametrize(
    ("url", "published"),
    [
        ("https://example.com/?utm_source=x", "https://example.com/"),
        ("https://example.com?utm_source=x", "https://example.com"),
        ("https://example.com/?a=%7e&UTM_Source=x&b=2", "https://example.com/?a=%7e&b=2"),
        ("https://example.com/?fbclid=1&b=2&a=1&gclid", "https://example.com/?b=2&a=1"),
        ("https://example.com/?utm%5Fsource=x&a=1", "https://example.com/?a=1"),
        ("https://example.com/?a=1&amp;utm_source=x&amp;b=1", "https://example.com/?a=1&amp;b=1"),
        ("https://example.com/?WT.mc_id=x", "https://example.com/"),
        ("https://example.com/?utm_source=x&#f", "https://example.com/#f"),
        ("https://example.com/a#utm_source=x&utm_medium=y", "https://example.com/a"),
        ("https://example.com/a#xtor=RSS-1", "https://example.com/a"),
        ("https://example.com/a#x=1&utm_source=x", "https://example.com/a#x=1"),
        ("https://example.com/a#utm_parameters", "https://example.com/a#utm_parameters"),
        ("https://example.com/utm_source=x?u=utm_source", "https://example.com/utm_source=x?u=utm_source"),
    ],
)  # fmt: skip
def test_r1_tracking_parameters_go_and_all_else_stays(url: str, published: str) -> None:
    assert publishable(url) == published
    assert publishable(url, strip_tracking=False) == url


def test_r1_the_tracking_list_is_frozen_under_its_version() -> None:
    """Who changes the list must raise TRACKING_VERSION and add the digest here."""
    digests = {1: "d4166284abfb8729"}
    digest = hashlib.sha256(" ".join(urls.TRACKING).encode()).hexdigest()[:16]
    assert digests[urls.TRACKING_VERSION] == digest
    assert list(urls.TRACKING) == sorted(set(urls.TRACKING))
    assert all(name == name.lower() and name.strip("*") for name in urls.TRACKING)


@pytest.mark.parametrize("entry", urls.TRACKING)
def test_r1_every_listed_parameter_is_stripped_and_not_compared(entry: str) -> None:
    name = entry.replace("*", "x")
    assert publishable(f"{PLAIN}?a=1&{name.upper()}=1&b=2") == f"{PLAIN}?a=1&b=2"
    assert canonical(f"{PLAIN}?{name}=1") == PLAIN


def test_r1_names_that_choose_a_page_are_not_tracking() -> None:
    query = "source=1&ref=1&from=1&s=1&t=1&id=1&campaign=1&c=1&utm=1&v=1&feature=1&p=1&cid=1"
    assert publishable(f"{PLAIN}?{query}") == canonical(f"{PLAIN}?{query}") == f"{PLAIN}?{query}"


# --- the compared forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "https://example.com/a"),  # edge case 5
        ("https://example.com/a?utm_source=x", "https://example.com/a"),  # edge case 5
        ("HTTPS://Example.COM/a", "https://example.com/a"),
        ("https://example.com", "http://example.com:80/"),
        ("https://example.com:443/a", "https://example.com:/a"),
        ("https://example.com:08443/a", "http://example.com:8443/a"),
        ("https://u:p@example.com/a", "https://example.com/a"),
        ("https://example.com/%7Ea/%c3%a9", "https://example.com/~a/é"),
        ("https://example.com/a%2fb", "https://example.com/a%2Fb"),
        ("https://example.com/a/%2E%2e/./b", "https://example.com/b"),
        ("https://example.com/a/.././b", "https://example.com/b"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://[2001:DB8:0::1]/", "https://[2001:db8::1]/"),
        (" https://example.com/a\n", "https://example.com/a"),
    ],
)
def test_r1_same_page(one: str, other: str) -> None:
    assert canonical(one) == canonical(other) != ""
    assert identity(one) == identity(other) != ""
    assert canonical(one).startswith("https://")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/a", "https://example.com/a/"),
        ("https://example.com/a", "https://www.example.com/a"),
        ("https://example.com/a/b", "https://example.com/a%2Fb"),
        ("https://example.com/a%2Fb", "https://example.com/a%252Fb"),
        ("https://example.com/a?x=1&y=2", "https://example.com/a?y=2&x=1"),
        ("https://example.com/a?x=1", "https://example.com/a?x=2"),
        ("https://example.com/a?x=a+b", "https://example.com/a?x=a%2Bb"),
        ("https://example.com/a", "https://example.com:8443/a"),
        ("https://faß.de/", "https://fass.de/"),
    ],
)
def test_r1_other_page(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)
    assert identity(one) != identity(other)


def test_r1_links_are_compared_without_fragment() -> None:
    assert canonical("https://example.com/a#b") == canonical("https://example.com/a")


def test_r1_i2_identity_keeps_the_fragment_of_a_story() -> None:
    page = "https://example.com/changelog"
    assert identity(f"{page}#v1") == f"{page}#v1"
    assert identity(f"{page}#v1") != identity(f"{page}#v2")
    assert identity(f"{page}#%7ev") == identity(f"{page}#~v")
    assert identity(f"{page}#utm_parameters") != identity(page)
    assert identity(f"{page}#v1:~:text=new") == identity(f"{page}#v1&utm_source=x") == f"{page}#v1"


@pytest.mark.parametrize(
    "fragment", ["#", "#:~:text=some%20words", "#utm_source=x&utm_medium=y", "#xtor=RSS-1"]
)
def test_r1_i2_identity_drops_other_fragments(fragment: str) -> None:
    assert identity(f"{PLAIN}{fragment}") == PLAIN


def test_r2_host_stands_in_for_a_missing_title() -> None:
    assert host("https://user@WWW.Example.COM:8443/a?b#c") == "www.example.com"
    assert host("https://Bücher.example/") == "xn--bcher-kva.example"
    assert host("https://[2001:DB8::1]:80/") == "2001:db8::1"


# --- links in bodies


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\r\nscript:alert(1)",
        "\x01 javascript:alert(1)",
        "java\x00script:alert(1)",
        "java script:alert(1)",
        "\u200bjavascript:alert(1)",
        "java\u200bscript:alert(1)",
        "ｊavascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "tel:+123",
        "mailto:",
        "mailto:\x00a@example.com",
        "mailto:" + "é" * 2000,
    ],
)
def test_c1_other_schemes_are_no_links_however_disguised(url: str) -> None:
    assert href(url, BASE) == ""


def test_c1_mail_addresses_are_links() -> None:
    assert href("mailto:a@example.com?subject=x", BASE) == "mailto:a@example.com?subject=x"
    assert href(" MailTo: ä b@example.com\n", "") == "mailto:%C3%A4%20b@example.com"


def test_c1_the_authors_parameters_stay_in_body_links() -> None:
    assert href("/a?utm_source=x", BASE) == "https://example.org/a?utm_source=x"


# --- properties

_PIECES = (
    *("http", "https", "HTTPS", ":", "//", "/", "example.com", "EXAMPLE.org", "a", "b=1", "?", "&"),
    *("#", "=", "@", "[", "]", "::1", ":80", ":443", ":8443", "..", ".", "%", "%7E", "%2e", "%0"),
    *("%c3%a9", "%253A", "é", "例え", "。", "ß", " ", "\t", "\n", "\\", "<", '"', "\0", "\u200b"),
    *("utm_source=x", "&utm_medium", "fbclid=1", "%5F", "amp;", ":~:text=x", ":%7e:", "\ud800"),
    *("javascript:", "mailto:", "a@b", "1.2.3.4", "xn--a"),
)
_URLISH = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join)
_TAILS = st.tuples(st.sampled_from(["http://", "https://"]), st.just("example.com/"), _URLISH)
ANY_TEXT = st.one_of(_TAILS.map("".join), _URLISH, st.text(), st.text(st.characters()))


@settings(max_examples=400)
@given(ANY_TEXT)
@example("https://e@][")
@example("http://h:443")
@example("https://example.com/#utm_a:%7E:b=c")
@example("https://example.com/" + "a" * 8172)
@example("http://example.com/" + "a" * 8173)
@example("http://example.com/" + "%61" * 2724)
@example("http://example.com/" + "é" * 1362)
def test_r1_forms_agree_are_ascii_and_final(url: str) -> None:
    published = publishable(url)
    for form in (publishable, canonical, identity):
        once = form(url)
        assert once.isascii()
        assert len(once) <= 8192
        assert form(once) == once
        assert form(published) == once
        assert bool(once) <= bool(published)
        assert not once or URI.fullmatch(once)
    assert host(published) == host(url)
    assert publishable(publishable(url, strip_tracking=False)) == published


@settings(max_examples=300)
@given(ANY_TEXT, st.one_of(st.just(BASE), ANY_TEXT))
def test_c2_whatever_is_published_is_an_absolute_address(url: str, base: str) -> None:
    for result in (publishable(url, base), href(url, base)):
        if result and not result.startswith("mailto:"):
            parts = urlsplit(result)
            assert parts.scheme in {"http", "https"}
            assert parts.hostname
            assert not parts.username
            assert URI.fullmatch(result)
    assert href(href(url, base), "") == href(url, base)


@settings(max_examples=200)
@given(ANY_TEXT)
def test_r1_no_tracking_parameter_survives(url: str) -> None:
    prefixes = tuple(name[:-1] for name in urls.TRACKING if name.endswith("*"))
    for result in (publishable(url, BASE), canonical(url), identity(url)):
        for name, _ in parse_qsl(urlsplit(result).query, keep_blank_values=True):
            assert name.lower() not in urls.TRACKING
            assert not name.lower().startswith(prefixes)


@settings(max_examples=200)
@given(st.from_regex(URI, fullmatch=True))
def test_r1_bytes_of_a_valid_uri_stay(url: str) -> None:
    kept = publishable(url, strip_tracking=False)
    assert kept in {"", url}
    assert canonical(url) == canonical(kept)


# --- cost


@pytest.mark.parametrize(
    "url",
    [
        "x" * 1_000_000,
        "https://" + "@" * 8000,
        "https://" + "a." * 4000,
        "https://" + "ü" * 8000,
        "https://" + "[" * 8000,
        "https://example.com/" + "../" * 2700,
        "https://example.com/" + "%" * 2700,
        "https://example.com/?" + "&" * 8000,
        " " * 8000 + "x",
    ],
)
def test_hostile_addresses_cost_little(url: str) -> None:
    start = time.process_time()
    for form in (publishable, canonical, identity, host):
        form(url)
    href(url, BASE)
    assert time.process_time() - start < 5, "what is not linear takes minutes"


def test_ordinary_addresses_need_no_idna() -> None:
    """yarl takes 20 ms to import; sites without IDNs do not pay them."""
    code = f"""
import sys
from feedpub.core import urls
assert urls.publishable({NESTED!r}) and urls.canonical("http://EXAMPLE.com/%7e#x")
assert "yarl" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
