"""Pages as people meet them, in a real Chromium: B2, B3."""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browser import Browser
from feed_samples import HEAD, PLAIN, RICH, SITE, window

from feedpub.core.channel import FeedFacts, Listed
from feedpub.formats.assets import script, stylesheet
from feedpub.formats.pages import Pages

FACTS = FeedFacts(9, 1_700_000_000, (0, 8, 1), ("The Provider",))
SHOWN = "[...document.querySelectorAll('.feeds li')].filter(f => !f.hidden).length"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a catalogue below a path, as a static host does that knows nothing of the config."""
    out = tmp_path_factory.mktemp("host")
    (home := out / "below").mkdir()
    feeds = (
        Listed(HEAD, (), FACTS),
        Listed(HEAD_OF_JAPANESE, (), FeedFacts()),
    )
    # Pictures come from hosts that do not exist here.
    entries = window(RICH, PLAIN, page=SITE.url)
    (home / "index.html").write_bytes(Pages()(entries, SITE, feeds, FACTS))
    (home / "feedpub.css").write_bytes(stylesheet(SITE, feeds))
    (home / "feedpub.js").write_bytes(script(SITE, feeds))
    handler = functools.partial(_Quiet, directory=str(out))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/below/"
    server.shutdown()
    server.server_close()
    thread.join()


HEAD_OF_JAPANESE = window(title="人工知能", description="図書館").head


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None and os.environ.get("PROGRAMS_INSTALLED"):
        pytest.fail("chromium was not installed by .ci/run")
    if program is None:
        pytest.skip("chromium is not installed")
    with Browser(program, tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_b3_it_fits_and_breaks_no_rule_of_its_own(
    browser: Browser, url: str, width: int, dark: bool
) -> None:
    browser.show(width, dark=dark)
    browser.open(url)
    assert browser.run("document.documentElement.scrollWidth") <= width
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(22, 24, 28)" if dark else "rgb(253, 252, 250)")
    assert browser.complaints() == []


def test_b3_the_policy_holds_in_the_browser(browser: Browser, url: str) -> None:
    browser.show(1280)
    browser.open(url)
    browser.run("document.body.setAttribute('style', 'color: red'), 0")
    assert any("style" in text for text in browser.complaints())


def test_the_filter_shows_what_has_all_words(browser: Browser, url: str) -> None:
    browser.show(1280)
    browser.open(url)
    assert browser.run(SHOWN) == 2
    browser.run("document.querySelector('#filter').focus()")
    browser.ask("Input.insertText", text="人工")
    assert browser.run(SHOWN) == 1
    assert browser.run("document.querySelector('.filter [role=status]').textContent") == (
        "1 of 2 feeds"
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
    assert browser.run(SHOWN) == 2
    seen = "[...document.querySelectorAll('button, input')].some(e => e.checkVisibility())"
    assert browser.run(seen) is False
    assert browser.run("document.querySelectorAll('article').length") == 2
