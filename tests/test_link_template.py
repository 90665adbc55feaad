"""The addresses of items that give none: what fills `content.link_template`, and who shares one."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from small_site import DAY, EPOCH, Site

from feedpub.core.fields import Rules
from feedpub.core.model import Document, Value
from feedpub.core.normalize import normalize

HOME = "https://user.example.org/project/"
FRONT: dict[str, Value] = {"title": "What's new, C++?", "date": "2024-05-06T07:08:09Z"}


def made(
    template: str, path: str = "notes/web/2024-01-02-a-note.md", dialect: str = "", **front: Value
) -> str:
    """Return the address that an item gets, relative to home."""
    rules = Rules(home=HOME, link_template=template, dialect=dialect)
    found = normalize(Document(path, FRONT | front, ""), rules).item
    return found.link.removeprefix(HOME) if found else ""


@pytest.mark.parametrize("template", ["/blog/{slug}/", "blog/{slug}/", "./blog/{slug}/"])
@pytest.mark.parametrize(
    "home", [HOME, "https://user.example.org/project", f"{HOME}index.html", "https://x.example/"]
)
def test_a_template_is_relative_to_home_with_its_path(
    tmp_path: Path, template: str, home: str
) -> None:
    site = Site(tmp_path)
    site.configure(site={"home": home}, content={"link_template": template})
    site.write("2024-01-01-a.md", title="A")
    site.build()
    folder = home.removesuffix("index.html").rstrip("/")
    assert f"<link>{folder}/blog/a/</link>" in rss(site)


@pytest.mark.parametrize("template", ["/project/blog/{slug}", "/blog/{slug}", "blog/{slug}"])
def test_a_template_with_the_path_of_home_does_not_have_it_twice(template: str) -> None:
    assert made(template) == "blog/a-note"
    assert made("/projects/{slug}") == "projects/a-note"


@pytest.mark.parametrize(
    ("site", "template"),
    [
        ({"url": "https://x.example/"}, "/{slug}"),
        ({"url": "https://x.example/feeds/", "home": "https://x.example/"}, "/{slug}"),
        ({"url": "https://x.example/feeds/", "home": None}, "https://x.example/{slug}"),
    ],
)
def test_home_may_be_left_out_where_nothing_hangs_on_it(
    tmp_path: Path, site: dict[str, str], template: str
) -> None:
    found = Site(tmp_path)
    del found.config["site"]["home"]
    found.configure(site=site, content={"link_template": template})
    found.write("a.md", title="A")
    found.build()
    assert "<link>https://x.example/a</link>" in rss(found)


def test_a_template_with_a_host_is_an_address_of_its_own() -> None:
    assert made("https://other.example/{slug}") == "https://other.example/a-note"
    assert made("//other.example/{slug}") == "https://other.example/a-note"


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("{path}", "notes/web/2024-01-02-a-note"),
        ("{folders}/{slug}", "notes/web/a-note"),
        ("{title}", "whats-new-c"),
        ("{year}/{month}/{day}/{slug}", "2024/05/06/a-note"),
        ("{i_month}/{i_day}/{slug}", "5/6/a-note"),
        ("{hour}-{minute}-{second}/{slug}", "07-08-09/a-note"),
        ("{category}/{slug}", "a-note"),
        ("blog/{categories}/{slug}", "blog/a-note"),
    ],
)
def test_each_placeholder_has_its_part(template: str, address: str) -> None:
    assert made(template) == address


def test_a_slug_that_is_given_comes_before_the_title_where_the_template_says_so() -> None:
    assert made("{slug_or_title}") == "whats-new-c"
    assert made("{slug_or_title}", slug="news") == "news"
    assert made("{title}", slug="news") == "whats-new-c"
    assert made("{title}", title="") == "a-note"
    assert unquote(made("{title}", title="हिन्दी – में")) == "हिन्दी-में"


def test_an_index_with_a_date_stands_for_its_folder_in_eleventy() -> None:
    assert made("{slug}", "posts/a-note/2024-01-02-index.md", "eleventy") == "a-note"
    assert made("{slug}", "2024-01-02-index.md", "eleventy") == "index"
    assert made("{slug}", "posts/a-note/2024-01-02-index.md") == "index"


def test_hugo_keeps_more_signs_of_a_title() -> None:
    assert made("{title}", dialect="hugo") == "whats-new-c%2B%2B"
    assert made("{title}", dialect="hugo", title="v1.0 and/or -  2") == "v1.0-and/or-2"


@pytest.mark.parametrize(
    ("dialect", "name", "slug"),
    [
        ("jekyll", "über uns", "über-uns"),
        ("jekyll", "A -- b: c?", "A-b-c"),
        ("jekyll", "v1.2 (a+b) & more", "v1.2-(a+b)-&-more"),
        ("jekyll", "हिन्दी में", "हिन्दी-में"),
        ("hugo", "über uns", "über-uns"),
        ("hugo", "A - b: c?", "A-b-c"),
        ("hugo", "a--b & c", "a--b-c"),
        ("hugo", "हिन्दी में", "हिन्दी-में"),
        ("hugo", "?", "?"),
        ("", "A - b: c?", "A - b: c?"),
        ("eleventy", "a b", "a b"),
    ],
)
def test_jekyll_and_hugo_have_dashes_in_names(dialect: str, name: str, slug: str) -> None:
    assert unquote(made("{slug}", f"posts/2024-01-02-{name}.md", dialect)) == slug
    assert unquote(made("{slug}", dialect=dialect, slug=name)) == slug
    assert unquote(made("{slug_or_title}", dialect=dialect, slug=name)) == slug


def test_a_path_of_hugo_has_dashes_and_ends_with_the_slug_that_is_given() -> None:
    path = "My notes/2024-01-02-a note.md"
    assert made("{path}", path, "hugo") == "My-notes/2024-01-02-a-note"
    assert made("{path:lower}", path, "hugo", slug="Other name") == "my-notes/other-name"
    assert made("{path}", "posts/a/index.md", "hugo", slug="b") == "posts/b"
    assert made("{folders}/{slug}", path, "hugo") == "My-notes/a-note"
    assert made("{path}", path, "jekyll", slug="b") == "My%20notes/2024-01-02-a%20note"


@pytest.mark.parametrize(
    ("permalink", "address"),
    [
        ("/p/:year/:i_month/:title.html", "p/2024/5/A-note.html"),
        ("/:categories/:slug:output_ext", "web/a-note.html"),
        ("/p/:y_day/:title/", "made/A-note"),
        ("https://x.example/:8080/", "https://x.example/:8080/"),
        ("/p/plain/", "p/plain/"),
    ],
)
def test_an_item_of_jekyll_may_have_a_template_of_its_own(permalink: str, address: str) -> None:
    path, front = "2024-01-02-A-note.md", {"permalink": permalink, "category": "Web"}
    assert made("made/{slug}", path, "jekyll", **front) == address
    if ":" in permalink and "//" not in permalink:
        assert made("made/{slug}", path, "eleventy", **front) == "made/A-note"


def test_a_part_of_such_a_template_that_is_not_known_is_told() -> None:
    rules = Rules(home=HOME, link_template="/{slug}/", dialect="jekyll")
    for permalink, codes in ("/:y_day/:title/", ["field-invalid"]), ("/:year/:title/", []):
        found = normalize(Document("a.md", FRONT | {"permalink": permalink}, ""), rules)
        assert [one.code for one in found.problems] == codes


@pytest.mark.parametrize(
    ("front", "path", "first"),
    [
        ({"categories": ["Web Dev", "C#"]}, "web%20dev/c%23", "web-dev"),
        ({"categories": "One, Two"}, "one/two", "one"),
        ({"categories": "One Two"}, "one%20two", "one-two"),
        ({"category": "One, Two"}, "one%2C%20two", "one-two"),
        ({"category": "One", "categories": ["Two"]}, "one", "one"),
        ({"taxonomies": {"categories": ["Zola"]}}, "zola", "zola"),
        ({"categories": [{"label": "News"}]}, "news", "news"),
        ({"categories": ["A", "a ", "A"]}, "a/a", "a"),
    ],
)
def test_categories_are_a_path(front: dict[str, Value], path: str, first: str) -> None:
    assert made("{categories}/{slug}", **front) == f"{path}/a-note"
    assert made("{category}/{slug}", **front) == f"{first}/a-note"


def test_categories_of_jekyll_are_words_and_the_folders_of_its_posts() -> None:
    path = "Web/tools/_posts/2024-01-02-a-note.md"
    template = "{categories}/{slug}.html"
    assert made(template, path, "jekyll", categories="One Two") == "web/tools/one/two/a-note.html"
    assert made(template, path, "jekyll", category="One Two") == "web/tools/one%20two/a-note.html"
    assert made(template, "_posts/a.md", "jekyll", category="One") == "one/a.html"
    assert made(template, "old_posts/a.md", "jekyll") == "a.html"
    assert made(template, path) == "a-note.html"


def test_hours_are_those_of_the_calendar() -> None:
    rules = Rules(
        home=HOME, link_template="{day}T{hour}/{slug}", calendar=ZoneInfo("Pacific/Auckland")
    )
    found = normalize(Document("a.md", FRONT, ""), rules).item
    assert found
    assert found.link == f"{HOME}06T19/a"


def rss(site: Site) -> str:
    return (site.out / "rss.xml").read_text(encoding="utf-8")


def shared(site: Site, day: int = 0) -> dict[str, str]:
    """Build; return what is said of addresses, by path."""
    problems = site.build(epoch=EPOCH + day * DAY)["problems"]
    return {p["path"]: p["message"] for p in problems if p["code"] == "address-shared"}


def test_two_items_with_one_address_are_a_problem_that_names_both(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.configure(content={"link_template": "/blog/{slug}/"})
    for path in ("de/a.md", "en/a.md", "en/b.md"):
        site.write(path, title=path, date="2025-01-01T00:00:00Z")
    assert "content/de/a.md: warning: has the address of en/a.md too" in site.run("check").stdout
    told = shared(site)
    assert [*told] == ["de/a.md"]
    assert "en/a.md" in told["de/a.md"]
    assert len(site.ids()) == 3, "all are out"
    assert shared(site, 1) == told, "as long as it is so, it is said"
    site.write("en/a.md", title="en/a.md", date="2025-01-01T00:00:00Z", slug="b")
    told = shared(site, 2)
    assert [*told] == ["en/a.md"]
    assert "en/b.md" in told["en/a.md"]
    (site.content / "en/b.md").unlink()
    assert shared(site, 3) == {}


def test_an_address_that_a_template_makes_may_be_given_to_another_item(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.configure(content={"link_template": "/blog#{slug}"})
    when = "2025-01-01T00:00:00Z"
    site.write("a.md", title="A", date=when)
    site.write("b.md", title="B", date=when)
    site.write("c.md", title="C", date=when, link="https://www.example.org/c")
    site.write("d.md", title="D", date=when, id="d", link="https://www.example.org/c")
    told = shared(site)
    assert [*told] == ["c.md"]
    assert "d.md" in told["c.md"]
    site.write("d.md", title="D", date=when, id="d", link="https://www.example.org/c", draft="true")
    assert shared(site, 1) == {}


def test_a_new_meaning_of_a_template_changes_neither_ids_nor_updated(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.configure(content={"link_template": "/blog/{slug}/"})
    site.write("a.md", title="A", date="2025-01-01T00:00:00Z")
    site.build()
    ids = site.ids()
    site.configure(site={"home": HOME}, content={"link_template": "/posts/{title}/"})
    site.build(epoch=EPOCH + DAY)
    assert site.ids() == ids
    assert f"<link>{HOME}posts/a/</link>" in rss(site)
    assert "atom:updated" not in rss(site)


@pytest.mark.parametrize(
    ("dialect", "link", "address"),
    [
        ("jekyll", "/blog/a/", f"{HOME}blog/a/"),
        ("hugo", "/project/blog/a/", f"{HOME}blog/a/"),
        ("eleventy", "blog/a/", f"{HOME}blog/a/"),
        ("", "/blog/a/", "https://user.example.org/blog/a/"),
        ("jekyll", "//other.example/a/", "https://other.example/a/"),
    ],
)
def test_a_permalink_of_a_generator_is_below_home_with_its_path(
    dialect: str, link: str, address: str
) -> None:
    rules = Rules(home=HOME, dialect=dialect)
    found = normalize(Document("a.md", FRONT | {"permalink": link}, ""), rules).item
    assert found
    assert found.link == address


@pytest.mark.parametrize(
    ("path", "address"),
    [("a.md", "all/a"), ("news/a.md", "n/a"), ("news/x/y/a.md", "deep/a"), ("newsy/a.md", "all/a")],
)
def test_a_folder_may_have_a_template_of_its_own(path: str, address: str) -> None:
    templates = {"news": "/n/{slug}", "news/x": "/deep/{slug}"}
    rules = Rules(home=HOME, link_template="/all/{slug}", link_templates=templates)
    found = normalize(Document(path, FRONT, ""), rules).item
    assert found
    assert found.link == HOME + address


def test_a_folder_of_the_config_has_its_addresses(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.configure(content={"link_templates": {"/news/": "/n/{slug}"}, "link_template": "/{slug}"})
    site.write("a.md", title="A")
    site.write("news/b.md", title="B")
    site.build()
    assert "/n/b</link>" in rss(site)
    assert "org/a</link>" in rss(site)
