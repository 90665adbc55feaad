"""Links from one source file to another lead to the other item, wherever that is (C9).

A site generator lets an author link to `other.md`, `@/blog/other.md` or `{filename}other.md`. When a
file is read such a link is marked, by an address that no host has (RFC 2606 §2), and when an entry
is composed it gets the address that the other item has then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from html import escape, unescape
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from feedpub.core.stories import Story  # which knows the key of its file from here

from feedpub.core import urls

HOST = "https://source.invalid/"
"""Where marked links lead; the rest is the path of the other file, perhaps only its end."""

_SUFFIXES = ("md", "mdx", "markdown", "mdown", "mkd", "qmd", "rst", "adoc", "ipynb")
_SUFFIX = re.compile(rf"\.(?:{'|'.join(_SUFFIXES)}|html?)\Z", re.IGNORECASE)
_SOURCE = re.compile(rf"[^?#]*\.(?:{'|'.join(_SUFFIXES)})(?=[?#]|\Z)", re.IGNORECASE).match
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//").match
_FILE = re.compile(r"(?![/#]|[a-zA-Z]+:)[^?#]*\.\w{1,5}(?=[?#]|\Z)").match
_ESCAPED = re.compile("%7[bc]", re.IGNORECASE).match
_OTHER_FILE = re.compile(
    r"@/(?:[^/?#]+/)+[^/?#]+\.(?:css|csv|gif|gz|jpe?g|js|json|mp[34]|pdf|png|svg|txt"
    r"|webp|xml|ya?ml|zip)(?=[?#]|\Z)",
    re.IGNORECASE,
).match
_MAY_BE_PAGE = re.compile(r"(?![a-zA-Z][\w+.-]*:|//|#)[^?#]*?/?[^./?#]+/?(?:#|\Z)").match
_PELICAN = re.compile(r"[{|](filename|author|category|tag|index|static|attach|photo)[}|]/?").match
_ADDRESSED = re.compile(
    r"""(<(a|img)\b[^<>]*?\s(?:href|src)=)(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>=`]+))""",
    re.IGNORECASE,
)
_MARKED = re.compile(
    rf'<a(?P<before>[^<>]*) href="{re.escape(HOST)}(?P<path>[^"#?]*)'
    r'(?:\?(?P<other>[^"#]*))?(?P<part>#[^"]*)?"'
    r"(?P<after>[^<>]*)>(?P<words>.*?)</a>",
    re.DOTALL,
)


def marked(html: str, path: str, dialect: str = "") -> str:
    """Return the HTML of the file at `path` with its links to other source files marked.

    Notations for files that are no items get the address that the generator gives them. Hugo takes
    any address without a suffix for a page, if there is one (`../other`, `/docs/other#part`).
    MkDocs takes the address of a file to begin at the source file, not at the page of that.
    """

    def told(found: re.Match[str]) -> str:
        given = unescape(found[3] or found[4] or found[5] or "").strip()
        address = _address(unquote(given) if _ESCAPED(given) else given, path)
        if address is None and dialect == "hugo" and _MAY_BE_PAGE(given):
            address = _perhaps(given, path)
        if address is None and dialect == "mkdocs" and _FILE(given):
            address = "/" + normpath(join(dirname(path), given)).lstrip("./")
        if address is None or (found[2].lower() == "img" and address.startswith(HOST)):
            return found[0]
        return f'{found[1]}"{escape(address)}"'

    return _ADDRESSED.sub(told, html)


def targets(html: str) -> list[str]:
    """Return where the links and pictures of a body lead, as it is written there."""
    return [unescape("".join(found[2:])) for found in _ADDRESSED.findall(html)]


def _address(given: str, path: str) -> str | None:
    """Return what takes the place of an address as it is written, None if it can stay."""
    if given.startswith("@site/"):  # Docusaurus
        given = given.removeprefix("@site")
        return given.removeprefix("/static") if not _SOURCE(given) else _mark(given, "")
    if given.startswith("pathname://"):  # Docusaurus: as it is
        return given.removeprefix("pathname://")
    if given.startswith("@/"):  # Zola, and what Jekyll links to by its path
        return given[1:] if _OTHER_FILE(given) else _mark(given[1:], "")
    if found := _PELICAN(given):
        return _of_pelican(found, given[found.end() :], path)
    if _SCHEME(given):
        return None
    if _SOURCE(given):
        return _mark(given, path)
    _, is_static, file = given.partition("../static/")
    return f"/{file}" if is_static else None


def _of_pelican(notation: re.Match[str], rest: str, path: str) -> str:
    """Return the address that Pelican gives what follows `{filename}`, `{static}` and the like."""
    kind, from_root = notation[1], notation[0].endswith("/")
    if kind == "index":
        return "/"
    if kind in {"author", "category", "tag"}:  # what they list has no file
        return _mark(f"/{notation[0]}{rest}", "")
    if kind == "filename" and _SUFFIX.search(rest.partition("#")[0]):
        return _mark(f"/{rest}" if from_root else rest, path)
    if kind == "attach":
        return rest.rpartition("/")[2]
    return f"/{rest}" if from_root else "/" + normpath(join(dirname(path), rest))


def _mark(target: str, path: str) -> str:
    """Return the address that marks a link to `target`, seen from the file at `path`.

    The page of a section (`_index.md`) is no item: its address is that of its folder.
    """
    target, _, part = target.partition("#")
    target = unquote(target.partition("?")[0])
    whole = normpath(join("/", dirname(path), target)).lstrip("/.")
    is_section = whole.rpartition("/")[2].startswith("_index.")
    address = "/" + quote(dirname(whole) + "/").lstrip("/") if is_section else HOST + quote(whole)
    return address + (f"#{part}" if part else "")


def _perhaps(given: str, path: str) -> str:
    """Return the mark of what may be a page; after `?` is the address if it is none."""
    is_beside = not given.startswith((".", "/")) and basename(path).startswith("index.")
    marked, _, part = _mark(given, dirname(path) if is_beside else path).partition("#")
    return f"{marked}?{quote(given.partition('#')[0], safe='')}" + (f"#{part}" if part else "")


def key(path: str) -> str:
    """Return the key by which the item of a file is found: its name alone, in small letters."""
    return f"file:{(_parts(path) or [''])[-1]}"


def _parts(path: str) -> list[str]:
    """Return the folders and the name of a source file; an index goes by the name of its folder."""
    parts = [part for part in _SUFFIX.sub("", path).casefold().split("/") if part]
    return parts[:-1] if parts[1:] and parts[-1] in {"index", "_index", "readme"} else parts


def keys(html: str) -> set[str]:
    """Return the keys of the items that marked links lead to."""
    return {key(unquote(a["path"])) for a in _MARKED.finditer(html)} if HOST in html else set()


def only(html: str) -> str:
    """Return nothing but the marked links of `html`."""
    return "".join(link[0] for link in _MARKED.finditer(html)) if HOST in html else ""


class Resolved(NamedTuple):
    """HTML whose links lead to items, and the paths of those that lead nowhere, which are text."""

    html: str
    dead: tuple[str, ...]


def resolved(
    html: str,
    base: str,
    known: Mapping[str, Collection[Story]],
    is_out: Callable[[Story], bool],
) -> Resolved:
    """Return safe HTML, of an item at the address `base`, with its marked links resolved.

    `known` has the items by every `key` by which they are known. A link to one that is not out is text, too,
    and says nothing of it.
    """
    dead: list[str] = []

    def told(link: re.Match[str]) -> str:
        wanted = unquote(link["path"])
        candidates, address = known.get(key(wanted), ()), ""
        if link["other"]:
            found = next((one for one in candidates if _parts(one.path) == _parts(wanted)), None)
            address = "" if found else urls.href(unquote(link["other"]), base)
        elif (found := _best(wanted, candidates)) is None:
            dead.append(wanted)
        if found and is_out(found):
            address = found.link
        if not address:
            return link["words"]
        address = f"{escape(address)}{link['part'] or ''}"
        return f'<a{link["before"]} href="{address}"{link["after"]}>{link["words"]}</a>'

    return Resolved(_MARKED.sub(told, html) if HOST in html else html, tuple(dead))


def _best(wanted: str, candidates: Collection[Story]) -> Story | None:
    """Return the item of the file that is wanted: by its path, else by as much of it as there is.

    The content root need not be the root that the generator has.
    """
    parts = _parts(wanted)

    def fits(one: Story) -> int:
        own = _parts(one.path)
        shorter = min(len(own), len(parts))
        return shorter if own[-shorter:] == parts[-shorter:] else 0

    best = max(candidates, key=lambda one: (one.path == wanted, fits(one)), default=None)
    return best if best and fits(best) else None
