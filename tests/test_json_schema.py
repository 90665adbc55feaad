"""`feedpub schema`: an editor takes what feedpub takes, and refuses what it can tell is wrong."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import run_here
from jsonschema import Draft7Validator

from feedpub import config
from feedpub.config import KEYS
from feedpub.config.readers import LABEL
from feedpub.core.problems import ConfigError

SAMPLE = (Path(__file__).parent.parent / "config" / "feedpub.yaml").read_text(encoding="utf-8")
LEFT_OUT = re.compile(r"^( *)#(?=[a-z_]+:)", re.MULTILINE)
AROUND = {"site": {"url": "https://feeds.example.org/", "title": "T"}, "author": {"name": "N"}}
SITE = AROUND["site"]

NEEDED = {"site.url", "site.title", "site.author.name"}


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2, as editors read it: `yes`, `500_000` and `2026-01-01` are texts."""


EditorLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", "~|null|", ["~", "n", ""]),
    ("bool", "true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", "[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?[0-9]+\.[0-9]*", list("-+0123456789")),
):
    matching = re.compile(f"^(?:{pattern})$")
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", matching, first)


@cache
def editor() -> Draft7Validator:
    schema = json.loads(run_here("schema", cwd=Path.cwd()).stdout)
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def mistakes(text: str) -> list[str]:
    """Return where an editor sees a mistake."""
    found = editor().iter_errors(yaml.load(text, EditorLoader))  # noqa: S506 - a safe one
    return [".".join(map(str, error.absolute_path)) for error in found]


def text_of(*groups: dict[str, Any]) -> str:
    whole: dict[str, Any] = {"site": SITE}
    for group in groups:
        whole |= group
    return json.dumps(whole, ensure_ascii=False)


def below(key: str, value: Any) -> dict[str, Any]:
    """Return a config that has this value at a key, and what is needed around it."""
    name, _, rest = key.replace(LABEL, "Go").partition(".")
    inner = below(rest, value) if rest else value
    return {name: {**AROUND.get(name, {}), **inner} if rest else inner}


@pytest.mark.parametrize("text", [SAMPLE, LEFT_OUT.sub(r"\1", SAMPLE)], ids=["sample", "all of it"])
def test_an_editor_takes_the_sample_and_everything_that_it_leaves_out(text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize("key", [key for key in KEYS if key != f"topics.define.{LABEL}"])
def test_an_editor_knows_every_key_and_refuses_what_fits_none(key: str, tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    path = tmp_path / "feedpub.yaml"
    for value in ([[[1]]], {"no": {"such": {"key": [1]}}}):
        path.write_text(text_of(below(key, value)), encoding="utf-8")
        with pytest.raises(ConfigError):
            config.load(path)
    assert mistakes(text_of(below(key, [[[1]]])))
    if key != "site":
        assert mistakes(text_of(below(key, None))) == [key] * (key in NEEDED)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("title: T", ["", ""]),
        ("{}", [""]),
        ("site: {url: 'https://e.org/'}", ["site"]),
        (text_of({"sight": {}}), [""]),
        (text_of({"site": {**SITE, "titel": "T"}}), ["site"]),
        (text_of({"site": {**SITE, "author": {"email": "a@e.org"}}}), ["site.author"]),
        (text_of({"feeds": {"formats": ["rss", "atmo"]}}), ["feeds.formats.1"]),
        (text_of({"feeds": {"formats": []}}), ["feeds.formats"]),
        (text_of({"feeds": {"window": {"items": 0}}}), ["feeds.window.items"]),
        (text_of({"feeds": {"window": {"days": 36_501}}}), ["feeds.window.days"]),
        (text_of({"feeds": {"related": "ten"}}), ["feeds.related"]),
        (text_of({"feeds": {"content": "all"}}), ["feeds.content"]),
        (text_of({"content": {"dialect": "wordpress"}}), ["content.dialect"]),
        (text_of({"feeds": {"pages": "maybe"}}), ["feeds.pages"]),
        (text_of({"topics": {"define": {"Go": {"slig": "go"}}}}), ["topics.define.Go"]),
        (text_of({"server": {"port": 70_000}}), ["server.port"]),
    ],
)
def test_an_editor_sees_what_is_wrong_and_where(text: str, where: list[str]) -> None:
    assert mistakes(text) == where


@pytest.mark.parametrize(
    "text",
    [
        "site: {url: 'https://e.org/', title: 2024, id_date: 2026-01-01}",
        "site: {url: 'https://e.org/', title: true}\nlinks:\nfeeds: {pages: Yes, scores: off, by: []}",
        "site: {url: 'https://e.org/', title: T}\ntopics: {define: {Go: }, only: [2024, Go]}",
        "site: {url: 'https://e.org/', title: T}\nfeeds: {window: {bytes: 5_000_000, days: }}",
        "site: {url: 'https://e.org/', title: T}\ntopics: {define: {1: {minimum_quality: -5}}}",
    ],
)
def test_an_editor_takes_whatever_feedpub_takes(text: str, tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "feedpub.yaml").write_text(text, encoding="utf-8")
    config.load(tmp_path / "feedpub.yaml")
    assert mistakes(text) == []


def test_what_an_editor_reads_is_named_in_a_line_that_feedpub_takes(tmp_path: Path) -> None:
    told = re.sub(r"\s+", " ", run_here("schema", "--help", cwd=tmp_path).stdout)
    [line] = re.findall(r"# yaml-language-server: \$schema=\S+", told)
    (tmp_path / "content").mkdir()
    (tmp_path / "feedpub.yaml").write_text(f"{line}\n{text_of()}", encoding="utf-8")
    config.load(tmp_path / "feedpub.yaml")
