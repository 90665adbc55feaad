"""A site switches to feedpub: readers of its old feeds see nothing old as new, and lose nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from feed_readers import FreshRSS, Host, Lemon24, Newsboat, Subscriber
from old_feeds import HOME, WRITERS, Old
from small_site import DAY, EPOCH, Site

from feedpub.core.dates import rfc3339
from feedpub.formats.reading import read_feed

pytestmark = [pytest.mark.timeout(110), pytest.mark.usefixtures("unmeasured")]

ITEMS = 120
FILES = {"rss": "feed.xml", "atom": "blog.atom", "json": "feed.json"}
LATER = EPOCH + DAY


def old_of(number: int, form: str) -> Old:
    """Return an entry as the old feed of a format has it: each has ids of another kind."""
    link = f"{HOME}posts/{number:03}.html"
    ids = {
        "rss": link,
        "atom": link.removesuffix(".html").replace("https:", "http:"),
        "json": f"tag:example.org,2020:Päpste/{number}",
    }
    own = f"urn:made-by-hand:{number}" if number % 5 == 3 and form != "json" else ids[form]
    return Old(own, link, f"Post {number}", EPOCH - (number + 1) * DAY, f"<p>It says {number}</p>")


def write(site: Site, number: int, **fields: str) -> None:
    old = old_of(number, "rss")
    told = {"title": old.title, "publishedDateTime": old.instant.isoformat(), **fields}
    site.write(f"{number:03}.md", f"It says {number}", **told)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site")
    site.configure(
        site={"url": HOME},
        content={"link_template": "/posts/{slug}.html"},
        feeds={"paths": FILES, "by": []},
    )
    for number in range(ITEMS):
        write(site, number)
    return site


@pytest.fixture(params=[4, 50, *(pytest.param(n, marks=pytest.mark.slow) for n in (10, 20))])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A built site whose feeds hold so many of its items, the newest."""
    folder = tmp_path / "_site"
    folder.mkdir()
    for form, file in FILES.items():
        data = WRITERS[form]([old_of(n, form) for n in range(request.param)])
        (folder / file).write_bytes(data)
    return folder


def switch(site: Site, old: Path) -> None:
    """Take over the old feeds and publish, as somebody does it."""
    done = site.run("adopt", *(old / file for file in FILES.values()))
    assert done.code == 0, (done.stdout, done.stderr)
    site.build()


@pytest.mark.parametrize(
    ("kind", "forms"),
    [
        (Newsboat, ("rss", "atom")),  # newsboat reads no JSON Feed
        (Lemon24, tuple(FILES)),
        (FreshRSS, tuple(FILES)),
    ],
)
def test_a_switch_shows_nothing_old_as_new_and_then_one_new_post_once(
    kind: Callable[..., Subscriber], forms: Sequence[str], site: Site, old: Path, tmp_path: Path
) -> None:
    with closing(Host(old)) as host:
        readers = {
            form: kind(host.url + FILES[form], tmp_path / form, changed=False) for form in forms
        }
        first: dict[str, dict[str, str]] = {}
        for form, someone in readers.items():
            someone.poll()
            first[form] = someone.items()
            assert len(first[form]) == len(someone.unread()) > 0
            someone.read_all()

        switch(site, old)
        host.folder = site.out
        for form, someone in readers.items():
            someone.poll()
            assert (someone.unread(), someone.items()) == (set(), first[form]), form

        write(site, ITEMS, title="Brand new", publishedDateTime=rfc3339(LATER - 60))
        site.build(epoch=LATER)
        news = {"Brand new": f"{HOME}posts/{ITEMS}.html"}
        for form, someone in readers.items():
            someone.poll()
            assert (someone.unread(), someone.items()) == ({*news}, first[form] | news), form
            someone.read_all()

        write(site, 1, draft="true")
        write(site, 2, title="Another title")
        site.build(epoch=LATER + DAY)
        for form, someone in readers.items():
            known = len(someone.items())
            someone.poll()
            assert (someone.unread(), len(someone.items())) == (set(), known), form


def test_a_generator_that_builds_into_the_same_folder_each_time_does_not_show(
    site: Site, tmp_path: Path
) -> None:
    def generate(*numbers: int) -> None:
        """Build the site as its generator does: all is removed, and its own feeds are there again."""
        shutil.rmtree(site.out, ignore_errors=True)
        site.out.mkdir()
        for form, file in FILES.items():
            (site.out / file).write_bytes(WRITERS[form]([old_of(n, form) for n in numbers]))

    site.configure(output={"replace": True}, feeds={"folders": {"everything": "feeds"}})
    site.configure(feeds={"addresses": {"everything": FILES}, "paths": {}})
    generate(*range(10))
    with closing(Host(site.out)) as host:
        readers = [
            Lemon24(host.url + file, tmp_path / form, changed=False) for form, file in FILES.items()
        ]
        for someone in readers:
            someone.poll()
            assert len(someone.unread()) == 10
            someone.read_all()
        switch(site, site.out)
        write(site, ITEMS, title="Brand new", publishedDateTime=rfc3339(LATER - 60))
        for epoch, news in ((EPOCH, set()), (LATER, {"Brand new"}), (LATER + DAY, set())):
            generate(ITEMS, *range(9))
            site.build(epoch=epoch)
            for someone in readers:
                someone.poll()
                assert someone.unread() == news
                someone.read_all()


def test_a_comparison_foretells_what_readers_see(site: Site, old: Path) -> None:
    def seen() -> dict[str, int]:
        rows = site.run("compare", old, "--report", "json").report["seen"]
        return {row["kind"]: row["count"] for row in rows if "older than all" not in row["kind"]}

    most = 50  # of the window
    before = seen()
    size = before["in both"]
    unread = {f"unread in {file}": most for file in FILES.values()}
    ids = {f"{form} id: another": size for form in FILES}
    assert before == {"in both": size, **ids, **unread}
    switch(site, old)
    assert seen() == {"in both": size}


def test_a_withdrawn_item_is_named_by_the_id_that_its_readers_have(site: Site, old: Path) -> None:
    switch(site, old)
    for number in (1, 3):
        write(site, number, draft="true")
    site.build(epoch=LATER)
    gone = set(
        re.findall(
            r'<at:deleted-entry ref="([^"]*)"', (site.out / FILES["atom"]).read_text("utf-8")
        )
    )
    assert gone == {old_of(n, "atom").id for n in (1, 3)}
    told = json.loads((site.out / FILES["json"]).read_bytes())["_feedpub"]["withdrawn"]
    assert {each["id"] for each in told} == {old_of(n, "json").id for n in (1, 3)}


def test_feeds_that_held_different_numbers_of_items_show_nothing_old_as_new(
    site: Site, tmp_path: Path
) -> None:
    sizes = {"rss": 4, "atom": 10, "json": 20}
    old = tmp_path / "_site"
    old.mkdir()
    for form, file in FILES.items():
        data = WRITERS[form]([old_of(n, form) for n in range(sizes[form])])
        (old / file).write_bytes(data)
    switch(site, old)
    for form, file in FILES.items():
        ids = {entry.id for entry in read_feed((site.out / file).read_bytes()).entries}
        assert ids <= {old_of(n, form).id for n in range(sizes[form])}, form


def test_an_old_feed_of_a_topic_adds_nothing_to_that_of_everything(
    site: Site, tmp_path: Path
) -> None:
    old = tmp_path / "_site"
    (old / "tags").mkdir(parents=True)
    (old / FILES["rss"]).write_bytes(WRITERS["rss"]([old_of(n, "rss") for n in range(10)]))
    (old / "tags/go.xml").write_bytes(WRITERS["rss"]([old_of(n, "rss") for n in range(0, 100, 10)]))
    done = site.run("adopt", old, "--dry-run")
    assert "1 old feed (../_site/tags/go.xml) at no address of ours" in done.stdout
    assert "feed.xml: no feed" not in done.stdout
    done = site.run("adopt", old / FILES["rss"], old / "tags/go.xml", "--report", "json")
    assert done.report["apart"] == [str(old / "tags/go.xml")]
    site.build()
    ids = [entry.id for entry in read_feed((site.out / FILES["rss"]).read_bytes()).entries]
    assert ids == [old_of(n, "rss").id for n in range(10)]
