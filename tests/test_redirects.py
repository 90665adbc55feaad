"""Rules for static hosts: old addresses of topics lead to new ones without the service (T6)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from feedpub.core.endings import LAST_SECONDS, departed
from feedpub.core.feeds import Feed, Policy
from feedpub.core.model import Site
from feedpub.formats.redirects import (
    SIGN,
    Departure,
    render_cloudflare,
    render_netlify,
    render_nginx,
)

Render = Callable[[Site, Iterable[Departure]], bytes]

SITE = Site("https://feeds.example.org/sub/", "T")
RULES = [
    Departure("topics/人/", "topics/ai/"),
    Departure("topics/ml/rss.xml", "topics/machine-learning/rss.xml"),
    Departure("topics/old/rss.xml", None),
]


@pytest.mark.parametrize(
    ("render", "status"), [(render_cloudflare, "301"), (render_netlify, "301!")]
)
def test_hosts_with_redirects_are_told_what_moved(render: Render, status: str) -> None:
    new = "https://feeds.example.org/sub/topics"
    assert render(SITE, reversed(RULES)).decode().splitlines() == [
        SIGN.decode(),
        f"/sub/topics/ml/rss.xml {new}/machine-learning/rss.xml {status}",
        f"/sub/topics/%E4%BA%BA/ {new}/ai/ {status}",
    ]


def test_nginx_is_told_what_moved_and_what_is_gone() -> None:
    assert render_nginx(SITE, reversed(RULES)).decode().splitlines() == [
        SIGN.decode(),
        '"/sub/topics/ml/rss.xml" "https://feeds.example.org/sub/topics/machine-learning/rss.xml";',
        '"/sub/topics/old/rss.xml" "gone";',
        '"/sub/topics/人/" "https://feeds.example.org/sub/topics/ai/";',
    ]


def test_nginx_takes_the_map(tmp_path: Path) -> None:
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    nginx = shutil.which("nginx", path=path) or pytest.skip("nginx is not installed")
    rules = tmp_path / "redirects.map"
    rules.write_bytes(render_nginx(SITE, RULES))
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{ }}\n"
        f"http {{ map_hash_bucket_size 512;\n"
        f"map $uri $feedpub_moved {{ default ''; include {rules}; }}\n"
        "server { listen 127.0.0.1:1; if ($feedpub_moved = gone) { return 410; }\n"
        "if ($feedpub_moved) { return 301 $feedpub_moved; } } }\n",
        encoding="utf-8",
    )
    done = subprocess.run([nginx, "-t", "-c", config], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def a_feed(key: str, ended: int | None = None, heir: str = "", meta: str = "known") -> Feed:
    return Feed("topic", key, f"tag:{key}", key, key, 0, meta, ended=ended, heir=heir)


def test_what_departed_is_what_moved_at_once_and_what_was_retired_after_90_days() -> None:
    ai, ml, old = a_feed("ai"), a_feed("ml", 5, "ai"), a_feed("old", 5)
    feeds = {f.name: f for f in (old, ml, ai, a_feed("never", 5, "ai", meta=""))}
    policy = Policy(retired=frozenset({"old"}))
    assert departed(feeds, policy, 6) == [(ml, ai)]
    assert departed(feeds, policy, 5 + LAST_SECONDS) == [(ml, ai), (old, None)]
    there = replace(ml, slug="")
    assert departed({**feeds, ml.name: there}, policy, 6) == [], "it left its address to its heir"


def test_what_leads_to_a_topic_that_makes_no_feed_is_left_alone() -> None:
    feeds = {f.name: f for f in (a_feed("ai"), a_feed("ml", 5, "ai"))}
    assert departed(feeds, Policy(except_=frozenset({"ai"})), 9) == []
