"""`feedpub init --from` a site whose config is a program: it is read as far as literals go, not run."""

from __future__ import annotations

from pathlib import Path

from test_init_from import link, take

# --- Pelican -------------------------------------------------------------------------------------

PELICAN = """\
AUTHOR = SITENAME = "Harbour notes"
SITEURL = ""
TIMEZONE = "Europe/Berlin"
DEFAULT_LANG = u"pt_BR"
PATH = "content"
ARTICLE_URL = "{date:%Y}/{date:%-m}/{slug}/"
ARTICLE_SAVE_AS = ARTICLE_URL + "index.html"
FEED_MAX_ITEMS = 7
raise SystemExit("it was run")
"""
PUBLISHED = """\
from pelicanconf import *
HOST = "x.example"
SITEURL = f"https://{HOST}/notes"
"""
AN_ARTICLE = {
    "content/2024/what.md": "Title: What is new\nDate: 2024-05-06 23:30\n\nIt says something.\n"
}


def test_pelican_says_all_and_nothing_is_edited(tmp_path: Path) -> None:
    page = {"content/pages/about.md": AN_ARTICLE["content/2024/what.md"]}
    files = {"pelicanconf.py": PELICAN, "publishconf.py": PUBLISHED, **AN_ARTICLE, **page}
    taken = take(tmp_path, files)
    assert link(taken) == "https://x.example/notes/2024/5/what-is-new/"
    assert taken.rss.count("<item>") == 1, "a page is no article"
    assert taken.rss.count("<pubDate>Mon, 06 May 2024 21:30:00") == 1
    assert taken.config["site"] == {
        "url": "https://x.example/notes",
        "home": "https://x.example/notes",
        "title": "Harbour notes",
        "language": "pt-BR",
        "author": {"name": "Harbour notes"},
    }
    assert taken.config["feeds"]["window"] == {"items": 7, "days": 0}
    assert "  url: https://x.example/notes  # publishconf.py:3\n" in taken.text
    assert "yours" not in taken.said.stdout
