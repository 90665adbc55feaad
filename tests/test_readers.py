"""Real readers subscribe to the running service: what they show as new, and what they fetch again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from feed_readers import Lemon24, Newsboat, Subscriber
from running_service import Service, serving
from small_site import COUNT, DRAFT, Site, name, url

pytestmark = pytest.mark.timeout(110)


def answered(service: Service, status: int) -> int:
    """Return how many requests were answered with a status."""
    start = f'feedpub_http_requests_total{{method="GET",status="{status}"}} '
    lines = service.get("/metrics").text.splitlines()
    return sum(int(float(line.removeprefix(start))) for line in lines if line.startswith(start))


def touch(site: Site) -> None:
    for file in site.content.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))


def rename(site: Site) -> None:
    (site.content / name(1)).rename(site.content / "another-name.md")


def change_heat(site: Site) -> None:
    site.edit(5, heat=99)


def add_tracking(site: Site) -> None:
    site.edit(4, webUrl=f"{url(4)}?utm_source=feed&fbclid=1")


CHANGES_NOTHING: list[Callable[[Site], None]] = [touch, rename, change_heat, add_tracking]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site").fill()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Newsboat, "rss.xml"),
        (Newsboat, "atom.xml"),
        (Lemon24, "rss.xml"),
        (Lemon24, "atom.xml"),
        (Lemon24, "feed.json"),  # newsboat reads no JSON Feed
    ],
)
def test_a_reader_sees_what_is_new_once_and_nothing_else(
    kind: Callable[[str, Path], Subscriber], path: str, site: Site, tmp_path: Path
) -> None:
    with serving(site) as service:
        someone = kind(f"http://127.0.0.1:{service.port}/{path}", tmp_path / "reader")
        someone.poll()
        first = {f"Item {n}": url(n) for n in range(COUNT) if name(n) != DRAFT}
        assert someone.items() == first
        assert someone.unread() == set(first)
        someone.read_all()

        someone.poll()  # newsboat keeps no validators of a feed that it did not know before
        known = answered(service, 304)
        someone.poll()
        assert answered(service, 304) == known + 1, "it polls for next to nothing"

        for change in CHANGES_NOTHING:
            change(site)
            assert site.run("refresh").code == 0
            someone.poll()
            assert someone.items() == first, change.__name__
            assert someone.unread() == set(), change.__name__

        site.write(
            "news.md",
            title="Brand new",
            excerpt="Hot off the press",
            webUrl="https://www.example.org/new",
            publishedDateTime="2026-02-01T08:00:00Z",
        )
        service.wait_until(f"/{path}", 200, "Brand new")
        someone.poll()
        assert someone.items() == {**first, "Brand new": "https://www.example.org/new"}
        assert someone.unread() == {"Brand new"}
        someone.read_all()

        site.edit(7, title="Item seven", excerpt="Corrected")
        service.wait_until(f"/{path}", 200, "Item seven")
        someone.poll()
        assert someone.items().keys() == {*first, "Brand new", "Item seven"} - {"Item 7"}
        assert someone.unread() == {"Item seven"}, "a corrected one is marked as updated"

        site.edit(8, removed=True)
        assert site.run("refresh").code == 0
        assert "Item 8" not in service.get(f"/{path}").text
        known = answered(service, 304)
        someone.poll()
        assert answered(service, 304) == known, "it fetched a feed without the item"
        assert someone.unread() == {"Item seven"}, "nothing is new when something is gone"
