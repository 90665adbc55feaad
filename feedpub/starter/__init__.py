"""What `feedpub init` writes: a small working site, or a config beside the files that are there."""

from __future__ import annotations

import json
from collections.abc import Collection
from importlib.resources import files
from pathlib import Path

from feedpub.core.problems import PublishError, Refused

FILES = (
    "feedpub.yaml",
    ".gitignore",
    "content/blog/2026-03-12-why-we-publish-feeds.md",
    "content/news/2026-03-02-river-sensors-go-online.md",
    "content/news/2026-03-20-flood-map-updates-itself.md",
)
"""What is written, in this order."""


_GENERATORS = {
    ("_config.yml", ""): ("jekyll", "_posts", "/{categories}/{year}/{month}/{day}/{slug}.html"),
    ("hugo.toml", ""): ("hugo", "content", "/{path:lower}/"),
    ("hugo.yaml", ""): ("hugo", "content", "/{path:lower}/"),
    ("config.toml", "baseurl"): ("hugo", "content", "/{path:lower}/"),
    ("config.toml", "base_url"): ("zola", "content", "/{folders:lower}/{slug:lower}/"),
    ("docusaurus.config.js", ""): ("docusaurus", "blog", "/blog/[{year}/{month}/{day}/]{slug}"),
    ("docusaurus.config.ts", ""): ("docusaurus", "blog", "/blog/[{year}/{month}/{day}/]{slug}"),
    ("pelicanconf.py", ""): ("pelican", "content", "/{slug}.html"),
    ("mkdocs.yml", ""): ("mkdocs", "docs", "/{path}/"),
    ("_quarto.yml", ""): ("quarto", "posts", "/posts/{path}.html"),
    (".obsidian", ""): ("obsidian", ".", "/{path}/"),
}
"""By a file that only one generator has, and a text in it: its dialect, content and addresses."""

_ABOUT = ("README", "CHANGELOG", "CONTRIBUTING", "LICENSE")
_UNREAD = (".", "_site", "node_modules")


def write(directory: Path, configs: Collection[str] = ()) -> list[Path]:
    """Write the starter site into `directory` and return the written paths in order.

    The directory and its parents are created. Beside what is there, only a config is written, which
    takes the Markdown that it finds. Raises `Refused`, with nothing written, where there is one of
    `configs` or a file is in the way, and `PublishError` when the disk does not let us.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not any(directory.iterdir()):
            return [_put(directory / name, _stored(name)) for name in FILES]
        if taken := [name for name in configs if (directory / name).exists()]:
            raise Refused(f"{directory / taken[0]} is there already: nothing was written")
        return [_put(directory / FILES[0], _beside(directory))]
    except (FileExistsError, NotADirectoryError) as error:
        raise Refused(f"{directory} cannot be a folder: a file is in the way") from error
    except OSError as error:
        raise PublishError(f"cannot write to {directory}: {error.strerror or error}") from error


def _stored(name: str) -> bytes:
    # A stored `.gitignore` would act on this repository itself.
    return files(__name__).joinpath("site", name.removeprefix(".")).read_bytes()


def _put(target: Path, data: bytes) -> Path:
    """Write `data` to `target`, which must not exist yet, and return `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:  # never over a file that appeared meanwhile
        file.write(data)
    return target


def _beside(directory: Path) -> bytes:
    """Return the config for what is in `directory`, as far as it is certain what that is."""
    root, addresses = _holder(directory), "/{path}/"
    dialect = "#dialect: hugo  # the generator whose notations these are, if there is one"
    for (sign, word), (name, usual, theirs) in _GENERATORS.items():
        file = directory / sign
        if file.exists() and (not word or word in file.read_text("utf-8", "replace").lower()):
            root = usual if (directory / usual).is_dir() else root
            dialect = (
                f"dialect: {name}  # because of {sign}: whose notations and links the files have"
            )
            addresses = theirs
            break
    # Below _site nothing is ever read, so that it may be inside the content.
    out = "_site/feeds" if root == "." else "out"
    title = json.dumps(directory.resolve().name, ensure_ascii=False)
    stored = files(__name__).joinpath("beside.yaml").read_text("utf-8")
    root = json.dumps(root, ensure_ascii=False)
    text = stored.format(root=root, out=out, title=title, dialect=dialect, addresses=addresses)
    return text.encode("utf-8", "replace")


def _holder(directory: Path) -> str:
    """Return the one folder in `directory` that holds all Markdown in it, or `.`."""
    found = (path.relative_to(directory) for path in directory.rglob("*.m*"))
    tops = {
        path.parts[0] if path.parts[1:] else "."
        for path in found
        if path.suffix in (".md", ".markdown", ".mdx")
        and not path.parts[0].startswith(_UNREAD)
        and (path.parts[1:] or path.stem.upper() not in _ABOUT)
    }
    return tops.pop() if len(tops) == 1 else "."
