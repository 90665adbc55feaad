"""A small site on disk, built by the real command line."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
from command import MODULE, Run, run_here, run_process

EPOCH = 1_767_225_600
"""2026-01-01T00:00:00Z: the instant of a build that names no other."""

DAY = 86_400

TOPICS = ("AI", "C++", "人工智能", "Rivers", "Web")
DRAFT, UNDATED, WITH_BODY, LINKING, LINKED = "i02.md", "i03.md", "i04.md", "i05.md", "i06.md"
COUNT = 12
OUT_AT_FIRST = COUNT - 1
"""Items that are out after the first build: all but the draft."""

Files = dict[str, bytes]


class Site:
    """A site in `root`: feedpub.yaml, content/, out/, state/ and the text ledger."""

    def __init__(self, root: Path, *, ledger: bool = False) -> None:
        self.root = root
        self.content = root / "content"
        self.out = root / "out"
        self.state = root / "state"
        self.ledger = root / "ledger.jsonl"
        self.config: dict[str, dict[str, Any]] = {
            "site": {
                "title": "Small site",
                "url": "https://feeds.example.org/",
                "home": "https://www.example.org/",
                "id_domain": "example.org",
            },
            "content": {"root": "content"},
            "output": {"root": "out"},
            "state": {"root": "state", **({"ledger": "ledger.jsonl"} if ledger else {})},
        }
        self.content.mkdir(parents=True)
        self.configure()

    def configure(self, **groups: dict[str, Any]) -> None:
        """Merge `groups` into the config and write it (JSON is YAML)."""
        for name, keys in groups.items():
            self.config.setdefault(name, {}).update(keys)
        (self.root / "feedpub.yaml").write_text(json.dumps(self.config), encoding="utf-8")

    def write(self, path: str, body: str = "", **fields: Any) -> Path:
        """Write one item; a field that is None is left out."""
        file = self.content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in fields.items() if v]
        text = "\n".join(["---", *lines, "---", body])
        file.write_text(text, encoding="utf-8")
        return file

    def fill(self, numbers: range = range(COUNT)) -> Site:
        """Write the usual items: one an undated one, one a draft, one that links to another."""
        for number in numbers:
            self.write(name(number), body_of(number), **fields_of(number))
        return self

    def edit(self, number: int, **fields: Any) -> Path:
        """Write one of the usual items again, some fields changed."""
        return self.write(name(number), body_of(number), **{**fields_of(number), **fields})

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the arguments of feedpub for a command about this site."""
        return ["--config", str(self.root / "feedpub.yaml"), *map(str, arguments)]

    def run(self, *arguments: str | Path, epoch: int = EPOCH, cwd: Path | None = None) -> Run:
        """Run feedpub in this process."""
        where = cwd or self.root
        return run_here(*self.command(*arguments), cwd=where, SOURCE_DATE_EPOCH=str(epoch))

    def run_process(
        self,
        *arguments: str | Path,
        epoch: int = EPOCH,
        cwd: Path | None = None,
        launcher: tuple[str | Path, ...] = MODULE,
        **env: str,
    ) -> Run:
        """Run feedpub in a new process, where the process, or how it starts, is the point."""
        env = {"SOURCE_DATE_EPOCH": str(epoch), **env}
        command = self.command(*arguments)
        return run_process(*command, cwd=cwd or self.root, launcher=launcher, **env)

    def build(self, *options: str | Path, epoch: int = EPOCH) -> dict[str, Any]:
        """Build, which must succeed, and return the report."""
        done = self.run("build", "--report", "json", *options, epoch=epoch)
        assert done.code == 0, (done.code, done.stderr, done.stdout)
        return done.report

    def feeds(self) -> Files:
        """Return every file in out/ that is no temporary one, by path."""
        return {
            path: data
            for path, data in files_below(self.out).items()
            if not path.startswith(".feedpub-")
        }

    def looks(self) -> dict[str, tuple[int, int]]:
        """Return mtime and inode of every file in out/: what tells a rewritten file."""
        return {
            path.relative_to(self.out).as_posix(): (path.stat().st_mtime_ns, path.stat().st_ino)
            for path in self.out.rglob("*")
            if path.is_file()
        }

    def ids(self) -> dict[str, str]:
        """Return the id of every item in the feed of everything, by title."""
        feed = feedparser.parse((self.out / "atom.xml").read_bytes())
        return {entry.title: entry.id for entry in feed.entries}

    def copy(self, root: Path, *parts: str) -> Site:
        """Return another site in `root` with the same config and copies of these parts."""
        other = Site(root)
        other.config = json.loads(json.dumps(self.config))
        other.configure()
        for part in ("content", *parts):
            source, target = self.root / part, other.root / part
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True, copy_function=shutil.copy)
            else:
                shutil.copy(source, target)
        return other


def name(number: int) -> str:
    """Return the file name of one of the usual items."""
    return f"i{number:02}.md"


def body_of(number: int) -> str:
    """Return the Markdown body of one of the usual items."""
    return "Some *text* with a [link](/elsewhere).\n" if name(number) == WITH_BODY else ""


def fields_of(number: int) -> dict[str, Any]:
    """Return the front matter of one of the usual items."""
    file, first = name(number), TOPICS[number % len(TOPICS)]
    second = TOPICS[(number * 3 + 1) % len(TOPICS)]
    return {
        "title": f"Item {number}",
        "excerpt": f"What item {number} says",
        "webUrl": url(number),
        "publishedDateTime": None if file == UNDATED else f"2025-12-{number + 1:02}T08:00:00Z",
        "topics": sorted({first, second}),
        "heat": 5,
        "quality": 10 + number,
        "draft": "true" if file == DRAFT else None,
        "related": [{"title": "Our own", "webUrl": url(6)}] if file == LINKING else None,
    }


def url(number: int) -> str:
    """Return where one of the usual items is read."""
    return f"https://www.example.org/{number}"


def files_below(root: Path) -> Files:
    """Return the bytes of every file below `root`, by relative path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@cache  # the same files are met after each of many ends
def check_whole(path: str, data: bytes) -> None:
    """A reader makes sense of the file, whichever it is."""
    if path.endswith(".xml"):
        assert not feedparser.parse(data).bozo, path
    elif path.endswith(".json"):
        told = json.loads(data)
        assert (told["feeds"] if path == "feeds.json" else told["items"]) is not None, path
    elif path.endswith(".opml"):
        assert ElementTree.fromstring(data).tag == "opml", path
    elif path.endswith((".css", ".js")):
        assert data.rstrip().endswith(b"}"), path
    else:
        assert data.rstrip().endswith(b"</html>"), path
