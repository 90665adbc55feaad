"""Compare all items of public sites with those that feedpub publishes: link, date and title.

    python tests/bench/takeover.py FOLDER                     # a checkout of each site of SITES
    python tests/bench/takeover.py FOLDER --only coredns --show 5

The site's own generator builds a copy with a layout that prints nothing but address, date and title
of every page; feedpub builds another copy, with the config of `feedpub init --from`, and what CONFIGS
says besides. Items are paired by their file. Hosts are not compared, as copies are built for another.
How the generators are installed: README.md beside this file.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import bodies
import yaml
from bodies import Build, NotRunError, Page, Site

from feedpub.core.dates import parse_instant
from feedpub.core.text import plain

HERE = Path(__file__).parent


def _all_of(name: str, **options: Any) -> Site:
    """Return a site of the other table with all of its items."""
    site = bodies.SITES[name]
    return site._replace(options={**site.options, **options})


_JEKYLL = {"limit_posts": 0}
_OWN = {"own_settings": True}

SITES = {
    **{
        name: _all_of(name, **_JEKYLL)
        for name in ("jekyll-news", "rails-news", "swift-blog", "bytecode-alliance")
    },
    "kubevirt": _all_of("kubevirt", **_JEKYLL)._replace(posts="_posts/**/*.m*"),
    "bitcoin-core": _all_of("bitcoin-core", **_JEKYLL),
    "mojombo": _all_of("mojombo", **_JEKYLL),
    "elixir": Site("elixir-lang/elixir-lang.github.com", "jekyll", ".", ".", "_posts/*", _JEKYLL),
    "crystal": Site("crystal-lang/crystal-website", "jekyll", ".", ".", "_posts/*", _JEKYLL),
    "scala": Site(
        "scala/scala-lang", "jekyll", ".", ".", "_posts/**/*.md", {**_JEKYLL, "without": ["_plugins"]}
    ),
    "muan": Site("muan/muan.github.io", "jekyll", ".", ".", "_posts/*", _JEKYLL),
    **{name: _all_of(name) for name in ("grpc-blog", "coredns", "harbor", "flux", "linkerd")},
    "lets-encrypt": _all_of("lets-encrypt")._replace(posts="post/*.m*"),
    "spf13": Site("spf13/spf13.com", "hugo", posts="post/**/*.md"),
    "etcd-blog": Site("etcd-io/website", "hugo", content="content/en", posts="blog/**/*.md"),
    "falco": Site("falcosecurity/falco-website", "hugo", content="content/en", posts="blog/**/*.md"),
    "tikv": Site("tikv/website", "hugo", posts="blog/**/*.md"),
    "zellij": Site(
        "zellij-org/zellij-org.github.io", "hugo", posts="news/**/*.md",
        options={"without": ["content/tutorials"]},
    ),
    "vitess": Site(
        "vitessio/website", "hugo", content="content/en", posts="blog/**/*.md",
        options={"without": ["content/en/docs", "content/zh"]},
    ),
    "zola-docs": _all_of("zola-docs")._replace(posts="themes/**/*.md"),
    "rust-blog": _all_of("rust-blog")._replace(posts="**/*.md"),
    "rust-embedded": Site("rust-embedded/blog", "zola", posts="*.md"),
    "this-week-in-rust": _all_of("this-week-in-rust", **_OWN)._replace(posts="*.m*"),
    "ludochaordic": _all_of("ludochaordic", **_OWN),
    "scott-berrevoets": _all_of("scott-berrevoets", **_OWN)._replace(posts="[bt]*/*.md"),
    "sharmaeklavya": Site("sharmaeklavya2/blog", "pelican", posts="posts/**/*.md", options=_OWN),
    "jakevdp": Site("jakevdp/PythonicPerambulations", "pelican", options=_OWN),
    "v8-blog": _all_of("v8-blog"),
    "max-boeck": _all_of("max-boeck", layouts="layouts"),
    "servo": _all_of("servo"),
    "hawksworx": _all_of("hawksworx"),
    "excellent": Site(
        "madrilene/eleventy-excellent", "eleventy", content="src", posts="posts/**/*.md",
        options={"layouts": "_layouts"},
    ),
    "nhoizey": Site(
        "nhoizey/nicolas-hoizey.com", "eleventy", content="src", posts="articles/**/*.md",
        options={"layouts": "_layouts"},
    ),
    "base-blog": Site("11ty/eleventy-base-blog", "eleventy", content="content", posts="blog/*.md"),
    "kubevela": Site(
        "kubevela/kubevela.github.io", "docusaurus", ".", "blog", "**/*.md*",
        {"trailingSlash": True},
    ),
    "chaos-mesh": Site(
        "chaos-mesh/website", "docusaurus", ".", "blog", "**/*.md*", {"trailingSlash": True}
    ),
    **{
        name: _all_of(name)._replace(posts="**/*.md*")
        for name in (
            *("prettier-blog", "babel-blog", "electron-blog", "jest-blog", "typescript-eslint"),
            "react-native",
        )
    },
}  # fmt: skip
"""Public sites, by the folder of their checkout."""

CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "servo": {"content.link_template": "/blog/{year}/{month}/{day}/{slug}/"},  # in a layout
}
"""What the config of a site says besides, key by key, as nothing that can be read says it."""


class Taken(NamedTuple):
    """What both sides are compared by; an item without a date has None."""

    link: str
    date: int | None
    title: str


# theirs --------------------------------------------------------------------------------------------


def by_node(build: Build) -> dict[str, Page]:
    """Ask Eleventy, or the blog plugin of Docusaurus: takeover.mjs."""
    tool = "docusaurus" if build.site.generator == "docusaurus" else "node_modules"
    modules = Path(build.tools[tool]).resolve()
    if not modules.is_dir():
        raise NotRunError(f"--{tool.replace('_', '-')} is not given")
    folder, site = build.folder, build.site
    asked = {
        "generator": site.generator,
        "site": str(folder),
        "content": str(folder / site.content),
        "options": dict(site.options),
        "to": str(folder / "taken.jsonl"),
    }
    (folder / "asked.json").write_text(json.dumps(asked))
    script = modules / "feedpub-takeover.mjs"
    shutil.copy(HERE / "takeover.mjs", script)  # Node.js looks for packages beside it
    bodies._run(build.tools["node"], str(script), str(folder / "asked.json"), cwd=folder)
    return bodies._lines(folder / "taken.jsonl")


def reference(
    name: str, site: Site, folder: Path, tools: Mapping[str, str], keep: Path | None
) -> dict[str, Page]:
    """Return what the generator says of each file; with `keep` it is asked once."""
    kept = keep / f"{name}.json" if keep else None
    if kept and kept.exists():
        return {path: Page(*page) for path, page in json.loads(kept.read_text()).items()}
    generate = bodies.GENERATORS[site.generator]
    if site.generator in {"eleventy", "docusaurus"}:
        generate = by_node
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "site"
        shutil.copytree(folder / name / site.root, copy, symlinks=True)
        for one in site.options.get("without", ()):  # what this version of a generator cannot read
            shutil.rmtree(copy / one)
        pages = generate(Build(site, copy, tools, bodies=False))
    if not pages:
        raise NotRunError(f"{site.generator} wrote no page")
    pages = {path: page._replace(html="") for path, page in pages.items()}
    if kept:
        kept.write_text(json.dumps(pages))
    return pages


def theirs(site: Site, folder: Path, pages: Mapping[str, Page]) -> dict[str, Taken]:
    """Return the items that the generator publishes, by their files."""
    root = folder / site.content
    counted = {file.relative_to(root).as_posix() for file in root.glob(site.posts)}
    return {
        path: Taken(_path(page.url), _instant(page.date), plain(page.title))
        for path, page in pages.items()
        if path in counted and not Path(path).name.startswith("_index.")
    }


def _path(url: str) -> str:
    parts = urlsplit(url)
    return unquote(parts.path) + (f"?{parts.query}" if parts.query else "")


def _instant(date: str, zone: tzinfo = UTC) -> int | None:
    found = parse_instant(date, zone)
    return found.seconds if found else None


# ours ----------------------------------------------------------------------------------------------


def ours(name: str, site: Site, folder: Path) -> dict[str, Taken]:
    """Return the items that feedpub publishes of a copy of a site, by their files.

    Their addresses are those below the home of the site, as copies are built without its path.
    """
    from feedpub.cli import main  # with its signals, only where it runs

    def run(*words: str) -> None:
        sys.argv = ["feedpub", *words]
        said = io.StringIO()
        try:
            with redirect_stdout(said), redirect_stderr(said):
                main()
        except SystemExit as end:
            if end.code:
                raise NotRunError(
                    f"feedpub ended with {end.code}: {said.getvalue()[-900:]}"
                ) from None

    with tempfile.TemporaryDirectory() as temporary:
        copy, new = Path(temporary) / "site", Path(temporary) / "new"
        shutil.copytree(folder / name / site.root, copy, symlinks=True)
        config_file = new / "feedpub.yaml"
        run("init", "--from", str(copy), str(new))
        config: dict[str, Any] = yaml.safe_load(config_file.read_text())
        for key, value in CONFIGS.get(name, {}).items():
            group, _, part = key.partition(".")
            config.setdefault(group, {})[part] = value
        window = {"items": 100_000, "bytes": 100_000_000}
        config["feeds"] = {"formats": ["json"], "by": [], "pages": False, "window": window}
        config.setdefault("state", {})["ledger"] = "ledger.txt"
        config_file.write_text(json.dumps(config, default=str, ensure_ascii=False))
        run("--config", str(config_file), "build", "--quiet")
        root = (new / config["content"]["root"]).resolve()
        above = os.path.relpath(root, (copy / site.content).resolve())
        lines = map(json.loads, (new / "ledger.txt").read_text().split("\n")[1:-1])
        stories = [line["story"] for line in lines if "story" in line]
        paths = {one["id"]: os.path.normpath(f"{above}/{one['path']}") for one in stories}
        out = new / config.get("output", {}).get("root", "out")
        documents = [json.loads(file.read_text()) for file in out.rglob("*.json")]
    items = [item for document in documents for item in document.get("items", ())]
    home = urlsplit(config["site"].get("home") or config["site"]["url"]).path.rstrip("/")
    return {
        paths[item["id"]]: Taken(
            _path(item["url"]).removeprefix(home),
            _instant(item["date_published"]),
            plain(item.get("title", "")),
        )
        for item in items
    }


# both ----------------------------------------------------------------------------------------------

REASONS = ("missing", "link", "date", "title")


def differences(mine: Taken | None, other: Taken) -> Iterator[str]:
    """Yield what differs; an item that has no date there may have any."""
    if mine is None:
        yield "missing"
        return
    for reason, our, their in zip(REASONS[1:], mine, other, strict=True):
        if reason == "title":
            our, their = (re.sub(r"\W+", " ", str(each)).strip() for each in (our, their))
        if our != their and not (reason == "date" and their is None):
            yield reason


def measure(
    name: str,
    site: Site,
    mine: Mapping[str, Taken],
    their: Mapping[str, Taken],
    more: list[str],
    show: int,
) -> str:
    """Return the line of the table for a site; print the first `show` differences of each kind."""
    found, right = Counter[str](), 0
    for path, other in sorted(their.items()):
        reasons = [*differences(mine.get(path), other)]
        right += not reasons
        found.update(reasons)
        for reason in reasons:
            if found[reason] <= show:
                print(f"{name}: {reason}: {path}\n   ours   {mine.get(path)}\n   theirs {other}")
    for path in more[:show]:
        print(f"{name}: only ours: {path} {mine[path]}")
    there = len(their) - found["missing"]
    equal = (there - found[reason] * (reason != "missing") for reason in REASONS)
    counts = " | ".join(f"{number:5}" for number in equal)
    share = 100 * right / len(their) if their else 0
    return (
        f"| {name:17} | {site.generator:10} | {len(their):5} | {counts} | {share:5.1f} |"
        f" {len(more):9} |"
    )


HEAD = f"""
| {"site":17} | {"generator":10} | items | there | link  | date  | title | all % | only ours |
| {"-" * 17} | {"-" * 10} | ----: | ----: | ----: | ----: | ----: | ----: | --------: |"""


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    if (given := bodies.asked(arguments, "takeover", __doc__, SITES, "--docusaurus")) is None:
        return 0
    lines = list[str]()
    for name in given.only:
        site = SITES[name]
        try:
            if not (given.folder / name).is_dir():
                raise NotRunError(f"no checkout of {site.repository}")
            pages = reference(name, site, given.folder, vars(given), given.keep)
            their = theirs(site, given.folder / name / site.root, pages)
            mine = ours(name, site, given.folder)
            unread = tuple(f"{one}/" for one in site.options.get("without", ()))
            more = sorted(
                path
                for path in mine
                if path not in pages and not f"{site.content}/{path}".startswith(unread)
            )
            lines.append(measure(name, site, mine, their, more, given.show))
        except NotRunError as error:
            print(f"takeover: {name} is not measured: {error}", file=sys.stderr)
    print("\n".join([HEAD, *lines]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
