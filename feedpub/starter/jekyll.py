"""Jekyll: `_config.yml`, and `CNAME`."""

from __future__ import annotations

from collections.abc import Iterator

from feedpub.core.link_template import of_jekyll
from feedpub.core.model import Value
from feedpub.starter.folder import Asked, Finding, Folder, Found, Given, Settings, Told

_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "none": "/:categories/:title:output_ext",
}


def read(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Jekyll says of itself."""
    config = folder.settings("_config.yml", "_config.yaml")
    yield from _site(folder, config)
    yield Found("content.root", ".", "the folders called _posts in it")
    posts = [f"**/_posts/**/*.{suffix}" for suffix in ("md", "markdown")]
    yield Found("content.include", posts, "all that Jekyll takes for posts")
    yield from config.at("timezone").found("content.timezone")
    yield Found("content.timezone", "UTC", "as on a server, where none is given")
    yield from _addresses(config)
    if excluded := [*_excluded(folder, config)]:
        yield Found("content.exclude", excluded, config.at("exclude").source)
    for key in ("future", "show_drafts"):
        if (given := config.at(key)).text == "true":
            yield Told(f"{given.source}: {key} has no place here: items come out at their instant")


def _site(folder: Folder, config: Settings) -> Iterator[Finding]:
    host, base = config.at("url"), config.at("baseurl").text.strip("/")
    if not host.text and (name := folder.text("CNAME").strip()):
        host = Given(f"https://{name.split()[0]}", "CNAME:1")
    if host.text:
        address = "/".join(filter(None, (host.text.rstrip("/"), base))) + "/"
        yield Found("site.url", address, host.source)
    for key, names in (("title", ("title", "name")), ("language", ("lang", "locale"))):
        for name in names:
            yield from config.at(name).found(f"site.{key}")
    yield from config.at("description").found("site.description")
    yield from config.at("author", "name").found("site.author")
    yield from config.at("author").found("site.author")


def _addresses(config: Settings) -> Iterator[Finding]:
    """Yield the templates of addresses: of the defaults of posts, their collection, or of all."""
    given = config.at("permalink")
    if config.at("collections", "posts", "permalink").text:
        given = config.at("collections", "posts", "permalink")
    inner: dict[str, str] = {}
    defaults = config.at("defaults")
    for place, permalink in _defaults(defaults.value):
        if place in ("", "_posts"):
            given = Given(permalink, defaults.source)
        elif made := _template(permalink):
            inner[place] = made
    if inner:
        yield Found("content.link_templates", inner, defaults.source)
    if made := _template(given.text or "date"):
        yield Found("content.link_template", made, given.source or "as Jekyll does")
    else:
        yield Asked("content.link_template", f"{given.source} has a part that is not known here")


def _defaults(given: Value | None) -> Iterator[tuple[str, str]]:
    """Yield the permalinks that posts have by default, with the folder in which they do."""
    for one in given if isinstance(given, list) else ():
        scope, values = (one.get("scope"), one.get("values")) if isinstance(one, dict) else ("", "")
        if isinstance(scope, dict) and isinstance(values, dict):
            place, permalink = scope.get("path", ""), values.get("permalink")
            if scope.get("type", "posts") == "posts" and isinstance(permalink, str):
                yield str(place).strip("/"), permalink


def _template(permalink: str) -> str:
    made = of_jekyll(_STYLES.get(permalink, permalink))
    return f"/{made.lstrip('/')}" if made else ""


def _excluded(folder: Folder, config: Settings) -> Iterator[str]:
    """Yield what is excluded, as far as there are posts in it."""
    for name in config.at("exclude").texts():
        path = folder.root / name.strip("/")
        if "_posts" in path.parts or (path.is_dir() and next(path.rglob("_posts"), None)):
            yield name.strip("/")
