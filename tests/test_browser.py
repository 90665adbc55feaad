"""Pages as people meet them, in a real Chromium: B2, B3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import Browser
from feed_samples import HEAD, RICH
from page_samples import ARABIC, CATALOGUE, JAPANESE, PAGES, TOPIC, served
from small_site import TOPICS, Site, url as address

pytestmark = pytest.mark.usefixtures("unmeasured")

SHOWN = "[...document.querySelectorAll('.feeds li')].filter(f => !f.hidden).length"
WAYS = [(1280, False), (1280, True), (360, False), (360, True)]
"""How pages are looked at: how wide, and whether in the dark."""
SOME_WAYS = [(1280, False), (360, True)]
"""Each width and each scheme once, as axe takes long, and colours do not depend on the width."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("host")) as url:
        yield url


@pytest.mark.parametrize("page", PAGES)
def test_b3_a_page_fits_and_breaks_no_rule_of_its_own(
    browser: Browser, url: str, page: str
) -> None:
    for width, dark in [*WAYS, (320, False)]:
        browser.show(width, dark=dark)
        browser.open(url + page)
        assert browser.run("document.documentElement.scrollWidth") <= width
        paper = browser.run("getComputedStyle(document.body).backgroundColor")
        assert paper == ("rgb(22, 24, 28)" if dark else "rgb(253, 252, 250)")
        assert browser.complaints() == []


def test_b3_the_months_of_the_archive_open_by_keyboard_and_hold_no_barrier(
    browser: Browser, url: str
) -> None:
    for width, dark in SOME_WAYS:
        browser.show(width, dark=dark)
        browser.open(url)
        shown = "document.querySelector('.archive li a').checkVisibility()"
        assert browser.run(shown) is False
        browser.run("document.querySelector('summary').focus()")
        browser.press("Enter", "\r")
        assert browser.run(shown) is True
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.barriers() == []


@pytest.mark.parametrize("page", PAGES)
def test_b3_axe_finds_no_barrier(browser: Browser, url: str, page: str) -> None:
    for width, dark in SOME_WAYS:
        browser.show(width, dark=dark)
        browser.open(url + page)
        assert browser.barriers() == []
        assert browser.complaints() == [], "axe was let in by the page's policy as it is"


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        ("document.querySelector('.lead').style.color = '#888'", "color-contrast"),
        ("document.querySelector('label').remove()", "label"),
        ("document.querySelector('main').replaceWith(...document.querySelector('main').children)",
         "landmark-one-main"),
        ("document.querySelectorAll('button').forEach((button, at) => {button.textContent = '';"
         " Object.assign(button.style, {position: 'fixed', top: 0, left: `${9 * at}px`,"
         " width: '8px', height: '8px', minHeight: 0, padding: 0})})",
         "target-size"),
    ],
)  # fmt: skip
def test_b3_axe_would_find_one(browser: Browser, url: str, harm: str, rule: str) -> None:
    browser.show(1280)
    browser.open(url)
    browser.run(f"{harm}, 0")
    assert rule in {barrier.partition(":")[0] for barrier in browser.barriers()}


def test_b3_the_policy_holds_in_the_browser(browser: Browser, url: str) -> None:
    browser.show(1280)
    browser.open(url)
    browser.run("document.body.setAttribute('style', 'color: red'), 0")
    assert any("style" in text for text in browser.complaints())


def test_the_filter_shows_what_has_all_words(browser: Browser, url: str) -> None:
    browser.show(1280)
    browser.open(url)
    assert browser.run(SHOWN) == 3
    browser.run("document.querySelector('#filter').focus()")
    browser.ask("Input.insertText", text="港の")
    assert browser.run(SHOWN) == 1
    assert browser.run("document.querySelector('.filter [role=status]').textContent") == (
        "1 of 3 feeds"
    )


def test_a_button_copies_its_address(browser: Browser, url: str) -> None:
    browser.show(1280)
    browser.open(url)
    browser.run("navigator.clipboard.writeText = async t => { window.copied = t; }, 0")
    browser.run("document.querySelector('button').focus()")
    browser.press("Enter", "\r")
    assert browser.run("window.copied") == HEAD.addresses["rss"]
    assert browser.run("document.querySelector('button').textContent") == "Copied"


def test_b3_every_control_is_reached_by_keyboard_in_order_and_seen(
    browser: Browser, url: str
) -> None:
    browser.show(1280)
    browser.open(url)
    browser.run("document.querySelector('details').open = true")
    browser.run(
        "window.all = [...document.querySelectorAll('a, audio, button, input, summary')], 0"
    )
    for at in range(browser.run("all.length")):
        browser.press("Tab")
        while at and browser.run(f"all[{at - 1}] === document.activeElement"):
            browser.press("Tab")  # from one control of a player to the next
        assert browser.run("all.indexOf(document.activeElement)") == at
        assert browser.run("getComputedStyle(document.activeElement).outlineWidth") == "3px"
        box = browser.run("(({width, height}) => [width, height])"
                          "(document.activeElement.getBoundingClientRect())")  # fmt: skip
        assert min(box) > 9, "what is hidden until it has the focus is seen now"


def test_b3_the_first_link_skips_to_the_items(browser: Browser, url: str) -> None:
    browser.show(360)
    browser.open(url)
    assert browser.run("document.querySelector('.skip').getBoundingClientRect().width") <= 1
    browser.press("Tab")
    browser.press("Enter", "\r")
    browser.press("Tab")
    assert browser.run("document.activeElement === document.querySelector('article a')")


@pytest.mark.parametrize("page", [CATALOGUE, TOPIC])
def test_all_feeds_are_one_step_from_the_top(browser: Browser, url: str, page: str) -> None:
    browser.show(360)
    browser.open(url + page)
    link = "[...document.querySelectorAll('a')].find(a => a.textContent === 'All feeds')"
    assert browser.run(f"{link}.getBoundingClientRect().bottom") < 100
    browser.seen.clear()
    browser.run(f"{link}.click(), 0")
    if page:
        browser.loaded()
    assert browser.run("location.href") == f"{url}{'index.html' if page else ''}#feeds"
    seen = "document.querySelector('#feeds').getBoundingClientRect().top"
    assert 0 <= browser.run(seen) < 400


ALIGNED = """
[...document.querySelectorAll('h1, h2, .lead, .subscribe p, .subscribe li > a')].map(e => {
    const text = document.createRange();
    text.selectNodeContents(e);
    return Math.abs(text.getBoundingClientRect().right - e.getBoundingClientRect().right);
})"""


def test_a_page_from_the_right_is_aligned_there(browser: Browser, url: str) -> None:
    browser.show(1280)
    browser.open(url + ARABIC)
    assert max(browser.run(ALIGNED)) < 2
    left = "e => e.getBoundingClientRect().left"
    items, feeds = browser.run(f"['.items', '.subscribe'].map(s => ({left})"
                               "(document.querySelector(s)))")  # fmt: skip
    assert feeds < items
    directions = "[...document.querySelectorAll('article')].map(e => getComputedStyle(e).direction)"
    assert browser.run(directions) == ["rtl", "rtl", "ltr"]
    assert browser.run("getComputedStyle(document.querySelector('time')).direction") == "ltr"


def test_b3_the_months_of_an_archive_from_the_right_stand_there(browser: Browser, url: str) -> None:
    browser.show(1280)
    browser.open(url + ARABIC)
    browser.run("document.querySelector('details').open = true")
    gap = "(e => e.getBoundingClientRect().right)"
    month, whole = (
        browser.run(f"{gap}(document.querySelector('.archive {e}'))") for e in ("li time", "li")
    )
    assert month == whole


def test_lines_of_japanese_are_further_apart(browser: Browser, url: str) -> None:
    browser.show(1280)
    leading = "parseFloat(getComputedStyle(document.querySelector('article p:not(.meta)'))"
    leading += ".lineHeight) / 17"
    found = []
    for page in (TOPIC, JAPANESE):
        browser.open(url + page)
        found.append(browser.run(leading))
    assert found == [pytest.approx(1.6), pytest.approx(1.75)]


def test_print_has_the_addresses_and_nothing_to_press(browser: Browser, url: str) -> None:
    browser.show(1280, dark=True)
    browser.open(url)
    browser.ask("Emulation.setEmulatedMedia", media="print")
    seen = "[...document.querySelectorAll('%s')].filter(e => e.checkVisibility()).length"
    assert browser.run(seen % "button, input, label, .skip") == 0
    assert browser.run(seen % ".subscribe li > a") == len(HEAD.addresses)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    after = "getComputedStyle(document.querySelector('article h3 a'), '::after').content"
    assert RICH.link in browser.run(after)
    assert browser.run("getComputedStyle(document.querySelector('h2')).breakAfter") == "avoid"
    browser.ask("Emulation.setEmulatedMedia", media="")


def test_b3_the_page_is_complete_without_scripts(browser: Browser, url: str) -> None:
    browser.show(1280, script=False)
    browser.open(url)
    browser.ask("Emulation.setScriptExecutionDisabled", value=False)
    assert browser.run(SHOWN) == 3
    seen = "[...document.querySelectorAll('button, input')].some(e => e.checkVisibility())"
    assert browser.run(seen) is False
    assert browser.run("document.querySelectorAll('article').length") == 22


LED_TO = """
[...document.querySelectorAll('a, link, script')]
    .filter(e => !e.closest('article')).map(e => e.href || e.src)"""


def test_b2_a_page_that_is_opened_from_disk_has_its_style_and_leads_to_files(
    browser: Browser, tmp_path: Path
) -> None:
    site, out = Site(tmp_path / "site"), tmp_path / "some where else"
    site.configure(feeds={"window": {"items": 10, "days": 0}, "archive": "all"})
    for number in range(24):
        site.write(
            f"{number}.md",
            title=f"{number}",
            webUrl=address(number),
            publishedDateTime=f"2025-01-01T00:{number:02}:00Z",
            topics=[TOPICS[number % 2]],
        )
    site.build()
    site.out.rename(out)
    browser.show(1280)
    pages, led = [(out / "index.html").as_uri()], set[str]()
    for page in pages:
        browser.open(page)
        assert browser.complaints() == []
        assert (
            browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(253, 252, 250)"
        )
        assert not browser.run("document.querySelector('button').hidden"), "the script has run"
        links = [link.partition("#")[0] for link in browser.run(LED_TO)]
        ours = {link for link in links if link.startswith("file:")}
        led |= {unquote(urlsplit(link).path).removeprefix(f"{out}/") for link in ours}
        pages += sorted(link for link in ours if link.endswith(".html") and link not in pages)
        others = {*links} - ours
        assert "https://www.example.org/" in others
        assert len(others) == 5, "home, where it is published, and what readers subscribe to"
    assert len(pages) == 3
    assert [path for path in led if not (out / path).is_file()] == []
    assert {"atom.xml", "topics/ai/rss.xml", "archive/1/rss.xml", "feeds.opml"} <= led
