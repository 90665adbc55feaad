"""`feedpub compare`, and what it says of a built site."""

from __future__ import annotations

from pathlib import Path

from feedpub.starter.built import Addresses, addresses


def built(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("<!DOCTYPE html>", encoding="utf-8")
    return folder


def test_pages_of_a_built_site_are_found_however_their_address_is_written(tmp_path: Path) -> None:
    names = ("index.html", "a/index.html", "b.html", "c.html", "d", "é ü/index.html")
    folder = built(tmp_path / "_site", *names)
    home = "https://www.example.org/"
    there = [
        home + path for path in ("", "a/", "a", "b", "c.html", "d", "%C3%A9%20%C3%BC/", "a/#x")
    ]
    away = [home + path for path in ("e/", "a.html", "../built", "x" * 300, "%00")]
    others = ["https://elsewhere.example/a/", "http://[", ""]
    assert addresses(folder, there, home) == Addresses(8, [])
    assert addresses(folder, there + away + others, home) == Addresses(13, away)


def test_a_site_below_a_path_is_found_with_and_without_that_path(tmp_path: Path) -> None:
    home = "https://example.org/blog"
    links = ["https://example.org/blog/a/", "https://example.org/blog/b/"]
    folder = built(tmp_path, "a/index.html", "blog/b/index.html", "about/index.html")
    assert addresses(folder, [*links, "https://example.org/about/"], home) == Addresses(2, [])


def test_addresses_are_told_in_a_line() -> None:
    assert Addresses(0, []).told() == ""
    assert Addresses(256, []).told() == "256 of 256 addresses have a file"
    missing = ["u:a", "u:b", "u:c", "u:d"]
    told = "1,252 of 1,254 addresses have a file; the others: u:a, u:b"
    assert Addresses(1254, missing[:2]).told() == told
    assert (
        Addresses(9, missing).told() == "5 of 9 addresses have a file; the others: u:a, u:b, u:c, …"
    )
