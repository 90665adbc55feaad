"""`feedpub init`: what the starter site holds, and that it never touches anything that is there."""

from __future__ import annotations

import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import run_here

from feedpub import config, starter
from feedpub.core.problems import PublishError, Refused

STORED = Path(starter.__file__).parent / "site"


def front_matter(path: Path) -> dict[str, Any]:
    _, head, _ = path.read_text("utf-8").split("---\n", 2)
    front: dict[str, Any] = yaml.safe_load(head)
    return front


def items(directory: Path) -> dict[str, dict[str, Any]]:
    return {path.name: front_matter(path) for path in sorted(directory.glob("content/**/*.md"))}


def tree(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_writes_every_file_and_returns_them_in_order(tmp_path: Path) -> None:
    written, *_ = starter.write(tmp_path / "site")
    assert [path.relative_to(tmp_path / "site").as_posix() for path in written] == [
        "feedpub.yaml",
        ".gitignore",
        "content/blog/2026-03-12-why-we-publish-feeds.md",
        "content/news/2026-03-02-river-sensors-go-online.md",
        "content/news/2026-03-20-flood-map-updates-itself.md",
    ]
    assert set(tree(tmp_path / "site")) == set(starter.FILES)


def test_files_are_the_packaged_ones_byte_for_byte(tmp_path: Path) -> None:
    starter.write(tmp_path)
    for name in starter.FILES:
        assert (tmp_path / name).read_bytes() == (STORED / name.removeprefix(".")).read_bytes()


def test_two_starters_are_equal(tmp_path: Path) -> None:
    starter.write(tmp_path / "one")
    starter.write(tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_wheel_every_stored_file_is_listed_and_inside_the_package() -> None:
    packaged = files("feedpub.starter").joinpath("site")
    stored = {path.relative_to(STORED).as_posix() for path in STORED.rglob("*") if path.is_file()}
    assert stored == {name.removeprefix(".") for name in starter.FILES}
    assert all(packaged.joinpath(source).is_file() for source in stored)


def test_wheel_no_stored_name_is_hidden() -> None:
    """A stored `.gitignore` would hide out/ of the repository from git and from the wheel."""
    assert not [path for path in STORED.rglob("*") if path.name.startswith(".")]


def test_creates_parents(tmp_path: Path) -> None:
    starter.write(tmp_path / "a" / "b" / "site")
    assert (tmp_path / "a" / "b" / "site" / "feedpub.yaml").is_file()


def test_accepts_an_empty_directory(tmp_path: Path) -> None:
    assert all(path.is_file() for path in starter.write(tmp_path)[0])


def test_accepts_a_relative_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    starter.write(Path("site"))
    assert (tmp_path / "site" / "feedpub.yaml").is_file()


@pytest.mark.parametrize("name", config.NAMES)
def test_refuses_where_there_is_a_config(tmp_path: Path, name: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / name).write_text("mine")
    with pytest.raises(Refused, match=re.escape(f"{tmp_path / name} is there already")) as caught:
        starter.write(tmp_path)
    assert caught.value.exit_code == 3
    assert tree(tmp_path) == {name: b"mine"}


POST = "---\ntitle: A post\ndate: 2024-05-05\n---\nIt says something.\n"
BESIDE = {
    "a plain folder": ({"a.md": POST, "more/b.md": POST}, ".", "", "a/"),
    "one folder with all": (
        {"notes/x/a.md": POST, "README.md": "# x", "node_modules/x/index.md": "# x"},
        "notes",
        "",
        "x/a/",
    ),
    "a vault": ({".obsidian/app.json": "{}", "a.md": POST}, ".", "obsidian", "a/"),
    "hugo": (
        {"hugo.toml": "", "content/posts/A.md": POST, "x.md": ""},
        "content",
        "hugo",
        "posts/a/",
    ),
    "older hugo": ({"config.toml": "baseURL=''", "content/a.md": POST}, "content", "hugo", "a/"),
    "zola": (
        {"config.toml": "base_url=''", "content/news/2024-05-05-a.md": POST},
        "content",
        "zola",
        "news/a/",
    ),
    "jekyll": (
        {"_config.yml": "", "_posts/2024-05-05-a.md": POST, "about.md": "# x"},
        ".",
        "jekyll",
        "2024/05/05/a.html",
    ),
    "docusaurus": (
        {"docusaurus.config.ts": "", "blog/2024-05-05-a.md": POST, "docs/b.md": POST},
        "blog",
        "docusaurus",
        "blog/2024/05/05/a",
    ),
    "nothing yet": ({".git/HEAD": "x"}, ".", "", ""),
}


@pytest.mark.parametrize(("given", "root", "dialect", "address"), BESIDE.values(), ids=BESIDE)
def test_beside_files_it_writes_a_config_for_them_and_touches_nothing(
    given: dict[str, str], root: str, dialect: str, address: str, tmp_path: Path
) -> None:
    place = tmp_path / "a: {b} “c”"
    for name, text in given.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    before = tree(place)
    done = run_here("init", ".", cwd=place)
    assert done.code == 0
    assert done.stdout.startswith("wrote feedpub.yaml\n\nOnly you know site.title: ")
    assert tree(place) == before | {"feedpub.yaml": (place / "feedpub.yaml").read_bytes()}
    loaded = config.load(place / "feedpub.yaml")
    assert (loaded.content.root, loaded.content.dialect) == (place / root, dialect)
    assert loaded.site.title == place.name
    built = run_here("build", cwd=place, SOURCE_DATE_EPOCH="1800000000")
    assert (built.code, "error" in built.stderr) == (0, False), built.stderr
    feeds = [file.read_text("utf-8") for file in loaded.output.root.rglob("*.xml")]
    feed = next(feed for feed in feeds if "<rss" in feed)
    assert f"<link>https://www.example.org/{address}</link>" in feed


@pytest.mark.parametrize("below", ["", "site", "deep/er"])
def test_refuses_where_a_file_is_in_the_way(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(Refused, match="a file is in the way"):
        starter.write(tmp_path / "taken" / below)
    assert tree(tmp_path) == {"taken": b"mine"}


def test_without_a_folder_it_is_this_one_and_nothing_is_asked(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    for folder in (tmp_path / "empty", notes):
        folder.mkdir()
    (notes / "note.md").write_text("---\ntitle: A note\ndate: 2024-05-05\n---\n", encoding="utf-8")
    for folder, count in ((tmp_path / "empty", 3), (notes, 1)):
        done = run_here("init", cwd=folder)
        assert (done.code, done.stderr) == (0, "")
        assert "wrote feedpub.yaml\n" in done.stdout
        built = run_here("build", "--report", "json", cwd=folder)
        assert built.report["items"]["published"] == count


def test_refuses_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "site").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refused):
        starter.write(tmp_path / "site")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_read_only_parent_is_a_publish_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PublishError, match="cannot write"):
            starter.write(tmp_path / "site")
    finally:
        tmp_path.chmod(0o700)


def test_disk_failure_is_a_publish_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(PublishError, match="No space left"):
        starter.write(tmp_path / "site")


def test_config_has_what_a_first_build_needs(tmp_path: Path) -> None:
    starter.write(tmp_path)
    text = (tmp_path / "feedpub.yaml").read_text("utf-8")
    keys = yaml.safe_load(text)
    assert set(keys) <= {"site", "content", "output", "feeds"}
    assert set(keys["site"]) == {"title", "url", "home", "description"}
    assert keys["content"] == {"root": "content"}
    assert keys["output"] == {"root": "out"}
    assert text.count("#") >= 8


def test_config_is_accepted_and_its_state_is_what_gitignore_names(tmp_path: Path) -> None:
    starter.write(tmp_path)
    loaded = config.load(tmp_path / "feedpub.yaml")
    assert loaded.content.root == tmp_path / "content"
    assert loaded.output.root == tmp_path / "out"
    assert loaded.state.root == tmp_path / ".feedpub"


def test_gitignore_names_what_feedpub_makes(tmp_path: Path) -> None:
    starter.write(tmp_path)
    lines = (tmp_path / ".gitignore").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["out/", ".feedpub/"]


def test_items_show_the_full_shape_a_blog_post_and_a_link_between_items(tmp_path: Path) -> None:
    starter.write(tmp_path)
    found = items(tmp_path)
    full = found["2026-03-02-river-sensors-go-online.md"]
    linking = found["2026-03-20-flood-map-updates-itself.md"]
    post = found["2026-03-12-why-we-publish-feeds.md"]
    assert len(found) == 3
    assert {"topics", "related", "images", "provider", "webUrl"} <= set(full)
    assert {"width", "height", "url", "title"} <= set(full["images"][0])
    assert full["webUrl"] in [link["webUrl"] for link in linking["related"]]
    assert set(post) == {"title", "date", "link", "tags"}


def test_every_item_has_an_address_without_link_template(tmp_path: Path) -> None:
    starter.write(tmp_path)
    for front in items(tmp_path).values():
        assert (front.get("webUrl") or front["link"]).startswith("https://www.example.org/")
