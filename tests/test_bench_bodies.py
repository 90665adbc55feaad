"""The comparison of bodies with those of generators sees what is lost, and not what is meant."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent / "bench"
sys.path.insert(0, str(BENCH))
try:
    import bodies
finally:
    sys.path.remove(str(BENCH))

URL = "https://site.example/a/"
BODY = (
    '<h1>Title</h1><p>One two <a href="../b/">three</a> <code>x</code> <img src="/p.png"></p>'
    "<pre><code>a\n  b\n</code></pre><table><tr><th>c</th><td>d</td></tr></table>"
)


def reasons(ours: str, theirs: str) -> list[str]:
    sides = [bodies.extract(side, URL, "Title") for side in (ours, theirs)]
    return [reason for reason, _, _ in bodies.differences(*sides)]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("One", "", "words"),
        ("../b/", "b/", "links"),
        ("/p.png", "p.png", "pictures"),
        ("  b", " b", "code"),
        ("<code>x</code>", "x", "spans"),
        ("<td>d</td>", "d", "cells"),
    ],
)
def test_what_is_lost_is_seen(old: str, new: str, reason: str) -> None:
    assert reasons(BODY.replace(old, new), BODY) == [reason]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("<p>“a” – b</p>", '<p>"a" - b</p>'),
        ("<p>a</p>", "<h2>Title</h2><p>a</p>"),
        (
            '<a href="https://www.youtube.com/watch?v=abcdefgh">YouTube video</a>',
            '<iframe src="https://www.youtube.com/embed/abcdefgh"></iframe>',
        ),
        ("a<sup>1</sup>", '<p>a<sup><a href="#fn:1" class="footnote-ref">1</a></sup></p>'),
        ("<h2>a</h2>", '<h2>a <a href="#a" class="anchor">#</a></h2>'),
        ('<img src="/a.png">', '<img src="data:x" data-src="/a.png">'),
        ("a", 'a <a href="other.md"></a><script>b</script>'),
    ],
)
def test_what_is_made_different_on_purpose_is_not(ours: str, theirs: str) -> None:
    assert reasons(ours, theirs) == []


def test_what_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bodies.main([]) == bodies.main([str(tmp_path)]) == 0
    (tmp_path / "zola-docs/docs").mkdir(parents=True)
    (tmp_path / "zola-docs/docs/zola.toml").write_text("")
    bodies.main([str(tmp_path), "--only", "zola-docs", "--zola", "no-such-command"])
    said = capsys.readouterr().out.splitlines()
    assert sum("not run: no checkout of " in line for line in said) == len(bodies.SITES)
    assert "not run: give a folder" in said[0]
    assert said[-1].endswith("not run: no-such-command is not installed")
