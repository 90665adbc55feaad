"""The config: YAML in, a frozen `Config` or every mistake at once with its line out."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import HealthCheck, given, settings, strategies as st
from small_site import Site

from feedpub import config
from feedpub.config import KEYS, Config, source, values
from feedpub.config.meaning import policy
from feedpub.config.readers import LABEL
from feedpub.config.schema import TopicConfig, WindowConfig
from feedpub.config.source import MAX_SHOWN, Node
from feedpub.core import yaml_toml_json
from feedpub.core.problems import ConfigError
from feedpub.formats import FORMATS

SAMPLE = Path(__file__).parent.parent / "config" / "feedpub.yaml"
MINIMAL = "site: {url: 'https://feeds.example.org/', title: T}\n"

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a config into a site with a content folder."""
    (tmp_path / "content").mkdir()

    def write(text: str) -> Path:
        path = tmp_path / "feedpub.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def errors(path: Path, **options: Any) -> list[str]:
    """Return the mistakes in the config, each without the file's folder."""
    with pytest.raises(ConfigError) as caught:
        config.load(path, options)
    assert caught.value.exit_code == 2
    return [e.replace(f"{path.parent}{os.sep}", "") for e in caught.value.errors]


def dump(group: Any) -> dict[str, Any]:
    """Return the values of a group, those of groups in it as dicts too."""
    return {k: dump(v) if hasattr(v, "_fields") else v for k, v in group._asdict().items()}


# --- what a config means -------------------------------------------------------------------------


def test_a_minimal_config_has_the_documented_defaults(write: Write, tmp_path: Path) -> None:
    loaded = config.load(write(MINIMAL))
    assert dump(loaded) == {
        "site": {
            "url": "https://feeds.example.org/",
            "title": "T",
            "home": "https://feeds.example.org/",
            "description": "",
            "language": "en",
            "timezone": None,
            "author": None,
            "copyright": "",
            "id_domain": "feeds.example.org",
            "id_date": "2026-01-01",
            "ids": "made",
        },
        "content": {
            "root": tmp_path / "content",
            "include": ("**/*.md", "**/*.markdown", "**/*.mdx"),
            "exclude": (),
            "timezone": None,
            "published_default": True,
            "dialect": "",
            "undated": "",
            "withhold": {},
            "authors": {},
            "fields": {},
            "link_template": "",
            "link_templates": {},
            "languages": (),
        },
        "output": {
            "root": tmp_path / "out",
            "replace": False,
            "precompress": False,
            "redirects": (),
            "templates": {},
            "purge": (),
        },
        "state": {"root": tmp_path / ".feedpub", "ledger": None, "url": "", "lease": 10.0},
        "links": {"strip_tracking": True},
        "feeds": {
            "formats": ("rss", "atom", "json"),
            "pages": True,
            "page_pictures": True,
            "by": ("topic",),
            "window": {"items": 50, "days": 14, "bytes": 1_000_000},
            "content": "full",
            "significant": ("title", "excerpt", "body", "link", "published"),
            "related": 10,
            "related_in_rss": False,
            "growth": "off",
            "growth_links": 3,
            "growth_quality": None,
            "scores": False,
            "archive": "everything",
            "paths": {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"},
            "folders": {},
            "addresses": {},
            "moved": "stay",
            "forget": (),
            "named": {},
            "expect": 0,
            "unique": (),
        },
        "topics": {"only": (), "except_": (), "retired": (), "minimum": 1, "define": {}},
        "schedule": {"every": 300, "cron": "", "watch": True},
        "server": {
            "host": "127.0.0.1",
            "port": 8080,
            "admin": None,
            "max_age": 900,
            "shared_max_age": 60,
            "stale_if_error": 86_400,
            "trusted_proxies": (),
            "memory": 256_000_000,
            "access_log": False,
        },
        "push": {"hubs": ()},
    }


def test_text_is_what_was_written_not_what_yaml_makes_of_it(write: Write) -> None:
    """S4: no `No` becomes false, no 1.10 becomes 1.1, no date becomes a timestamp."""
    loaded = config.load(
        write(
            "site: {url: 'https://e.org', title: 2024, copyright: 1e3, id_date: 2025-02-03}\n"
            "topics: {only: [No, 2024, 1.10, C#], define: {1.10: {title: on}}}\n"
        )
    )
    assert (loaded.site.title, loaded.site.copyright, loaded.site.id_date) == (
        "2024",
        "1e3",
        "2025-02-03",
    )
    assert loaded.topics.only == ("No", "2024", "1.10", "C#")
    assert loaded.topics.define["1.10"].title == "on"
    assert all(isinstance(label, str) for label in (*loaded.topics.only, *loaded.topics.define))


def test_empty_groups_and_keys_have_their_defaults(write: Write) -> None:
    text = (
        MINIMAL + "content:\noutput: ~\nfeeds: {window: , related: null}\ntopics: {define: {AI: }}"
    )
    loaded = config.load(write(text))
    bare = config.load(write(MINIMAL))
    assert (loaded.content, loaded.output, loaded.feeds) == (bare.content, bare.output, bare.feeds)
    assert loaded.topics.define["AI"] == TopicConfig()


@pytest.mark.parametrize("word", ["false", "False", "no", "off", "OFF"])
def test_yaml_1_1_booleans_and_numbers(write: Write, word: str) -> None:
    text = f"feeds: {{pages: {word}, window: {{bytes: 1_000_000, items: +7}}}}"
    loaded = config.load(write(MINIMAL + text))
    assert loaded.feeds.pages is False
    assert (loaded.feeds.window.bytes, loaded.feeds.window.items) == (1_000_000, 7)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://feeds.example.org", "https://feeds.example.org/"),
        ("HTTPS://Feeds.Example.ORG:443/x", "https://feeds.example.org/x/"),
        ("http://e.org:8080//", "http://e.org:8080/"),
        ("http://e.org:80/a%20b/ü", "http://e.org/a%20b/%C3%BC/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
    ],
)
def test_the_address_of_the_output_is_ascii_and_ends_with_a_slash(
    write: Write, written: str, meant: str
) -> None:
    """C2."""
    site = f"site: {{url: '{written}', title: T, id_domain: e.org}}"
    assert config.load(write(site)).site.url == meant


def test_a_home_that_is_a_page_stays_one(write: Write) -> None:
    home = "site: {url: 'https://e.org/', title: T, home: 'https://e.org/%s'}"
    assert config.load(write(home % "blog")).site.home == "https://e.org/blog/"
    assert config.load(write(home % "index.html")).site.home == "https://e.org/index.html"


def test_a_topic_window_takes_the_rest_from_all_feeds(write: Write) -> None:
    """F6, per topic."""
    text = "feeds: {window: {days: 3}}\ntopics: {define: {AI: {window: {items: 5}}}}"
    extent = policy(config.load(write(MINIMAL + text))).extent_of("topic", "ai")
    assert extent == WindowConfig(items=5, days=3)


def test_paths_are_relative_to_the_file_and_options_to_the_caller(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(MINIMAL + "output: {root: site/../public}\nstate: {ledger: ids.txt}")
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "items").mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    loaded = config.load(path)
    assert loaded.output.root == tmp_path / "public"
    assert loaded.state.ledger == tmp_path / "ids.txt"
    options = {"content": Path("items"), "out": Path("../o"), "state": Path("s")}
    moved = config.load(Path(os.path.relpath(path)), options)
    assert moved.content.root == elsewhere / "items"
    assert (moved.output.root, moved.state.root) == (tmp_path / "o", elsewhere / "s")


def test_a_link_to_the_content_stays_one(write: Write, tmp_path: Path) -> None:
    """It may lead elsewhere tomorrow; where it leads today counts for what may not be inside it."""
    path = write(MINIMAL + "content: {root: current}\noutput: {root: content/out}")
    (tmp_path / "current").symlink_to("content")
    assert errors(path) == [
        "feedpub.yaml:3: output.root: is inside content.root; what is written would be read as"
        " content, so move one"
    ]
    assert config.load(path, {"out": tmp_path / "out"}).content.root == tmp_path / "current"


def test_nothing_of_a_config_can_be_changed(write: Write) -> None:
    loaded = config.load(write(MINIMAL))
    with pytest.raises(AttributeError):
        loaded.site.title = "other"  # type: ignore[misc] - that it is refused is the point


def test_neither_the_place_of_the_files_nor_the_order_of_keys_means_anything(
    write: Write, tmp_path: Path
) -> None:
    """D9."""
    define = "topics: {define: {%s}}\n"
    first = config.load(write(MINIMAL + define % "A: {slug: x}, B: "))
    other = tmp_path / "other"
    (other / "content").mkdir(parents=True)
    path = other / "feedpub.yaml"
    path.write_text(define % "B: {}, A: {slug: x}" + MINIMAL)
    second = config.load(path)
    for name in set(Config._fields) - {"content", "output", "state"}:
        assert repr(getattr(first, name)) == repr(getattr(second, name))


# --- mistakes in one key -------------------------------------------------------------------------

UNKNOWN = "unknown key; "
MISTAKES = [
    ("site: {title: T}", "1: site.url: is missing; give the public address of output.root, such"),
    ("site:\n  url: https://e.org\n", "1: site.title: is missing; give the name of the site"),
    ("links: {}", "1: site.url: is missing"),
    (MINIMAL + "feed: {}", f"2: feed: {UNKNOWN}did you mean feeds?"),
    (MINIMAL + "feeds:\n  format: [rss]", f"3: feeds.format: {UNKNOWN}did you mean formats?"),
    (MINIMAL + "links:\n\n  zzz:", f"4: links.zzz: {UNKNOWN}known here are strip_tracking"),
    (MINIMAL + "z" * 70 + ":", f"2: \"{'z' * 39}…\": {UNKNOWN}known here are"),
    (MINIMAL + "timezone: UTC", f"2: timezone: {UNKNOWN}did you mean timezone in the group site?"),
    (MINIMAL + "site.url: x", f'2: "site.url": {UNKNOWN}did you mean url in the group site?'),
    (
        MINIMAL + "topics: {define: {.NET: {titel: x}}}",
        f'2: topics.define.".NET".titel: {UNKNOWN}did you mean title?',
    ),
    (MINIMAL + "webhooks: {port: 1}", f"2: webhooks: {UNKNOWN}known here are site, content"),
    (MINIMAL + "schedule: {every: 5}", "2: schedule.every: is not an interval from 1s to 366d"),
    (MINIMAL + "schedule: {every: 0s}", "2: schedule.every: is not an interval from 1s to 366d"),
    (MINIMAL + "schedule: {every: [5m]}", "2: schedule.every: is a list; write"),
    (MINIMAL + "schedule: {cron: '* * * *'}", "2: schedule.cron: is not a crontab line; write"),
    (MINIMAL + "schedule: {cron: 61 * * * *}", "2: schedule.cron: is not a crontab line: bad minute"),
    (MINIMAL + "server: {port: 65536}", "2: server.port: is out of bounds; write "),
    (MINIMAL + "server: {host: a b}", "2: server.host: is not a host; write"),
    (MINIMAL + "server: {admin: '9090'}", "2: server.admin: is not HOST:PORT; write"),
    (MINIMAL + "server: {trusted_proxies: [x]}", "2: server.trusted_proxies[0]: is not an IP"),
    (MINIMAL + "feeds: {formats: [jsonfeed]}", "2: feeds.formats[0]: is not one of rss, atom, json"),
    (MINIMAL + "feeds:\n  formats:\n  - rss\n  - atmo", "5: feeds.formats[1]: is not one of rss, atom, json; did you mean atom?"),
    (MINIMAL + "feeds: {formats: []}", "2: feeds.formats: is an empty list; write one or more"),
    (MINIMAL + "feeds: {formats: [rss, rss]}", "2: feeds.formats: has a name twice"),
    (MINIMAL + "feeds: {by: topic}", "2: feeds.by: is topic; write a list"),
    (MINIMAL + "feeds: {by: [topics]}", "2: feeds.by[0]: is not one of topic, category"),
    (MINIMAL + "feeds: {content: fulll}", "2: feeds.content: is not one of full, excerpt; did you mean full?"),
    (MINIMAL + "feeds: {significant: [heat]}", "2: feeds.significant[0]: is not one of title"),
    (MINIMAL + "feeds: {pages: 1}", '2: feeds.pages: is "1"; write true or false'),
    (MINIMAL + "feeds: {pages: 'no'}", "2: feeds.pages: is no; write true or false, without quotes"),
    (MINIMAL + "feeds: {related: ten}", "2: feeds.related: is ten; write a whole number"),
    (MINIMAL + "feeds: {related: 1.5}", '2: feeds.related: is "1.5"; write a whole number'),
    (MINIMAL + "feeds: {related: '5'}", '2: feeds.related: is "5"; write a whole number, without quotes'),
    (MINIMAL + "feeds: {related: -1}", "2: feeds.related: is out of bounds; write "),
    (MINIMAL + f"feeds: {{related: {'9' * 5000}}}", "2: feeds.related: is "),
    (MINIMAL + "feeds: {window: {items: 0}}", "2: feeds.window.items: is out of bounds; write "),
    (MINIMAL + "feeds: {window: {days: -1}}", "2: feeds.window.days: is out of bounds; write "),
    (MINIMAL + "feeds: {window: {bytes: 9999}}", "2: feeds.window.bytes: is out of bounds; write "),
    (MINIMAL + "feeds: {window: {days: 99999}}", "2: feeds.window.days: is out of bounds; write "),
    (MINIMAL + "feeds: {window: 50}", '2: feeds.window: is "50"; write a map with some of the keys items'),
    (MINIMAL + "feeds: {window: [50]}", "2: feeds.window: is a list; write a map with some of the keys items"),
    (MINIMAL + "links: [a]", "2: links: is a list; write a map with some of the keys strip_tracking"),
    (MINIMAL + "topics: [Web, C]", "2: topics: is a list; write a map with some of the keys only"),
    (MINIMAL + "topics: Web", "2: topics: is Web; write a map with some of the keys only"),
    (MINIMAL + "topics: {only: Web}", "2: topics.only: is Web; write a list, such as [Web]"),
    (MINIMAL + "server: 8080", '2: server: is "8080"; write a map with some of the keys host'),
    (MINIMAL + "schedule: 5m", '2: schedule: is "5m"; write a map with some of the keys every'),
    ("site: My site", '1: site: is "My site"; write a map with some of the keys url'),
    ("site:\n  title: “T”\n  url: https://x.org", "2: site.title: has curly quotes, which are part of"),
    ("site:\n  url: ‘https://x.org’\n  title: T", "2: site.url: has curly quotes, which"),
    (MINIMAL + "topics: {only: [“AI”]}", "2: topics.only[0]: has curly quotes, which"),
    (MINIMAL + "feeds: {paths: {rss: a/b.xml}}", "2: feeds.paths.rss: is not a plain file name"),
    (MINIMAL + "feeds: {paths: {rss: ../b.xml}}", "2: feeds.paths.rss: is not a plain file name"),
    (MINIMAL + "feeds: {paths: {rss: INDEX.html}}", "2: feeds.paths.rss: is not a plain file name that is free"),
    (MINIMAL + "feeds: {paths: {rss: topics}}", "2: feeds.paths.rss: is not a plain file name"),
    (MINIMAL + "feeds: {forget: [RSS.xml]}", "2: feeds.forget[0]: is a name of today"),
    (MINIMAL + "feeds: {paths: {rss: ATOM.xml}}", "2: feeds.paths: gives two formats one file name"),
    (MINIMAL + "feeds: {formats: [json, rss], paths: {rss: Feed.json}}", "2: feeds.paths: gives two formats one file name"),
    (MINIMAL + f"feeds: {{paths: {{rss: {'x' * 97}.xml}}}}", "2: feeds.paths.rss: is not a plain file name"),
    (MINIMAL + "feeds: {paths: {rsss: a.xml}}", "2: feeds.paths.rsss: is not one of rss, atom, json; did you mean rss?"),
    (MINIMAL + "content: site", "2: content: is site; write a map with some of the keys root"),
    (MINIMAL + "content: {root: missing}", "2: content.root: missing does not exist; create it, or"),
    (MINIMAL + "content: {root: feedpub.yaml}", "2: content.root: feedpub.yaml is not a folder"),
    (MINIMAL + 'content: {root: "a\\0b"}', "2: content.root: is not a usable path"),
    (MINIMAL + "content: {root: ''}", "2: content.root: is empty; name a path"),
    (MINIMAL + "content: {root: [a]}", "2: content.root: is a list; write a path"),
    (MINIMAL + f"content: {{root: {'x' * 5000}}}", "2: content.root: "),
    (MINIMAL + "output: {root: feedpub.yaml}", "2: output.root: feedpub.yaml is not a folder"),
    (MINIMAL + "state: {ledger: content}", "2: state.ledger: content is a folder; name a file"),
    (MINIMAL + "state: {url: mysql://h/d}", "2: state.url: is no address of a database"),
    (MINIMAL + "state: {url: 'postgresql://u:SECRET@h/d'}", "2: state.url: has a password, key or token in it"),
    (MINIMAL + "state: {url: 'postgresql://h/d?password=SECRET'}", "2: state.url: has a password, key or token"),
    (MINIMAL + "state: {lease: 100ms}", "2: state.lease: is not an interval"),
    (MINIMAL + "content: {include: []}", "2: content.include: is an empty list; write one or more"),
    (MINIMAL + "content: {include: [/etc/*]}", "2: content.include[0]: must be relative"),
    (MINIMAL + "content: {exclude: [a/../../b]}", "2: content.exclude[0]: must be relative"),
    (MINIMAL + "content: {exclude: ['']}", "2: content.exclude[0]: is empty"),
    (MINIMAL + "content: {timezone: Mars/Base}", "2: content.timezone: is not a known time zone"),
    (MINIMAL + "content: {timezone: Europe/Berln}", "2: content.timezone: is not a known time zone; did you mean Europe/Berlin?"),
    (MINIMAL + "content: {timezone: ../../etc/passwd}", "2: content.timezone: is not a known"),
    (MINIMAL + "content: {timezone: localtime}", "2: content.timezone: is not a known"),
    (MINIMAL + "content: {timezone: Europe}", "2: content.timezone: is not a known"),
    (MINIMAL + "content: {link_template: '/{slgu}/'}", "2: content.link_template: has an unknown placeholder; known are {path}"),
    (MINIMAL + "content: {link_template: '/{slug/'}", "2: content.link_template: has a brace without"),
    (MINIMAL + "content: {link_template: '/[{year}/{slug}'}", "2: content.link_template: has a brace without"),
    (MINIMAL + "content: {link_template: '/{slug:upper}/'}", "2: content.link_template: has an unknown placeholder"),
    (MINIMAL + "content: {link_template: '/[{slug}]/{year}'}", "2: content.link_template: gives every item the same"),
    (MINIMAL + "content: {link_template: '/{year}/'}", "2: content.link_template: gives every item the same"),
    (MINIMAL + "content: {link_template: 'file:///{path}'}", "2: content.link_template: does not make a web"),
    (MINIMAL + "content: {link_template: 'a b {path}'}", "2: content.link_template: does not make a web"),
    (MINIMAL.replace("org/", "org/feeds/") + "content: {link_template: '/{path}'}", "2: content.link_template: is relative to site.home, which is missing"),
    (MINIMAL + "content: {fields: {titel: [x]}}", "2: content.fields: titel is no field of items; did you mean title?"),
    (MINIMAL + "content: {fields: {title: []}}", "2: content.fields.title: is an empty list; write one or more"),
    (MINIMAL + "content: {fields: {title: [a.Secured]}}", "2: content.fields.title[0]: names the key secured"),
    (MINIMAL + "topics: {only: ['']}", "2: topics.only[0]: is empty"),
    (MINIMAL + "topics: {except: AI}", "2: topics.except: is AI; write a list"),
    (MINIMAL + "topics: {except_: [AI]}", f"2: topics.except_: {UNKNOWN}did you mean except?"),
    (MINIMAL + "topics: {define: {AI: 3}}", '2: topics.define.AI: is "3"; write a map with some of the keys slug'),
    (MINIMAL + "topics: {define: {'': {}}}", '2: topics.define."": is empty'),
    (MINIMAL + "topics: {define: [AI]}", "2: topics.define: is a list; write a map of keys"),
    (MINIMAL + "topics: {define: {AI: {slug: ../x}}}", "2: topics.define.AI.slug: is not an address"),
    (MINIMAL + "topics: {define: {AI: {slug: CON}}}", "2: topics.define.AI.slug: is not an address"),
    (MINIMAL + "topics: {define: {AI: {slug: index}}}", "2: topics.define.AI.slug: is not an address"),
    (MINIMAL + "topics: {define: {AI: {image: ai.png}}}", "2: topics.define.AI.image: is not an http or https URL"),
    (MINIMAL + 'topics: {define: {"a\\x07": {slug: x}}}', "2: topics.define.'a\\x07': has a control character"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_to_do(
    write: Write, text: str, expected: str
) -> None:
    told = errors(write(text))
    assert any(line.startswith(f"feedpub.yaml:{expected}") for line in told), told
    assert len(told) == 1 or "site.url: is missing" in expected
    assert all(len(line) < 300 and "\n" not in line for line in told)


CLAUSES = (
    "is not one of topic, category, provider, author, type, language, title, quality, heat, all,"
    " any, none"
)
NAMED_MISTAKES = [
    ("{}", ": lets nothing in; give it a rule, such as all: [topic: AI], or items"),
    ("{title: x, none: }", ": lets nothing in"),
    ("{digest: {every: week}}", ": lets nothing in"),
    ("{all: []}", ".all: is an empty list"),
    ("{all: {topic: AI}}", ".all: is a map; write a list"),
    ("{all: [AI]}", ".all[0]: is not one clause with one key; write [topic: AI, heat: 50], for"),
    ("{any: [{topic: AI, type: x}]}", ".any[0]: is not one clause with one key"),
    ("{none: [{}]}", ".none[0]: is not one clause with one key"),
    ('{any: [title: [AI, "?!"]]}', ".any[0].title[1]: has no letter or digit, so no title has it"),
    ("{all: [topik: AI]}", f".all[0]: {CLAUSES}; did you mean topic?"),
    ("{all: [any: [topc: AI]]}", f".all[0].any[0]: {CLAUSES}; did you mean topic?"),
    ("{all: [zzz: AI]}", f".all[0]: {CLAUSES}; write one of these"),
    ("{all: [heat: hot]}", ".all[0].heat: is hot; write a whole number"),
    ("{all: [topic: []]}", ".all[0].topic: is an empty list"),
    ("{all: [topic: [AI, '']]}", ".all[0].topic[1]: is empty"),
    ("{itmes: [x]}", ".itmes: unknown key; did you mean items?"),
    ("{at_least: {heet: 3}}", ".at_least.heet: is not one of quality, heat; did you mean heat?"),
    ("{top: 3, leave: 3}", ".leave: says how at_least is meant, which is missing"),
    ("{at_least: {heat: 3}, within: 3d}", ".within: says how top is meant, which is missing"),
    ("{at_least: {heat: x}, leave: 3}", ".at_least.heat: is x; write a whole number"),
    ("[]", ": is a list; write a map with some of the keys title"),
    ("{top: 3, within: 3}", ".within: is not an interval"),
    ("{top: 3, by: hotness}", ".by: is not one of quality, heat"),
    ("{items: [x], slug: A B}", ".slug: is not an address"),
]


@pytest.mark.parametrize(("named", "expected"), NAMED_MISTAKES)
def test_n1_a_mistake_in_a_named_feed_is_told_with_its_place(
    write: Write, named: str, expected: str
) -> None:
    told = errors(write(f"{MINIMAL}feeds:\n  named:\n    Best: {named}\n"))
    assert any(line.startswith(f"feedpub.yaml:4: feeds.named.Best{expected}") for line in told), (
        told
    )


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [
        ("named: {topic: {top: 3}}", "named.topic: means other feeds; use a name of its own"),
        ("named: {everything: {top: 3}}", "named.everything: means other feeds"),
        ('named: {" topic ": {top: 3}}', 'named." topic ": means other feeds'),
        ("named: {a/b: {top: 3}}", "named.a/b: means other feeds"),
        ("named: {a: {top: 3}, A: {top: 4}}", "named.A: is the same feed as a; keep one"),
        ("named: {a: {top: 3}}\n  folders: {topic: feeds}", "folders.topic: is where other feeds"),
        ("addresses: {named/a: {rss: a.xml}}", "addresses.named/a: is no feed of feeds.named"),
        ("folders: {nmaed: x}", "folders.nmaed: is not one of everything, named, topic"),
        ("by: [named]", "by[0]: is not one of topic, category"),
    ],
)
def test_n1_named_feeds_are_not_each_other_nor_others(
    write: Write, feeds: str, expected: str
) -> None:
    told = errors(write(f"{MINIMAL}feeds:\n  {feeds}\n"))
    assert any(f": feeds.{expected}" in line for line in told), told


SITE_MISTAKES = [
    ("url: ftp://e.org/", "url: is not an http or https URL"),
    ("url: //e.org/", "url: is not an http or https URL"),
    ("url: feeds.example.org", "url: is not an http or https URL"),
    ("url: 'https://'", "url: is not an http or https URL"),
    ("url: 'https://e.org/?a=b'", "url: has a `?` or `#`"),
    ("url: 'https://e.org/#'", "url: has a `?` or `#`"),
    ("url: 'https://me:pw@e.org/'", "url: has a user name or password"),
    ("url: 'https://e.org:99999/'", "url: is not a URL"),
    ("url: 'https://[::1/'", "url: is not a URL"),
    ("url: 'https://e@][/'", "url: is not a URL"),
    ("url: 'https://a..b/'", "url: is not a URL"),
    ("url: 'https://e.org/a b/'", "url: has a character that no URL has"),
    ("url: 'https://e.org\\x/'", "url: has a character that no URL has"),
    ("url: 2024", "url: is not an http or https URL"),
    ("url: [a]", "url: is a list; write text"),
    ("home: example.org", "home: is not an http or https URL"),
    ("title: '  '", "title: is empty"),
    ("title: ~", "title: is missing"),
    ('title: "a\\x01b"', "title: has a control character, which no feed can carry"),
    ("language: en_US", "language: is not a language tag"),
    ("language: english", "language: is not a language tag"),
    (f"language: en{'-abcdefgh' * 4}", "language: is not a language tag"),
    ("timezone: Utc+1", "timezone: is not a known time zone"),
    ("author: me", "author: is me; write a map with some of the keys name"),
    ("author: {email: a@b.org}", "author.name: is missing; give the name of the person"),
    ("author: {name: A, email: a b}", "author.email: is not an e-mail address"),
    ("author: {name: A, uri: me}", "author.uri: is not an http or https URL"),
    ("id_domain: 192.0.2.1", "id_domain: the ids of items need a domain name"),
    ("id_domain: localhost", "id_domain: the ids of items need a domain name"),
    ("id_domain: -x.org", "id_domain: the ids of items need a domain name"),
    ("id_domain: ünder.org", "id_domain: the ids of items need a domain name"),
    ("id_domain: 'e.org,2020'", "id_domain: the ids of items need a domain name"),
    ("id_date: 26-1-1", "id_date: is not a date"),
    ("id_date: 2026-13", "id_date: is not a date"),
    ("id_date: 2026-02-30", "id_date: is not a date"),
    ("id_date: 2026-1-1", "id_date: is not a date"),
]


@pytest.mark.parametrize(("line", "expected"), SITE_MISTAKES)
def test_a_mistake_in_the_site(write: Write, line: str, expected: str) -> None:
    keys = {"url": "url: https://e.org/", "title": "title: T"}
    keys[line.split(":")[0]] = line
    told = errors(write("site:\n  " + "\n  ".join(keys.values())))
    number = list(keys).index(line.split(":")[0]) + 2
    assert len(told) == 1, told
    assert told[0].startswith(f"feedpub.yaml:{number}: site.{expected}")


@pytest.mark.parametrize(
    "host", ["localhost", "feeds.localhost", "127.0.0.1:8080", "[::1]", "my_host.org", "127.1"]
)
def test_i1_a_host_that_is_no_name_of_ours_needs_id_domain(write: Write, host: str) -> None:
    site = f"links:\nsite: {{url: 'http://{host}/', title: T%s}}"
    (told,) = errors(write(site % ""))
    assert told.startswith("feedpub.yaml:2: site.id_domain: is missing; the ids of items need")
    for domain in ("example.org", "me@example.org", "a-1.b.co"):
        assert config.load(write(site % f", id_domain: {domain}")).site.id_domain == domain


@pytest.mark.parametrize("day", ["2026", "2026-02", "2024-02-29"])
def test_id_date_may_leave_out_day_and_month(write: Write, day: str) -> None:
    """RFC 4151 §2.1."""
    site = f"site: {{url: 'https://e.org/', title: T, id_date: {day}}}"
    assert config.load(write(site)).site.id_date == day


@pytest.mark.parametrize(
    "tag", ["en", "pt-BR", "zh-Hant-TW", "sl-rozaj-biske", "de-CH-1901", "gsw"]
)
def test_language_tags(write: Write, tag: str) -> None:
    """RFC 5646 §2.1."""
    site = f"site: {{url: 'https://e.org/', title: T, language: {tag}}}"
    assert config.load(write(site)).site.language == tag


def test_utc_needs_no_time_zone_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    assert values.zone("UTC") is UTC
    with pytest.raises(ValueError, match="install tzdata, or use UTC"):
        values.zone("Europe/Berlin")


# --- mistakes between keys -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("output: {root: content/out}", "2: output.root: is inside content.root"),
        ("output: {root: content}", "2: output.root: is the same folder as content.root"),
        ("output: {root: ./x/../content/}", "2: output.root: is the same folder as content.root"),
        ("output: {root: link/deep}", "2: output.root: is inside content.root"),
        ("content: {root: out/items}", "2: content.root: is inside output.root"),
        ("state: {root: out/state}", "2: state.root: is inside output.root"),
        ("state: {root: out}", "2: state.root: is the same folder as output.root"),
        ("state: {ledger: out/ids.txt}", "2: state.ledger: is inside output.root"),
        ("output: {root: .feedpub}", "2: output.root: is the same folder as state.root"),
        ("\noutput: {root: .}", "3: output.root: holds state.root"),
    ],
)
def test_roots_may_not_be_inside_each_other(
    write: Write, tmp_path: Path, text: str, expected: str
) -> None:
    (tmp_path / "out" / "items").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "content")
    told = errors(write(MINIMAL + text))
    assert any(line.startswith(f"feedpub.yaml:{expected}") for line in told), told


def test_an_option_is_named_where_it_is_wrong(write: Write, tmp_path: Path) -> None:
    path = write(MINIMAL + "output: {root: public}\n")
    content = tmp_path / "nowhere"
    told = errors(path, content=content, state=tmp_path / "public" / "s")
    assert told[0].startswith("--content: content.root: nowhere does not exist")
    assert told[1].startswith("--state: state.root: is inside output.root")
    assert errors(path, host="a b")[0].startswith("--host: server.host: is not a host")


def test_content_that_may_be_away_hides_no_other_mistake(write: Write, tmp_path: Path) -> None:
    path = write(MINIMAL + "content: {root: nowhere}\n")
    given = config.load(path, content_may_be_away=True)
    assert given.content.root == tmp_path / "nowhere"
    for text in ("content: {root: ''}", "content: {root: out/items}", "content: {rot: nowhere}"):
        with pytest.raises(ConfigError):
            config.load(write(MINIMAL + text), content_may_be_away=True)


def test_an_option_does_not_hide_a_group_of_the_wrong_kind(write: Write, tmp_path: Path) -> None:
    (told,) = errors(write(MINIMAL + "content: 5"), content=tmp_path / "content")
    assert told.startswith(
        'feedpub.yaml:2: content: is "5"; write a map with some of the keys root'
    )


def test_an_option_takes_the_place_of_a_wrong_root(write: Write, tmp_path: Path) -> None:
    path = write(MINIMAL + "content: {root: missing, timezone: Europe/Berlin}")
    content = config.load(path, {"content": tmp_path / "content"}).content
    assert (content.root, content.timezone) == (tmp_path / "content", ZoneInfo("Europe/Berlin"))


def test_one_folder_for_content_and_output_is_one_mistake(write: Write) -> None:
    assert len(errors(write(MINIMAL + "output: {root: content}"))) == 1


@pytest.mark.parametrize(
    ("define", "expected"),
    [
        ("  C++:\n  c++:", '"c++": is the same topic as "C++"'),
        ("  AI:\n  ＡＩ: {slug: other}", '"ＡＩ": is the same topic as AI'),
    ],
)
def test_two_topics_may_not_be_one(write: Write, define: str, expected: str) -> None:
    """T1, T3."""
    (told,) = errors(write(MINIMAL + "topics:\n define:\n" + define))
    assert told.startswith(f"feedpub.yaml:5: topics.define.{expected}")


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        (" define:\n  AI:\n   aliases: [ＡＩ]", "5: topics.define.AI.aliases[0]: is a name of AI"),
        (
            " define:\n  AI:\n   aliases: [X, ML]\n  ml:",
            "5: topics.define.AI.aliases[1]: is a name of ml already; keep one",
        ),
        (
            " define:\n  AI: {aliases: [X]}\n  ML:\n   aliases:\n    - Y\n    - x",
            "8: topics.define.ML.aliases[1]: is a name of AI already",
        ),
    ],
)
def test_t6_an_alias_has_one_topic(write: Write, topics: str, expected: str) -> None:
    (told,) = errors(write(MINIMAL + "topics:\n" + topics))
    assert told.startswith(f"feedpub.yaml:{expected}"), told


def test_t6_a_retired_topic_may_stay_defined_with_its_aliases(write: Write) -> None:
    topics = "topics: {only: [AI, B], retired: [AI], define: {AI: {aliases: [ML, ' k  i ']}}}"
    loaded = config.load(write(MINIMAL + topics))
    assert loaded.topics.retired == ("AI",)
    assert loaded.topics.define["AI"].aliases == ("ML", "k  i")


def test_all_mistakes_at_once_in_the_order_of_lines(write: Write) -> None:
    """Issue 2, points 6 and 7: none hides another, not even those between keys."""
    text = """\
site:
  url: http://localhost/
  titel: T
content: {root: content, timezone: Nowhere}
output: {root: content/out}
state: {root: content/out/state}
feeds:
  formats: [rss, jsn]
  formats: [rss, xml]
  window: {items: 0, days: x}
topics:
  define: {C: {slug: x}, c: {slug: A B}}
webhooks: {}
"""
    told = [": ".join(line.split(": ")[:2]) for line in errors(write(text))]
    assert told == [
        "feedpub.yaml:1: site.id_domain",
        "feedpub.yaml:1: site.title",
        "feedpub.yaml:3: site.titel",
        "feedpub.yaml:4: content.timezone",
        "feedpub.yaml:5: output.root",
        "feedpub.yaml:6: state.root",
        "feedpub.yaml:9: feeds.formats",
        "feedpub.yaml:9: feeds.formats[1]",
        "feedpub.yaml:10: feeds.window.days",
        "feedpub.yaml:10: feeds.window.items",
        "feedpub.yaml:12: topics.define.c",
        "feedpub.yaml:12: topics.define.c.slug",
        "feedpub.yaml:13: webhooks",
    ]


def test_very_many_mistakes_are_cut_and_counted(write: Write) -> None:
    told = errors(write(MINIMAL + "".join(f"key{n}:\n" for n in range(2_000))))
    assert len(told) == MAX_SHOWN + 1
    assert told[-1] == f"feedpub.yaml: and {2_000 - MAX_SHOWN} more"


# --- files that are no config --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ": the file is empty; `feedpub init DIR` writes one"),
        ("# only\n# comments\n", ": the file is empty"),
        ("- a\n- b\n", ":1: the file must be a map of groups, such as `site:`"),
        ("hello", ":1: the file must be a map"),
        ("site: {url: x\nlinks: y\n", ":2: is not valid YAML: "),
        ("site:\n\turl: x\n", ":2: is indented with a tab; write spaces"),
        ("site:\n  title: 'T’\n", ":2: is not valid YAML, perhaps as it has curly quotes; write"),
        ("a: b: c", ":1: is not valid YAML: mapping values are not allowed"),
        ("site: 'x", ":1: is not valid YAML: "),
        ("a: 1\n---\nb: 2\n", ":2: a second document begins here"),
        ("a: &x 1\nb: *x\n", ":2: aliases (`*name`) are not supported; repeat the value"),
        ("a: &x [*x]\n", ":1: aliases"),
        ("a:\n  b: !!python/object:os.system x\n", ":2: tags (`!name`) are not supported"),
        ("a: !secret x\n", ":1: tags"),
        ("a: 1\n? [x]\n: 2\n", ":2: a key must be text"),
        ("a: 1\nb: \x07\n", ":2: has a control character; remove it"),
        ("a: " + "[" * 30_000, ":1: is nested deeper than 16 levels"),
        ("a: " + "{a: " * 30_000, ":1: is nested deeper than 16 levels"),
        ("a: 1\n" + "b" * (1 << 20), ": is larger than 1 MiB"),
    ],
)
def test_a_file_that_is_no_config(write: Write, text: str, expected: str) -> None:
    (told,) = errors(write(text))
    assert told.startswith(f"feedpub.yaml{expected}")


def test_a_key_given_twice_is_a_mistake(write: Write) -> None:
    (told,) = errors(write(MINIMAL + "links: {}\n\nlinks: {}\n"))
    assert told == "feedpub.yaml:4: links: is given twice, first on line 2; keep one"


def test_files_that_cannot_be_read(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(MINIMAL)
    assert errors(tmp_path / "none.yaml") == [
        "none.yaml: cannot be read: No such file or directory"
    ]
    assert errors(path / "x") == [
        f"{path}/x: cannot be read: Not a directory".replace(f"{path}/", "")
    ]
    assert "Is a directory" in errors(tmp_path)[0]
    assert "not a file name" in errors(Path("a\0b"))[0]
    path.write_bytes(b"site:\n  title: caf\xe9\n")
    assert errors(path) == ["feedpub.yaml: is not UTF-8 text in line 2; save it as UTF-8"]
    with socket.socket(socket.AF_UNIX) as plug:
        monkeypatch.chdir(tmp_path)  # a socket's name may not be long
        plug.bind("plug")
        assert "cannot be read" in errors(tmp_path / "plug")[0]


def test_a_byte_order_mark_and_crlf_are_fine(write: Write) -> None:
    path = write(MINIMAL)
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode().replace(b"\n", b"\r\n"))
    assert config.load(path).site.title == "T"


def test_the_pure_python_parser_reads_the_same(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_toml_json, "_Parser", yaml.SafeLoader)
    assert config.load(write(MINIMAL)).site.title == "T"
    assert errors(write('site: {title: "\\ud800"}'))[0].startswith("feedpub.yaml:1: site.title: ")


# --- finding the file ----------------------------------------------------------------------------


def test_find(tmp_path: Path) -> None:
    """The contract: ./feedpub.yaml, else ./config/feedpub.yaml, else in a folder above."""
    with pytest.raises(ConfigError, match="feedpub init DIR"):
        config.find(None, tmp_path)
    (tmp_path / "config").mkdir()
    inner, outer = tmp_path / "config" / "feedpub.yaml", tmp_path / "feedpub.yaml"
    inner.touch()
    assert config.find(None, tmp_path) == inner
    outer.touch()
    assert config.find(None, tmp_path) == config.find(None, tmp_path / "x" / "y") == outer
    assert config.find(Path("mine.yaml"), tmp_path) == Path("mine.yaml")


# --- the sample ----------------------------------------------------------------------------------

LEFT_OUT = re.compile(r"(?m)^( *)#(?=[a-z_]+:)")


def _leaves(dump: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(dump, dict) or not dump:
        return {prefix.strip("."): dump}
    return {
        k: v for key, inner in dump.items() for k, v in _leaves(inner, f"{prefix}.{key}").items()
    }


def _keys(node: Node) -> Iterator[str]:
    for part in node.parts.values():
        yield ".".join(map(str, part.where))
        yield from _keys(part)


LABELLED = (
    *(f"feeds.{name}." for name in ("paths", "folders", "addresses")),
    *("content.fields.", "content.withhold.", "content.link_templates."),
    *("feeds.named.chips.at_least.", "feeds.named.chips.leave.", "feeds.named.chips.also."),
)
"""What has keys that people choose, or that the registry of formats has."""


def test_the_sample_shows_every_key_and_no_other(write: Write) -> None:
    text = LEFT_OUT.sub(r"\1", SAMPLE.read_text(encoding="utf-8"))
    shown = {
        re.sub(r"^(topics\.define|feeds\.named)\.[^.]+", rf"\1.{LABEL}", key)
        for key in _keys(source.read(write(text), KEYS))
        if not key.startswith(LABELLED)
    }
    labels = {f"topics.define.{LABEL}", f"feeds.named.{LABEL}"}
    assert shown - labels == set(KEYS)


def test_the_sample_loads_and_so_do_its_examples(write: Write, tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    sample = config.load(SAMPLE)
    assert sample.content.root == SAMPLE.parent / "site" / "content"
    assert sample.output.root == SAMPLE.parent.parent / "out"
    assert sample.state.root == SAMPLE.parent.parent / ".feedpub"
    (tmp_path / "site" / "content").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "authors.yml").write_text("ann: {name: Ann}", encoding="utf-8")
    config.load(write(LEFT_OUT.sub(r"\1", text)))


def test_what_the_sample_leaves_out_it_shows_with_its_default(write: Write, tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    defaults = re.sub(r"For example:\n *#(?=[a-z_]+:)", "\n# ", text)
    (tmp_path / "site" / "content").mkdir(parents=True)
    as_it_is = config.load(write(text))
    assert defaults.count("For example:") == 0
    assert len(LEFT_OUT.findall(defaults)) >= 15
    assert config.load(write(LEFT_OUT.sub(r"\1", defaults))) == as_it_is


def test_every_key_of_the_sample_is_explained() -> None:
    """The line above the first of each name is an explanation; the author's three share theirs."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    key = re.compile(r" *#?([a-z_]+):( |$)")
    explained = {"name", "email", "uri"}
    for before, line in pairwise(lines):
        if (found := key.match(line)) and found[1] not in explained:
            assert before.lstrip().startswith("# "), line
            explained.add(found[1])


def test_formats_come_from_the_registry(write: Write) -> None:
    loaded = config.load(write(MINIMAL))
    assert loaded.feeds.formats == ("rss", "atom", "json")
    assert loaded.feeds.paths == {name: f.file for name, f in FORMATS.items()}


# --- any text ------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "~", "no", "1", "-1", "https://e.org/", "content", "rss", "{slug}", "2026"]
    ),
)
WORDS = st.one_of(
    st.sampled_from(sorted({part for key in KEYS for part in key.split(".")})),
    st.text(max_size=6),
)
VALUES = st.recursive(
    SCALARS | st.integers() | st.booleans() | st.none() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
QUICK = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _loads_or_says_why(path: Path) -> None:
    told = [str(path)]
    try:
        json.dumps(dump(config.load(path)), default=str).encode()
    except ConfigError as error:
        told = error.errors
    assert told
    assert all(line.startswith(str(path)) and line.encode() for line in told)


@QUICK
@given(text=st.one_of(st.text(), st.text(alphabet="ab:{}[]-&*!|>'\"#\n \t?,%@`")))
def test_any_text_is_a_config_or_a_config_error(write_once: Path, text: str) -> None:
    write_once.write_text(text, encoding="utf-8", errors="replace")
    _loads_or_says_why(write_once)


@QUICK
@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_config_or_a_config_error(write_once: Path, data: bytes) -> None:
    write_once.write_bytes(data)
    _loads_or_says_why(write_once)


@QUICK
@given(groups=st.dictionaries(st.sampled_from(list(Config._fields)), VALUES))
def test_any_yaml_is_a_config_or_a_config_error(write_once: Path, groups: dict[str, Any]) -> None:
    text = yaml.safe_dump(groups, allow_unicode=True)
    write_once.write_text(text, encoding="utf-8", errors="surrogatepass")
    _loads_or_says_why(write_once)


@QUICK
@given(key=st.sampled_from(sorted(KEYS)), value=VALUES)
def test_any_value_of_any_key_is_fine_or_a_config_error(
    write_once: Path, key: str, value: object
) -> None:
    *groups, name = key.split(".")
    data: dict[str, Any] = {"site": {"url": "https://e.org/", "title": "T"}}
    group = data
    for part in groups:
        group = group.setdefault(part, {})
    group[name] = value
    write_once.write_text(yaml.safe_dump(data, allow_unicode=True), errors="surrogatepass")
    _loads_or_says_why(write_once)


@QUICK
@given(path=st.text(alphabet="ab/.%é ?#@:[]", max_size=12))
def test_a_site_address_is_its_own_normal_form(path: str) -> None:
    try:
        address = values.site_address(f"https://example.org/{path}")
    except ValueError:
        return
    assert address.isascii()
    assert address.endswith("/")
    assert values.site_address(address) == address


@pytest.fixture
def write_once(write: Write) -> Path:
    return write("")


# --- what it costs -------------------------------------------------------------------------------


def test_it_imports_nothing_heavy() -> None:
    heavy = "{'feedgen', 'lxml', 'yarl', 'sqlite3', 'jinja2', 'markdown_it', 'nh3', 'frontmatter'}"
    program = (
        "import sys; before = set(sys.modules); import feedpub.config;"
        f"print({heavy} & (set(sys.modules) - before) or '')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_a_format_that_is_not_in_use_takes_no_file_name(write: Write) -> None:
    text = MINIMAL + "feeds: {formats: [rss], paths: {rss: atom.xml, json: ATOM.xml}}"
    assert config.load(write(text)).feeds.paths["rss"] == "atom.xml"


ANOTHER_FORMAT = """
import sys
from feedpub.formats import DOCUMENTS, FORMATS
FORMATS["rss1"] = FORMATS["atom"]._replace(name="rss1", file="rss1.xml", by_default=False)
DOCUMENTS["rss1"] = FORMATS["rss1"]
from feedpub.cli import main
sys.argv[0] = "feedpub"
main()
"""


@pytest.mark.parametrize(
    ("feeds", "files"),
    [
        ({"paths": {"rss": "rss1.xml"}}, {"rss1.xml", "atom.xml", "feed.json"}),
        ({"formats": ["atom", "rss1"]}, {"rss1.xml", "atom.xml"}),
    ],
)
def test_a_format_that_is_new_in_the_registry_says_itself_whether_it_is_on(
    feeds: dict[str, Any], files: set[str], tmp_path: Path
) -> None:
    """A site that asks for none gets no other files, and its own names stay free."""
    site = Site(tmp_path / "site").fill()
    site.configure(feeds=feeds)
    done = site.run_process("build", launcher=("-c", ANOTHER_FORMAT))
    assert done.code == 0, done.stderr
    assert {path.name for path in (site.out / "topics/ai").iterdir()} - {"index.html"} == files
