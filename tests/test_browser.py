"""Pages as people meet them, in a real Chromium: B2, B3."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from browser import Browser
from feed_samples import HEAD
from page_samples import PAGES, served

SHOWN = "[...document.querySelectorAll('.feeds li')].filter(f => !f.hidden).length"
WAYS = [(1280, False), (1280, True), (360, False), (360, True)]
"""How pages are looked at: how wide, and whether in the dark."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("host")) as url:
        yield url


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None and os.environ.get("PROGRAMS_INSTALLED"):
        pytest.fail("chromium was not installed by .ci/run")
    if program is None:
        pytest.skip("chromium is not installed")
    with Browser(program, tmp_path_factory.mktemp("profile")) as found:
        yield found


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


@pytest.mark.parametrize("page", PAGES)
def test_b3_axe_finds_no_barrier(browser: Browser, url: str, page: str) -> None:
    for width, dark in WAYS:
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


def test_b3_every_control_is_reached_by_keyboard_and_seen(browser: Browser, url: str) -> None:
    browser.show(1280)
    browser.open(url)
    wanted = browser.run("document.querySelectorAll('a, button, input').length")
    browser.run("window.met = new Set(), 0")
    for _ in range(wanted):
        browser.press("Tab")
        assert browser.run("getComputedStyle(document.activeElement).outlineWidth") == "3px"
        browser.run("met.add(document.activeElement), 0")
    assert browser.run("met.size") == wanted


def test_b3_the_page_is_complete_without_scripts(browser: Browser, url: str) -> None:
    browser.show(1280, script=False)
    browser.open(url)
    browser.ask("Emulation.setScriptExecutionDisabled", value=False)
    assert browser.run(SHOWN) == 3
    seen = "[...document.querySelectorAll('button, input')].some(e => e.checkVisibility())"
    assert browser.run(seen) is False
    assert browser.run("document.querySelectorAll('article').length") == 22
