"""Sites of Hugo and Zola that do feedpub's job: RSS and Atom of everything and of each topic.

Each feed has the newest 50 items, with title, address, id, date, topics, summary and whole content.
No page is made for an item. Standard library, and PyYAML to translate front matter for Zola.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from corpus import Corpus

_HUGO = {
    "hugo.toml": """\
baseURL = "https://feeds.example.org/"
title = "Bench"
locale = "en"
disableKinds = ["section", "taxonomy", "sitemap", "robotsTXT", "404"]
disableLiveReload = true

[taxonomies]
topic = "{key}"

[frontmatter]
date = ["publishedDateTime", "date", ":filename"]
publishDate = ["publishDate"]

[markup.highlight]
codeFences = false

[outputFormats.rss]
mediaType = "application/rss+xml"
baseName = "rss"

[outputFormats.atom]
mediaType = "application/atom+xml"
baseName = "atom"

[mediaTypes."application/atom+xml"]
suffixes = ["xml"]

[outputs]
home = ["rss", "atom"]
term = ["rss", "atom"]
page = []
""",
    "layouts/list.rss.xml": """\
{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>{{ .Title }}</title><link>{{ .Permalink }}</link><description>{{ .Title }}</description>
{{ $all := .Pages }}{{ if .IsHome }}{{ $all = site.RegularPages }}{{ end -}}
{{ range first 50 $all }}<item><title>{{ .Title }}</title>{{ $link := or .Params.webUrl (print site.BaseURL .File.ContentBaseName) -}}
<link>{{ $link }}</link><guid isPermaLink="true">{{ $link }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" | safeHTML }}</pubDate>
<description>{{ or .Params.excerpt .Description .Params.summary }}</description>
<content:encoded>{{ .Content | transform.XMLEscape | safeHTML }}</content:encoded>
{{ range .Params.{key} }}<category>{{ . }}</category>{{ end }}</item>
{{ end }}</channel></rss>
""",
    "layouts/list.atom.xml": """\
{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<feed xmlns="http://www.w3.org/2005/Atom"><id>{{ .Permalink }}</id><title>{{ .Title }}</title>
{{ $all := .Pages }}{{ if .IsHome }}{{ $all = site.RegularPages }}{{ end -}}
{{ with index (first 1 $all) 0 }}<updated>{{ .Date.Format "2006-01-02T15:04:05Z07:00" | safeHTML }}\
</updated>{{ end }}
{{ range first 50 $all }}<entry><title>{{ .Title }}</title>{{ $link := or .Params.webUrl (print site.BaseURL .File.ContentBaseName) -}}
<id>{{ $link }}</id><link rel="alternate" href="{{ $link }}"/>
<published>{{ .Date.Format "2006-01-02T15:04:05Z07:00" | safeHTML }}</published>
<updated>{{ .Date.Format "2006-01-02T15:04:05Z07:00" | safeHTML }}</updated>
<author><name>{{ with .Params.provider }}{{ .name }}{{ else }}{{ .Params.author }}{{ end }}</name></author>
<summary>{{ or .Params.excerpt .Description .Params.summary }}</summary>
<content type="html">{{ .Content | transform.XMLEscape | safeHTML }}</content>
{{ range .Params.{key} }}<category term="{{ . }}"/>{{ end }}</entry>
{{ end }}</feed>
""",
}
_ZOLA = {
    "config.toml": """\
base_url = "https://feeds.example.org"
title = "Bench"
generate_feeds = true
feed_filenames = ["rss.xml", "atom.xml"]
feed_limit = 50
build_search_index = false
compile_sass = false
minify_html = false
generate_sitemap = false
generate_robots_txt = false
taxonomies = [{ name = "topics", feed = true }]
""",
    "templates/rss.xml": """\
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>{% if term %}{{ term.name }}{% else %}Bench{% endif %}</title><link>{{ feed_url | safe }}</link>
<description>Bench</description>
{% for page in pages %}<item><title>{{ page.title }}</title>\
<link>{{ page.extra.webUrl | escape_xml | safe }}</link>
<guid isPermaLink="true">{{ page.extra.webUrl | escape_xml | safe }}</guid>
<pubDate>{{ page.date | date(format="%a, %d %b %Y %H:%M:%S %z") }}</pubDate>
<description>{{ page.description }}</description>
<content:encoded>{{ page.content | escape_xml | safe }}</content:encoded>
{% for topic in page.taxonomies.topics %}<category>{{ topic }}</category>{% endfor %}</item>
{% endfor %}</channel></rss>
""",
    "templates/atom.xml": """\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>{{ feed_url | safe }}</id>
<title>{% if term %}{{ term.name }}{% else %}Bench{% endif %}</title>
<updated>{{ last_updated | date(format="%+") }}</updated><link rel="self" href="{{ feed_url | safe }}"/>
{% for page in pages %}<entry><id>{{ page.extra.webUrl | escape_xml | safe }}</id>
<title>{{ page.title }}</title>\
<link rel="alternate" href="{{ page.extra.webUrl | escape_xml | safe }}"/>
<published>{{ page.date | date(format="%+") }}</published>
<updated>{{ page.date | date(format="%+") }}</updated>
<author><name>{{ page.extra.provider.name }}</name></author>
<summary>{{ page.description }}</summary>
<content type="html">{{ page.content | escape_xml | safe }}</content>
{% for topic in page.taxonomies.topics %}<category term="{{ topic }}"/>{% endfor %}</entry>
{% endfor %}</feed>
""",
    # It insists on these.
    **{
        f"templates/{name}.html": "-\n"
        for name in ("404", "index", "page", "section", "taxonomy_list", "taxonomy_single")
    },
}


def write_feedpub(folder: Path, corpus: Corpus, items: int, shape: str) -> None:
    """Write the corpus as it is, and a config that makes what the others make."""
    corpus.write(folder / "content", items)
    template = ', link_template: "/{slug:lower}/"' if shape == "blogs" else ""
    config = f"""\
site: {{url: "https://feeds.example.org/", title: Bench, id_domain: example.org}}
content: {{root: content{template}}}
output: {{root: public}}
state: {{root: state}}
feeds:
  {{formats: [rss, atom], pages: false, archive: "off",
    window: {{items: 50, days: 0, bytes: 100_000_000}}}}
"""
    (folder / "feedpub.yaml").write_text(config, "utf-8")


def write_hugo(folder: Path, corpus: Corpus, items: int, shape: str) -> None:
    """Write the corpus for Hugo: as it is, but for `published`, which it takes for a date."""
    key = "tags" if shape == "blogs" else "topics"
    _write(folder, {path: text.replace("{key}", key) for path, text in _HUGO.items()}.items())
    flag = re.compile(r"^published: (true|false)$", re.MULTILINE)

    def drafted(text: str) -> str:
        return flag.sub(lambda m: f"draft: {'false' if m[1] == 'true' else 'true'}", text, count=1)

    texts = (corpus.item(number) for number in range(items))
    _write(folder / "content", ((path, drafted(text)) for path, text in texts))


def write_zola(folder: Path, corpus: Corpus, items: int, shape: str) -> None:
    """Write the corpus for Zola, which wants its own keys, in TOML; not what it cannot read."""
    assert shape != "blogs"
    _write(folder, _ZOLA.items())
    texts = (corpus.item(number) for number in range(items))
    _write(folder / "content", ((path, _for_zola(text)) for path, text in texts))


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    for path, text in files:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def _for_zola(text: str) -> str:
    _, front, body = text.split("---\n", 2)
    item = yaml.load(front, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - is safe
    head = {
        "title": item.pop("title"),
        "description": item.pop("excerpt"),
        "date": item.pop("publishedDateTime"),
        "draft": not item.pop("published"),
        "render": False,
    }
    lines = [f"{key} = {_toml(value)}" for key, value in head.items()]
    lines += ["[taxonomies]", f"topics = {_toml(item.pop('topics'))}", "[extra]"]
    lines += [f"{key} = {_toml(value)}" for key, value in item.items()]
    return "\n".join(["+++", *lines, "+++", body])


def _toml(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC) if value.tzinfo else value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
