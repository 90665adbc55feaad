"""Jekyll: `_config.yml`, and `CNAME`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedpub.core.link_template import of_jekyll
from feedpub.starter.folder import YOURS, Finding, Folder, Found, Given, Settings

_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "none": "/:categories/:title:output_ext",
}
USUAL = "/{categories}/{year}/{month}/{day}/{slug}.html"
_FEEDS = ("feed.xml", "atom.xml", "rss.xml", "index.xml")
_POSTS = ["**/_posts/**/*.md", "**/_posts/**/*.markdown"]


def read(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Jekyll says of itself."""
    config = folder.settings("_config.yml", "_config.yaml")
    host, name = config.at("url"), folder.text("CNAME").split()
    if not host.text and name:
        host = Given(f"https://{name[0]}", "CNAME:1")
    yield from host.below(config.at("baseurl")).found("site.url")
    yield from config.said()
    yield from config.at("source").found("content.root")
    yield Found("content.include", _POSTS, "as Jekyll does")
    excluded = config.at("exclude")
    names = [one.strip("/") for one in excluded.texts() if folder.has(one)]
    if hidden := [one for one in names if next((folder.root / one).rglob("_posts"), None)]:
        yield Found("content.exclude", hidden, excluded.source)
    yield from _addresses(config)
    yield from _feeds(folder, config)
    for key in ("future", "show_drafts"):
        if (given := config.at(key)).text == "true":
            yield f"{key} ({given.source}) has no match: items come out at their instant"


def _feeds(folder: Folder, config: Settings) -> Iterator[Finding]:
    """Yield what the plugin makes, or templates of the site's own."""
    plugins, path = config.at("plugins", "gems"), config.at("feed.path")
    if "jekyll-feed" in plugins.texts():
        yield from folder.feeds([path.text or _FEEDS[0]], path.source or plugins.source)
        yield Found("feeds.window", {"items": 10, "days": 0}, "as jekyll-feed does")
    own = [name for name in _FEEDS if folder.text(name).startswith("---")]
    yield from folder.feeds(own, "where the site has its own")
    for name in own:
        if title := re.search("<title>([^<{]+)</title>", folder.text(name)):
            yield from Given(title[1], name).found("site.title")


def _addresses(config: Settings) -> Iterator[Finding]:
    """Yield the templates of addresses: of the defaults of posts, their collection, or of all."""
    given = config.at("collections.posts.permalink", "permalink")
    defaults, inner = config.at("defaults"), dict[str, str]()
    for one in defaults.value:
        values = Settings((("", one, {}),))
        place, permalink = values.at("scope.path").text, values.at("values.permalink").text
        if permalink and values.at("scope.type").text in ("", "posts"):
            inner[place.strip("/")] = _template(permalink)
            if place.strip("/") in ("", "_posts"):
                given = Given(permalink, defaults.source)
    if inner := {place: made for place, made in inner.items() if place and made}:
        yield Found("content.link_templates", inner, defaults.source)
    if made := _template(given.text):
        yield Found("content.link_template", made, given.source)
    elif given.text:
        why = f"{YOURS}{given.source} has a part that is not known here"
        yield Found("content.link_template", None, why)


def _template(permalink: str) -> str:
    made = of_jekyll(_STYLES.get(permalink, permalink))
    return f"/{made.lstrip('/')}" if re.search("{(title|slug)", made) else ""
