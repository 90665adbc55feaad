"""Blogs as the usual site generators want them, built with just the keys that every site needs.

The documents have the shapes that real blogs of Jekyll, Hugo, Zola, Eleventy and Docusaurus have
(section 0, "Dialects"); the addresses expected are those that the generators themselves make.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import feedparser
import pytest
from command import run_here
from small_site import Site

HOME = "https://blog.example"
NOW = "1767225600"  # 2026-01-01T00:00:00Z

pytestmark = [pytest.mark.timeout(90), pytest.mark.usefixtures("unmeasured")]


class Post(NamedTuple):
    """An item as subscribers should see it; `content` is a part of the body that must be there."""

    title: str
    link: str
    published: str
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    summary: str = ""
    content: str = ""


@dataclass(frozen=True)
class Blog:
    """A blog: its files by path, its link_template, what is out and how many files are not."""

    name: str
    link_template: str
    files: dict[str, str]
    posts: tuple[Post, ...]
    counts: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


JEKYLL = Blog(
    name="jekyll",
    link_template="/{year}/{month}/{day}/{slug}.html",
    files={
        "_posts/2024-03-21-Hello-World.md": """---
layout: post
title:  "Hello, World &amp; All"
date:   2024-03-21 23:30:00 -0700
categories: Meta
author: jane
---
We begin with a [picture](/assets/a.png).

{% highlight ruby %}
puts "{{ not.run }}"
{% endhighlight %}
""",
        "_posts/2024-03-22-no-date.markdown": """---
title: No date
tags: [Notes, "C++"]
---
{% include figure.html %}

See [the first]({% post_url 2024-03-21-Hello-World %}), says *Jane*.

And {{ site.title }}.
""",
        "_posts/2024-03-23-elsewhere.md": """---
title: Elsewhere
permalink: /about/elsewhere/
last_modified_at: 2024-04-01T08:00:00Z
---
{% raw %}Write `{{ page.title }}`.{% endraw %}
""",
        "_posts/2024-03-24-pattern.md": """---
title: A pattern
permalink: /:categories/:title/
excerpt: An excerpt of its own.
---
Body.
""",
        "_posts/2024-03-25-hidden.md": "---\ntitle: Hidden\npublished: false\n---\nx\n",
        "_posts/2099-01-01-future.md": "---\ntitle: Future\n---\nx\n",
        "_drafts/idea.md": "---\ntitle: Idea\n---\nx\n",
        "_site/2024/03/21/copy.md": "---\ntitle: Copy\n---\nx\n",
        "README.md": "# No front matter\n",
    },
    posts=(
        Post("A pattern", "/2024/03/24/pattern.html", "2024-03-24T00:00:00Z",
             summary="An excerpt of its own.", content="Body."),
        Post("Elsewhere", "/about/elsewhere/", "2024-03-23T00:00:00Z",
             summary="Write {{ page.title }}.", content="<code>{{ page.title }}</code>"),
        Post("Hello, World & All", "/2024/03/21/Hello-World.html", "2024-03-22T06:30:00Z",
             ("Meta",), ("jane",), "We begin with a picture.",
             '<pre><code class="language-ruby">puts "{{ not.run }}"'),
        Post("No date", "/2024/03/22/no-date.html", "2024-03-22T00:00:00Z", ("Notes", "C++"),
             summary="See the first, says Jane.", content="the first</a>, says <em>Jane</em>.</p>"),
    ),
    counts={"withheld": 1, "scheduled": 1, "not_items": 1},
    problems=("template-code",),
)  # fmt: skip

HUGO = Blog(
    name="hugo",
    link_template="/posts/{slug:lower}/",
    files={
        "_index.md": "---\ntitle: Posts\n---\n",
        "My-First-Post.md": """+++
title = 'My "first" post'
date = 2024-03-21T23:30:00-07:00
lastmod = 2024-05-01
draft = false
tags = ["Go", "AI"]
categories = ["Development"]
weight = 10
[params]
author = "Ann Lee"
+++

The summary, with **marks**.

<!--more-->

The rest.
""",
        "bundle/index.md": """---
title: A bundle
date: 2024-03-20
description: What it is about.
author: "[Bo](https://bo.example/), Example Inc."
cover:
  image: cover.jpg
  alt: The cover
---
![Figure](figure-1.png)
""",
        "slugged.md": '{\n "title": "In JSON",\n "date": "2024-03-19",\n "slug": "OTHER"\n}\n\nText.\n',
        "own.md": "---\ntitle: Own address\ndate: 2024-03-18\nurl: /own/\n---\n{{< youtube x >}}\n\nSeen.\n",
        "embargo.md": "---\ntitle: Embargo\ndate: 2099-01-01\n---\nx\n",
        "draft.md": "+++\ntitle = 'Draft'\ndate = 2024-03-16\ndraft = true\n+++\nx\n",
    },
    posts=(
        Post('My "first" post', "/posts/my-first-post/", "2024-03-22T06:30:00Z", ("Go", "AI"),
             ("Ann Lee",), "The summary, with marks.", "<p>The rest.</p>"),
        Post("A bundle", "/posts/bundle/", "2024-03-20T00:00:00Z", (), ("Bo, Example Inc.",),
             "What it is about.", 'src="https://blog.example/posts/bundle/figure-1.png"'),
        Post("In JSON", "/posts/other/", "2024-03-19T00:00:00Z", summary="Text.", content="Text."),
        Post("Own address", "/own/", "2024-03-18T00:00:00Z", summary="Seen.", content="YouTube video</a>"),
    ),
    counts={"withheld": 1, "scheduled": 1, "not_items": 1},
)  # fmt: skip

ZOLA = Blog(
    name="zola",
    link_template="/{path}/",
    files={
        "_index.md": "+++\ntitle = 'Blog'\nsort_by = 'date'\n+++\n",
        "Release-1.0.md": """+++
path = "2024/03/21/Release-1.0"
title = "Release 1.0"
authors = ["The Team", "Jo"]
aliases = ["releases/1.0"]

[taxonomies]
tags = ["release"]

[extra]
featured = true
+++

It is *out*.

<!-- more -->

Thanks.
""",
        "posts/notes/index.md": "+++\ntitle = 'Notes'\ndate = 2024-03-20\n+++\n# Notes\n\nText.\n",
        "posts/wip.md": "+++\ntitle = 'WIP'\ndate = 2024-03-20\ndraft = true\n+++\nx\n",
    },
    posts=(
        Post("Release 1.0", "/2024/03/21/Release-1.0/", "2024-03-21T00:00:00Z", ("release",),
             ("The Team", "Jo"), "It is out.", "<p>Thanks.</p>"),
        Post("Notes", "/posts/notes/", "2024-03-20T00:00:00Z", summary="Text.", content="Text."),
    ),
    counts={"withheld": 1, "not_items": 1},
)  # fmt: skip

ELEVENTY = Blog(
    name="eleventy",
    link_template="/blog/{slug}/",
    files={
        "first.md": """---
title: First
description: A post on agile frameworks.
date: 2024-03-21
tags: another tag
layout: layouts/post.njk
eleventyNavigation: {key: First}
---
<a href="/about/">About</a>
""",
        "second/second.md": """---json
{
  "title": "Second",
  "date": "2024-03-20T10:00:00Z",
  "tags": ["posts", "number 2"],
  "permalink": "/blog/{{ page.fileSlug }}/"
}
---
<img src="./possum.png" alt="A possum">

Text.
""",
        "2024-03-19-third.md": "---\ntitle: Third\ndate: Git Created\n---\nOnly {{ metadata.title }}.\n",
        "draft.md": "---\ntitle: Draft\ndate: 2024-03-18\ndraft: true\n---\nx\n",
    },
    posts=(
        Post("First", "/blog/first/", "2024-03-21T00:00:00Z", ("another tag",),
             summary="A post on agile frameworks.", content='href="https://blog.example/about/"'),
        Post("Second", "/blog/second/", "2024-03-20T10:00:00Z", ("posts", "number 2"),
             summary="Text.", content='src="https://blog.example/blog/second/possum.png"'),
        Post("Third", "/blog/third/", "2024-03-19T00:00:00Z"),
    ),
    counts={"withheld": 1},
    problems=("template-code",),
)  # fmt: skip

DOCUSAURUS = Blog(
    name="docusaurus",
    link_template="/blog/[{year}/{month}/{day}/]{slug}",
    files={
        "authors.yml": "ann:\n  name: Ann Lee\n",
        "2024-03-21-plain.md": """---
title: 'Plain: a `<Text />` post'
authors: [ann, {name: Bo, url: https://bo.example/}]
tags: [{label: Release, permalink: /release}, blog]
hide_table_of_contents: false
---

It begins.

<!-- truncate -->

:::note

Take *note*.

:::
""",
        "2024-03-20-folder/index.mdx": """---
slug: welcome
title: Welcome
author: Cy
authorURL: https://cy.example/
---
import Tabs from '@theme/Tabs';

<Tabs groupId="os" />

Outside of them.
""",
        "2024/03/19/dated.mdx": """---
slug: /deep/er
---

# The heading is the title

Text.

{/* truncate */}

<p style={{textAlign: 'center'}}>Centred</p>
""",
        "2024-03-18-draft.md": "---\ntitle: Draft\ndraft: true\n---\nx\n",
        "2024-03-17-unlisted.md": "---\ntitle: Unlisted\nunlisted: true\n---\nx\n",
    },
    posts=(
        Post("Plain: a `<Text />` post", "/blog/2024/03/21/plain", "2024-03-21T00:00:00Z",
             ("Release", "blog"), ("Ann Lee", "Bo"), "It begins.", "<p>Take <em>note</em>.</p>"),
        Post("Welcome", "/blog/welcome", "2024-03-20T00:00:00Z", (), ("Cy",),
             "Outside of them.", "<p>Outside of them.</p>"),
        Post("The heading is the title", "/blog/deep/er", "2024-03-19T00:00:00Z",
             summary="Text.", content="<p>Centred</p>"),
    ),
    counts={"withheld": 2},
    problems=("template-code",),
)  # fmt: skip

BLOGS = [JEKYLL, HUGO, ZOLA, ELEVENTY, DOCUSAURUS]


def feedpub(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run a command in `folder` and return its report."""
    run = run_here(*arguments, "--report", "json", cwd=folder, SOURCE_DATE_EPOCH=NOW)
    assert not run.stderr, run.stderr
    return run.report


def write(blog: Blog, folder: Path) -> None:
    """Write the files of `blog` and a config with no other keys than a site needs."""
    for path, text in blog.files.items():
        file = folder / "source" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    config = {
        "site": {"url": "https://feeds.example/", "home": f"{HOME}/", "title": "Blog"},
        "content": {"root": "source", "link_template": blog.link_template},
    }
    (folder / "feedpub.yaml").write_text(json.dumps(config), encoding="utf-8")


def documents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all feeds by path."""
    files = sorted((folder / "out").rglob("*.xml"))
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


class Built(NamedTuple):
    """A blog that was built once, and the report of that."""

    blog: Blog
    folder: Path
    report: dict[str, Any]

    def entries(self, file: str) -> list[Any]:
        """Return the entries of one feed as an independent parser reads them."""
        feed = feedparser.parse((self.folder / "out" / file).read_bytes())
        assert not feed.bozo
        return list(feed.entries)


@pytest.fixture(scope="module", params=BLOGS, ids=lambda blog: blog.name)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build one of the blogs; tests must not change it."""
    folder = tmp_path_factory.mktemp(request.param.name)
    write(request.param, folder)
    return Built(request.param, folder, feedpub(folder, "build"))


def date(entry: Any) -> str:
    """Return the instant of publication as RFC 3339."""
    return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*entry.published_parsed[:6])


@pytest.mark.parametrize("file", ["rss.xml", "atom.xml"])
def test_section_0_titles_links_dates_and_tags_are_those_of_the_site(
    built: Built, file: str
) -> None:
    found = [
        (entry.title, entry.link, date(entry), tuple(tag.label or tag.term for tag in entry.tags))
        if entry.get("tags")
        else (entry.title, entry.link, date(entry), ())
        for entry in built.entries(file)
    ]
    expected = [
        (post.title, HOME + post.link, post.published, post.tags) for post in built.blog.posts
    ]
    assert found == expected


def test_section_0_authors_are_the_names_that_the_front_matter_or_its_authors_file_gives(
    built: Built,
) -> None:
    found = [
        tuple(author.name for author in e.get("authors", ())) for e in built.entries("atom.xml")
    ]
    assert found == [post.authors for post in built.blog.posts]


@pytest.mark.parametrize("file", ["rss.xml", "atom.xml"])
def test_section_1_every_item_has_an_excerpt_and_what_can_be_shown_of_its_body(
    built: Built, file: str
) -> None:
    for entry, post in zip(built.entries(file), built.blog.posts, strict=True):
        contents = " ".join(part.value for part in entry.get("content", ()))
        unescaped = re.sub("&quot;", '"', contents)
        assert post.content in unescaped
        if post.summary:
            assert entry.summary.replace("&lt;", "<").replace("&amp;", "&") == post.summary


def test_s3_drafts_and_what_is_not_yet_due_are_out_and_counted(built: Built) -> None:
    items = built.report["items"]
    counts = {name: n for name, n in items.items() if n and name not in ("seen", "published")}
    assert counts == built.blog.counts
    assert items["published"] == len(built.blog.posts)


def test_check_has_no_more_to_say_than_what_costs_a_body(built: Built) -> None:
    problems = feedpub(built.folder, "check")["problems"]
    told = {problem["code"] for problem in problems if problem["severity"] != "info"}
    assert told == set(built.blog.problems)
    assert {p["code"] for p in problems} <= {*built.blog.problems, "date-no-offset"}


def test_every_tag_has_a_feed(built: Built) -> None:
    tags = {tag for post in built.blog.posts for tag in post.tags}
    folders = list((built.folder / "out" / "topics").glob("*/rss.xml"))
    assert len(folders) == len(tags)


def test_i3_ids_are_the_same_in_both_formats_and_without_the_ledger(
    built: Built, tmp_path: Path
) -> None:
    ids = [entry.id for entry in built.entries("atom.xml")]
    assert ids == [entry.id for entry in built.entries("rss.xml")]
    assert len(set(ids)) == len(ids)
    write(built.blog, tmp_path)
    feedpub(tmp_path, "build")
    assert documents(tmp_path) == documents(built.folder)
    again = feedpub(tmp_path, "build", "--full")
    assert again["feeds"]["written"] == 0
    assert documents(tmp_path) == documents(built.folder)


# what only a dialect knows of addresses, titles and dates: as the generators themselves make them


class Kept(NamedTuple):
    """A small site: its dialect, its config, its files by path, and the items that it has."""

    dialect: str
    content: dict[str, Any]
    files: dict[str, str]
    items: set[tuple[str, str, str]]


SITES = {
    "jekyll": Kept(
        "jekyll",
        {"root": ".", "link_template": "/{categories}/{year}/{month}/{day}/{slug}.html"},
        {
            "_posts/2024-05-06-a-KubeVirt-note.md": "layout: post",
            "blog/_posts/2024-05-07-b.md": "title: B\ndate: 2024-05-07 01:00:00 +0200",
        },
        {
            ("A Kubevirt Note", "/2024/05/06/a-KubeVirt-note.html", "2024-05-06T00:00:00Z"),
            ("B", "/blog/2024/05/06/b.html", "2024-05-06T23:00:00Z"),
        },
    ),
    "hugo": Kept(
        "hugo",
        {"link_template": "/{path:lower}/"},
        {
            "post/a.md": "title: A\ndate: 2024-05-06\nurl: /Foo/Bar",
            "post/b.md": "title: B\ndate: 2024-05-06\nurl: x/y.html",
            "post/c.md": "title: C\ndate: 2024-05-06\nlink: /x/c",
            "post/d.md": "title: D\npublished: 2024-05-06T10:00:00Z",
            "post/e.md": "title: E\ndate: 2024-05-06\npublished: false",
        },
        {
            ("A", "/Foo/Bar/", "2024-05-06T00:00:00Z"),
            ("B", "/x/y.html", "2024-05-06T00:00:00Z"),
            ("C", "/x/c", "2024-05-06T00:00:00Z"),
            ("D", "/post/d/", "2024-05-06T10:00:00Z"),
        },
    ),
    "zola": Kept(
        "zola",
        {"link_template": "/{folders:lower}/{slug:lower}/", "undated": "first-seen"},
        {
            "themes/2024-03-04-Paper_mod.x/index.md": "title: A",
            "themes/b.md": "title: B\ndate: 2024-05-06\nslug: Ünder ß",
            "themes/c.md": "title: C\ndate: 2024-05-06\npath: 2024/Rust-1.0",
        },
        {
            ("A", "/themes/paper-mod-x/", "2024-03-04T00:00:00Z"),
            ("B", "/themes/under-ss/", "2024-05-06T00:00:00Z"),
            ("C", "/2024/Rust-1.0/", "2024-05-06T00:00:00Z"),
        },
    ),
    "zola by path": Kept(
        "zola",
        {"link_template": "/{path}/"},
        {"Docs/A_b.md": "title: A\ndate: 2024-05-06"},
        {("A", "/Docs/a-b/", "2024-05-06T00:00:00Z")},
    ),
    "docusaurus": Kept(
        "docusaurus",
        {"link_template": "/blog/[{year}/{month}/{day}/]{slug}", "timezone": "America/New_York"},
        {
            "2024-05-06-first.md": "date: 2024-05-09",
            "more/2024-5-7-second.md": "title: B",
            "plain.md": "title: C\ndate: 2024-05-09",
            "2024-05-08-third.md": "title: D\nslug: own",
        },
        {
            ("first", "/blog/2024/05/06/first", "2024-05-09T04:00:00Z"),
            ("B", "/blog/2024/5/7/more/second", "2024-05-07T04:00:00Z"),
            ("C", "/blog/plain", "2024-05-09T04:00:00Z"),
            ("D", "/blog/own", "2024-05-08T04:00:00Z"),
        },
    ),
    "pelican": Kept(
        "pelican",
        {"link_template": "/{category}/{slug}.html"},
        {
            "Code Notes/a.md": "title: A\ndate: 2024-05-06",
            "b.md": "title: B\ndate: 2024-05-06",
            "c.md": "title: C\ndate: 2024-05-06\ncategory: Own",
        },
        {
            ("A", "/code-notes/a.html", "2024-05-06T00:00:00Z"),
            ("B", "/misc/b.html", "2024-05-06T00:00:00Z"),
            ("C", "/own/c.html", "2024-05-06T00:00:00Z"),
        },
    ),
    "eleventy": Kept(
        "eleventy",
        {"link_template": "/blog/{slug}/", "link_templates": {"t": "/t/{title}/"}},
        {
            "posts/wiggle/2024-05-06-index.md": "title: A",
            "posts/2024-05-07-b/index.md": "title: B",
            "t/c.md": 'title: "What\'s new in 2.0 & up?"\ndate: 2024-05-08',
        },
        {
            ("What's new in 2.0 & up?", "/t/whats-new-in-2-0-and-up/", "2024-05-08T00:00:00Z"),
            ("A", "/blog/wiggle/", "2024-05-06T00:00:00Z"),
            ("B", "/blog/b/", "2024-05-07T00:00:00Z"),
        },
    ),
    "obsidian": Kept(
        "obsidian",
        {"link_template": "/{slug}/"},
        {"2024-07-05 Meeting.md": "tags: [a]", "b.md": "created: 2024-07-06"},
        {
            ("2024-07-05 Meeting", "/Meeting/", "2024-07-05T00:00:00Z"),
            ("b", "/b/", "2024-07-06T00:00:00Z"),
        },
    ),
}


def kept(root: Path, site: Kept, **groups: Any) -> Site:
    """Write a small site."""
    made = Site(root)
    content = {"dialect": site.dialect, **site.content}
    made.configure(content={**content, "root": "content"}, site={"home": f"{HOME}/"}, **groups)
    for path, front in site.files.items():
        made.write(path).write_text(f"---\n{front}\n---\nText of {path}.\n")
    return made


def items_of(site: Site, file: str = "feed.json") -> set[tuple[str, str, str]]:
    """Return title, link and date of all items."""
    found = json.loads((site.out / file).read_text())["items"]
    return {(i["title"], i["url"].removeprefix(HOME), i["date_published"]) for i in found}


def test_t1_a_tag_of_obsidian_may_have_its_sign(tmp_path: Path) -> None:
    def topics_in(dialect: str) -> set[str]:
        files = {"a.md": 'date: 2024-07-06\ntags: ["#idea", plan]'}
        site = kept(tmp_path / dialect, Kept(dialect, {"link_template": "/{slug}/"}, files, set()))
        site.build()
        return {folder.name for folder in (site.out / "topics").iterdir()}

    assert topics_in("obsidian") == {"idea", "plan"}
    assert topics_in("hugo") == {"sharp-idea", "plan"}


@pytest.mark.parametrize("name", SITES)
def test_a_dialect_has_the_addresses_titles_and_dates_of_its_generator(
    name: str, tmp_path: Path
) -> None:
    site = kept(tmp_path, SITES[name])
    site.build()
    assert items_of(site) == SITES[name].items


TRANSLATED = Kept(
    "hugo",
    {
        "link_template": "/{language}/{path:lower}/",
        "link_templates": {"news": "/{locale}/n/{slug}/"},
        "languages": ["en", "ja", "pt-BR"],
    },
    {
        "post/a.md": "title: A\ndate: 2024-05-06\nid: one",
        "post/a.ja.md": "title: A\ndate: 2024-05-06\nid: one",
        "ja/post/b/index.md": "title: B\ndate: 2024-05-07",
        "post/b/index.pt-br.md": "title: B\ndate: 2024-05-07",
        "news/f.md": "title: F\ndate: 2024-05-08",
        "pt-br/news/c.md": "title: C\ndate: 2024-05-08",
        "post/d.ja.md": "title: D\ndate: 2024-05-08\nurl: own/d",
        "post/e.ja.md": "title: E\ndate: 2024-05-08\nlang: ko",
    },
    set(),
)


def test_i2_translations_by_folder_or_name_are_items_of_their_own_with_their_language(
    tmp_path: Path,
) -> None:
    site = kept(tmp_path, TRANSLATED, feeds={"by": ["language"]})
    site.build()
    found = json.loads((site.out / "feed.json").read_text())["items"]
    assert {(i["url"].removeprefix(HOME), i["language"]) for i in found} == {
        ("/post/a/", "en"),
        ("/en/n/f/", "en"),
        ("/ja/post/a/", "ja"),
        ("/ja/post/b/", "ja"),
        ("/pt-br/post/b/", "pt-BR"),
        ("/pt-br/n/c/", "pt-BR"),
        ("/ja/own/d/", "ja"),
        ("/ja/post/e/", "ko"),
    }
    assert len({i["id"] for i in found}) == len(found)
    japanese = items_of(site, "languages/ja/feed.json")
    assert {link for _, link, _ in japanese} == {"/ja/post/a/", "/ja/post/b/", "/ja/own/d/"}
    atom = feedparser.parse((site.out / "languages/ja/atom.xml").read_bytes())
    assert {entry.title_detail.language for entry in atom.entries} == {"ja"}


def test_d6_what_lies_beside_the_index_of_a_leaf_bundle_of_hugo_is_no_item(tmp_path: Path) -> None:
    files = {
        "post/a/index.md": "title: A\ndate: 2024-05-06",
        "post/a/notes.md": "title: Notes\ndate: 2024-05-06",
        "post/a/deep/index.md": "title: Deep\ndate: 2024-05-06",
        "post/a/snippet.md": "headless: false",
        "post/b.md": "title: B\ndate: 2024-05-07",
    }
    site = kept(tmp_path, Kept("hugo", {"link_template": "/{path}/"}, files, set()))
    report = site.build()
    assert {title for title, _, _ in items_of(site)} == {"A", "B"}
    assert (report["items"]["undated"], report["items"]["quarantined"]) == (3, 0)
    site.write("post/a/more.md").write_text("---\ntitle: More\ndate: 2024-05-06\n---\n")
    site.build()
    assert {title for title, _, _ in items_of(site)} == {"A", "B"}


def test_d6_what_was_out_stays_where_its_folder_becomes_a_leaf_bundle(tmp_path: Path) -> None:
    files = {"post/a/notes.md": "title: Notes\ndate: 2024-05-06"}
    site = kept(tmp_path, Kept("hugo", {"link_template": "/{path}/"}, files, set()))
    site.build()
    site.configure(state={"ledger": "ledger.txt"})
    site.build()
    site.write("post/a/index.md").write_text("---\ntitle: A\ndate: 2024-05-06\n---\n")
    site.build("--full")
    assert {title for title, _, _ in items_of(site)} == {"A", "Notes"}
    shutil.rmtree(site.state)
    site.build()
    assert {title for title, _, _ in items_of(site)} == {"A", "Notes"}


def test_s3_what_a_section_of_hugo_cascades_withholds_all_below_it(tmp_path: Path) -> None:
    files = {
        "_index.md": "cascade: {author: A}",
        "in/_index.md": "cascade:\n  build: {list: never, render: never}",
        "in/a.md": "title: A\ndate: 2024-05-06",
        "in/deep/b.md": "title: B\ndate: 2024-05-06",
        "in/own.md": "title: Own\ndate: 2024-05-06\nbuild: {list: always, render: always}",
        "drafts/_index.md": "cascade:\n- draft: true\n- {target: {path: /x}, headless: true}",
        "drafts/c.md": "title: C\ndate: 2024-05-06",
        "post/_index.md": "cascade:\n- target: {path: /x}\n  headless: true",
        "post/d.md": "title: D\ndate: 2024-05-06",
    }
    site = kept(tmp_path, Kept("hugo", {"link_template": "/{path}/"}, files, set()))
    assert site.build()["items"]["withheld"] == 3
    assert {title for title, _, _ in items_of(site)} == {"D", "Own"}
    site.write("drafts/_index.md").write_text("---\ntitle: Drafts\n---\n")
    site.build()
    assert {title for title, _, _ in items_of(site)} == {"C", "D", "Own"}
    site.write("post/_index.md").write_text("---\ncascade: {draft: true}\n---\n")
    site.build()
    assert {title for title, _, _ in items_of(site)} == {"C", "Own"}
