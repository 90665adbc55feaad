"""Jekyll: `_config.yml`, and `CNAME`."""

from __future__ import annotations

from collections.abc import Iterator

from feedpub.core.link_template import of_jekyll
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
    yield from config.at("timezone").found("content.timezone")
    yield from _addresses(config)
    if excluded := [*_excluded(folder, config)]:
        source = config.at("exclude").source or config.at("collections").source
        yield Found("content.exclude", excluded, source)
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
            given = config.at(name)
            yield from given._replace(value=given.text.replace("_", "-")).found(f"site.{key}")
    yield from config.at("description").found("site.description")
    author = (
        config.at("author", "name") if config.at("author", "name").text else config.at("author")
    )
    if author.text:
        yield Found("site.author", {"name": author.text}, author.source)


def _addresses(config: Settings) -> Iterator[Finding]:
    """Yield the template of addresses: of the defaults of posts, their collection, or of all."""
    given = config.at("permalink")
    if config.at("collections", "posts", "permalink").text:
        given = config.at("collections", "posts", "permalink")
    defaults = config.at("defaults")
    for one in defaults.value if isinstance(defaults.value, list) else ():
        scope, values = one.get("scope"), one.get("values")
        if isinstance(scope, dict) and isinstance(values, dict) and "permalink" in values:
            where = f"{scope.get('type', 'posts')}/{scope.get('path', '')}".strip("/")
            if where in ("posts", "posts/_posts"):
                given = Given(values["permalink"], defaults.source)
    pattern = _STYLES.get(given.text or "date", given.text)
    if template := of_jekyll(pattern):
        yield Found("content.link_template", template, given.source or "as Jekyll does")
    else:
        yield Asked("content.link_template", f"{given.source} has a part that is not known here")


def _excluded(folder: Folder, config: Settings) -> Iterator[str]:
    for name in config.at("exclude").texts():
        if name.endswith((".md", ".markdown")):
            yield name
        elif name.endswith("/") or (folder.root / name).is_dir():
            yield f"{name.strip('/')}/**"
    others = config.at("collections").value
    yield from (f"_{name}/**" for name in others or () if name != "posts")
