"""Rules for static hosts: old addresses of topics lead to new ones without the service (T6)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from small_site import EPOCH, Site as Small
from test_deploy import DEPLOY, free_port, run_nginx

from feedpub.core.feed_lifecycle import LAST_SECONDS, departed
from feedpub.core.feeds import Feed
from feedpub.core.model import Site
from feedpub.core.policy import Policy
from feedpub.formats import REDIRECTS, REDIRECTS_SIGN as SIGN

SITE = Site("https://feeds.example.org/sub/", "T")
RULES = {
    "topics/人/": "topics/ai/",
    "topics/ml/rss.xml": "topics/machine-learning/rss.xml",
    "topics/old/rss.xml": None,
}


@pytest.mark.parametrize(("host", "status"), [("cloudflare", "301"), ("netlify", "301!")])
def test_hosts_with_redirects_are_told_what_moved(host: str, status: str) -> None:
    new = "https://feeds.example.org/sub/topics"
    assert REDIRECTS[host].render(SITE, RULES).decode().splitlines() == [
        SIGN.decode(),
        f"/sub/topics/ml/rss.xml {new}/machine-learning/rss.xml {status}",
        f"/sub/topics/%E4%BA%BA/ {new}/ai/ {status}",
    ]


def test_nginx_is_told_what_moved_and_what_is_gone() -> None:
    assert REDIRECTS["nginx"].render(SITE, RULES).decode().splitlines() == [
        SIGN.decode(),
        '"/sub/topics/ml/rss.xml" "https://feeds.example.org/sub/topics/machine-learning/rss.xml";',
        '"/sub/topics/old/rss.xml" "gone";',
        '"/sub/topics/人/" "https://feeds.example.org/sub/topics/ai/";',
    ]


def test_nginx_takes_the_map(tmp_path: Path) -> None:
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    nginx = shutil.which("nginx", path=path) or pytest.skip("nginx is not installed")
    rules = tmp_path / "redirects.map"
    rules.write_bytes(REDIRECTS["nginx"].render(SITE, RULES))
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
    there = ml._replace(slug="")
    assert departed({**feeds, ml.name: there}, policy, 6) == [], "it left its address to its heir"


def test_what_leads_to_a_topic_that_makes_no_feed_is_left_alone() -> None:
    feeds = {f.name: f for f in (a_feed("ai"), a_feed("ml", 5, "ai"))}
    assert departed(feeds, Policy(except_=frozenset({"ai"})), 9) == []


# through the command line, and by nginx


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A site whose topic ML became part of AI, and whose topic Old was retired."""
    small = Small(tmp_path / "site")
    small.configure(output={"redirects": ["nginx", "netlify"]})
    for number, topic in enumerate(("AI", "ML", "Old", "C++")):
        when = f"2025-03-0{number + 1}T00:00:00Z"
        url = f"https://www.example.org/{number}"
        small.write(f"{number}.md", title=topic, webUrl=url, publishedDateTime=when, topics=[topic])
    assert small.run("build").code == 0
    assert (small.out / "_redirects").read_bytes() == SIGN + b"\n"
    small.configure(topics={"define": {"AI": {"aliases": ["ML", "C++"]}}, "retired": ["Old"]})
    assert small.run("build", epoch=EPOCH + 60).code == 0
    return small


def test_a_build_writes_the_rules_of_today(small: Small) -> None:
    moved = (small.out / "_redirects").read_text(encoding="utf-8")
    base = "https://feeds.example.org/topics"
    assert f"/topics/ml/rss.xml {base}/ai/rss.xml 301!\n" in moved
    assert f"/topics/ml/ {base}/ai/ 301!\n" in moved
    assert "old" not in moved
    rules = small.out / "redirects.map"
    assert "gone" not in rules.read_text(encoding="utf-8"), "its last entry can still be read"
    late = EPOCH + 60 + LAST_SECONDS
    assert small.run("build", epoch=late).code == 0
    assert '"/topics/old/atom.xml" "gone";' in rules.read_text(encoding="utf-8")
    rules.unlink()
    assert small.run("build", epoch=late).code == 0
    assert rules.exists(), "what was removed is written again"
    small.configure(output={"redirects": []})
    assert small.run("build", epoch=late).code == 0
    assert not rules.exists()
    assert not (small.out / "_redirects").exists()


def test_a_file_of_somebody_else_stays(tmp_path: Path) -> None:
    small = Small(tmp_path / "site").fill()
    small.out.mkdir()
    (small.out / "_redirects").write_text("/mine /yours 302\n", encoding="utf-8")
    assert small.run("build").code == 0
    small.configure(output={"redirects": ["cloudflare"]})
    done = small.run("build")
    assert done.code == 1
    assert "_redirects: error: not written by feedpub" in done.stderr
    assert (small.out / "_redirects").read_text(encoding="utf-8") == "/mine /yours 302\n"


def test_two_hosts_of_one_file_are_a_mistake(tmp_path: Path) -> None:
    small = Small(tmp_path / "site")
    small.configure(output={"redirects": ["netlify", "cloudflare"]})
    done = small.run("build")
    assert done.code == 2
    assert "output.redirects" in done.stderr


def test_nginx_leads_on_and_says_what_is_gone(small: Small, tmp_path: Path) -> None:
    assert small.run("build", epoch=EPOCH + 60 + LAST_SECONDS).code == 0
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^( *)#(?=map|    default|    include|}|location|if)", r"\1", text)
    assert "include /srv/feedpub/out/redirects.map;" in text
    for nginx in run_nginx(tmp_path, text.replace("/srv/feedpub/out", str(small.out)), free_port()):
        for path, status, to in (
            ("/topics/ml/rss.xml", 301, "/topics/ai/rss.xml"),
            ("/topics/ml/", 301, "/topics/ai/"),
            ("/topics/c-plus-plus/feed.json", 301, "/topics/ai/feed.json"),
            ("/topics/old/rss.xml", 410, ""),
            ("/topics/ai/rss.xml", 200, ""),
            ("/redirects.map", 404, ""),
        ):
            answer = nginx.get(path)
            assert answer.status == status, path
            location = f"https://feeds.example.org{to}" if to else None
            assert answer.headers["Location"] == location
