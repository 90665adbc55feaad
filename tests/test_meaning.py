"""What the config means for publishing."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedpub import config
from feedpub.config.meaning import settings as settings_of
from feedpub.publish import Settings

SITE = "site: {url: 'https://feeds.example.org/x/', title: T}\n"


def settings(folder: Path, text: str) -> Settings:
    """Return the settings of a site with this config."""
    (folder / "content").mkdir(exist_ok=True)
    path = folder / "feedpub.yaml"
    path.write_text(text, encoding="utf-8")
    return settings_of(config.load(path))


def test_dates_are_read_in_the_zone_of_the_content_and_shown_in_that_of_the_site(
    tmp_path: Path,
) -> None:
    """D1: a zone of the content is also that of the days in addresses that a template makes."""
    bare = settings(tmp_path, SITE)
    assert (bare.rules.timezone, bare.rules.calendar, bare.site.timezone) == (UTC, None, UTC)
    text = SITE.replace("title: T", "title: T, timezone: Asia/Tokyo")
    both = settings(tmp_path, text + "content: {timezone: America/Lima}")
    lima = ZoneInfo("America/Lima")
    near = settings(tmp_path, SITE + "content: {timezone: America/Lima}")
    assert (near.site.timezone, near.style.timezone) == (lima, lima)
    assert (both.rules.timezone, both.rules.calendar) == (lima, lima)
    assert both.site.timezone == both.style.timezone == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("home", "leads_to"),
    [
        ("", ""),
        (", home: 'https://feeds.example.org/x'", ""),
        (", home: 'https://www.example.org/'", "https://www.example.org/"),
    ],
)
def test_a_site_that_is_its_own_home_leads_people_to_its_pages(
    tmp_path: Path, home: str, leads_to: str
) -> None:
    """F2: links of items are relative to a home all the same."""
    found = settings(tmp_path, SITE.replace("title: T", f"title: T{home}"))
    assert found.site.home == leads_to
    assert found.rules.home == (leads_to or "https://feeds.example.org/x/")


def test_names_of_topics_are_keys(tmp_path: Path) -> None:
    """T1, T6."""
    text = (
        "topics: {only: [Ａ I], except: [' x ', C++], retired: [Old], define: {Sea Ice: {parent: ICE},"
        " Ice: {aliases: [Glaciers], include_children: true}}}"
    )
    policy = settings(tmp_path, SITE + text).policy
    assert (policy.only, policy.except_, policy.retired) == ({"a i"}, {"x", "c++"}, {"old"})
    assert policy.aliases == {"glaciers": "ice"}
    assert policy.parents == {"sea ice": "ice"}
    assert policy.including == {"ice"}
    assert {key: d.label for key, d in policy.defined.items()} == {
        "sea ice": "Sea Ice",
        "ice": "Ice",
    }


def test_t6_a_list_of_topics_takes_old_names_and_what_is_retired_can_say_so(tmp_path: Path) -> None:
    text = (
        "topics: {only: [KI, Go], except: [ML, Old], retired: [Old],"
        " define: {AI: {aliases: [KI]}, Models: {aliases: [ml]}}}"
    )
    policy = settings(tmp_path, SITE + text).policy
    assert (policy.only, policy.except_, policy.retired) == ({"ai", "go"}, {"models"}, {"old"})
    assert policy.admits("topic", "old")


def test_n2_who_meets_the_mark_to_enter_never_leaves_by_a_higher_one(tmp_path: Path) -> None:
    text = "feeds: {named: {x: {at_least: {heat: 40, quality: 10}, leave: {heat: 50}}}}"
    rule = settings(tmp_path, SITE + text).policy.named["x"].rule
    assert rule.leave == (("heat", 40), ("quality", 8))
