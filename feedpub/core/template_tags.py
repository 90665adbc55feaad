"""The tags of site generators in a body, their end tags, and what they are given (C5, S1)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from html import unescape
from typing import NamedTuple
from urllib.parse import quote

from feedpub.core.body import Page
from feedpub.core.verbatim import BLOCK, SOURCE, SPAN, UNKNOWN

_LIQUID, COMPONENTS = frozenset({"liquid", "output"}), frozenset({"module", "component"})
JSX = frozenset({"module", "element", "expression"})
NOTATIONS = {
    "": _LIQUID | COMPONENTS | {"shortcode", "style", "container"},
    "jekyll": _LIQUID,
    "eleventy": _LIQUID,
    "mkdocs": _LIQUID,
    "zola": _LIQUID,  # its calls only, see Finder
    "pelican": frozenset({"liquid"}),  # the tags of a plugin only
    "hugo": frozenset({"shortcode", "output"}),  # of these only fields, see Finder
    "quarto": frozenset({"shortcode", "container"}),
    "docusaurus": JSX | {"container"},
    "obsidian": frozenset[str](),
}

PRIVATE = "private|hidden|draft|secret|member|paid|paywall|todo"
"""What is in the name of a tag around what no reader may see."""

CONDITIONS = frozenset({"if", "unless", "case", "for", "ifchanged", "tablerow", "ifversion"})
_BRANCHES = frozenset({"else", "elsif", "elif", "elseif", "when"})


# MDX, nothing of which is run

_IMPORT = re.compile(
    r"^import[ \t]++(?:(?:type[ \t]+)?(?:(?P<name>[\w$]+)[ \t]*,?[ \t]*)?"
    r"(?:\{[^{}\"'<]*\}|\*[ \t]*as[ \t]+[\w$]+)?\s*\bfrom\b\s*)?[\"'](?P<file>[^\"'\n]+)[\"'][^\n]*",
    re.MULTILINE,
)
_BRACES = re.compile(
    r"([\"'])[^\"'\w\n]{0,9}\1|\\[{}]|\{\s*+(?:\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+')\s*+\}|[{}]|"
    + BLOCK
).finditer
_ATTRIBUTE = re.compile(
    r"\s*+(?:(?P<name>[A-Za-z_@:][\w:.@-]*+)(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)\""
    r"|'(?P<single>[^']*+)'|(?P<bare>[^\s\"'<>={}`]++)|(?P<brace>\{)))?+|(?P<spread>\{))"
).match
_ELEMENT_END = re.compile(r"\s*+(/?)>").match
_STATEMENT_PART = re.compile(r"[{`]|\n(?=[ \t\r]*+(?:\n|\Z))|\Z|" + BLOCK).search
_QUOTED = re.compile(r"([\"'`])((?:(?!\1|\$\{).)*)\1", re.DOTALL).fullmatch
_FILE = re.compile(r"(?:require|useBaseUrl)\(\s*[\"']([^\"'\n]+)[\"']\s*\)(?:\.default)?").fullmatch
_MOST_BLANK_LINES = 50  # within the parentheses of a statement
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?|true").fullmatch


def _inside(close: str) -> str:
    """Return the pattern of what stands in a tag: code only within quotes, no other tag."""
    quoted = (rf"{q}(?:(?!{close}|\n\n)[^{q}{BLOCK}])*+{q}" for q in "\"'")
    return rf"(?:{'|'.join(quoted)}|\{{\{{[^{{}}{BLOCK}{SPAN}]*+\}}\}}|(?!{close}|\{{[{{%])[^{BLOCK}{SPAN}])*+"


_TAGS = {
    "style": r"\sstyle=\{\{[^{}<>]*+\}\}",
    "liquid": rf"\{{%-?\s*+(?P<tag>[\w.]*+(?:-\w+)*+)(?P<told>{_inside('-?%}')})-?%\}}",
    "shortcode": r"\{\{[<%]\s*+(?P<slash>/?)\s*+(?P<short>[\w.]++(?:[/-][\w.]+)*+)"
    rf'(?P<given>(?:"(?:[^"\\{BLOCK}]|\\.)*+"|(?!/?[>%]\}}\}}|\{{\{{[<%]|\n\n)[^{BLOCK}])*+)'
    r"(?P<alone>/?)[>%]\}\}",
    "output": rf"\{{\{{\{{?-?(?![<%/!])(?P<value>{_inside('-?}}')})-?\}}\}}\}}?",
    "container": rf"^[ \t>]*+:{{3,}}+[ \t]*+(?:\{{(?![^}}\n]*when-format=.(?!html))[^}}\n\"']*?\.)?"
    rf"(?P<private>[\w-]*?(?:{PRIVATE})[\w-]*+)[^\n]*+$"
    r"|^[ \t>]*+:{3,}+[ \t]*+\{[^}\n]*\.content-visible [^}\n]*when-format=.(?!html)[^\n]*+$",
    # Imports, whole, and the beginning of exports; prose that begins with such a word is none.
    "module": rf"(?P<imported>{re.sub(r'P<[a-z]+>', ':', _IMPORT.pattern)})"
    r"|^export[ \t]++(?:(?:const|let|var|function|class|async|type|interface)[ \t]"
    r"|default[ \t]++(?:function|class|\(|\w+;?\s*$)|[{*])",
    # Of the others the beginning. A component has a capital and a small letter, unlike the <BR> of
    # old pages; only MDX has other elements, and fragments; a heading's id is no expression.
    "component": r"</?(?=[A-Z]\w*?[a-z])(?P<component_name>[\w.]++)",
    "element": r"</?(?:(?P<element_name>[A-Za-z][\w.:-]*+)|(?=>))",
    "expression": r"(?<!\\)\{(?!%|[#:][^{}\n]*\})",
}
_CONTAINER_MARK = re.compile(r"^[ \t>]*+:{3,}+[ \t]*+(?P<begins>\S)?[^\n]*+", re.MULTILINE).finditer
_NOT_MEANT = re.compile(r"[$\\]\{\{|[\w^}]\{\{(?!-?\s)").match
_GO_FIELD = re.compile(r"\$?\.[A-Z][\w.]*").fullmatch
_CALL = re.compile(r"([\w:.]+)\s*(?:\((.*)\)|(?<=\s)([\"'`].*))", re.DOTALL).fullmatch


class Tag(NamedTuple):
    """A tag in a source; `key` is what its end tag has too."""

    start: int
    end: int
    kind: str
    name: str
    arguments: str = ""
    side: str = "open"
    key: str = ""
    attributes: Mapping[str, str | None] = {}


@cache
def _pattern(notations: frozenset[str]) -> re.Pattern[str]:
    patterns = [f"(?P<{kind}>{tag})" for kind, tag in _TAGS.items() if kind in notations]
    whole = rf"(?=[{{<ie:>\s])(?:{'|'.join(patterns)})" if patterns else "(?!)"
    return re.compile(whole, re.MULTILINE | re.DOTALL)


class Finder:
    """The tags of one source, from left to right; none begins in code, or holds a block of it."""

    def __init__(self, source: str, masked: str, dialect: str, notations: frozenset[str]) -> None:
        self._source, self._masked = source, masked
        self._dialect, self._pattern = dialect, _pattern(notations)
        self._files = {
            found["name"]: found["file"] for found in _IMPORT.finditer(masked) if found["name"]
        }

    def tags(self) -> Iterator[Tag]:
        """Yield the tags of all notations that the dialect has."""
        at = 0
        while found := self._pattern.search(self._masked, at):
            tag = self._tag(found, found.lastgroup or "")
            at = tag.end if tag else found.end()
            if tag:
                yield tag

    def _tag(self, found: re.Match[str], kind: str) -> Tag | None:
        start, end = found.span()

        def written(group: str) -> str:
            return self._source[found.start(group) : found.end(group)].strip()

        match kind:
            case "liquid":
                return self._liquid(Tag(start, end, kind, written("tag"), written("told")))
            case "output":
                return self._output(Tag(start, end, kind, "", written("value"), "alone"))
            case "shortcode":
                side = "end" if found["slash"] else "alone" if found["alone"] else "open"
                name = written("short")
                return Tag(start, end, kind, name, written("given"), side, f"<{name}")
            case "style" | "container":
                name = found["private"] or "content-visible" if kind == "container" else ""
                end = self._container_end(end) if name else end
                return Tag(start, end, kind, name, side="alone")
            case "module":
                end = found.end() if found["imported"] else self._statement_end(end)
                return Tag(start, max(end, found.end()), kind, "", side="alone")
            case "expression":
                closed = self._closing.get(start)
                code = self._source[found.end() : (closed or end) - 1]
                return Tag(start, closed, kind, "", code, "alone") if closed else None
        return self._element(found, kind)

    def _container_end(self, at: int) -> int:
        """Return where the `:::` ends whose first line ends at `at`, with those in it."""
        depth = 1
        for mark in _CONTAINER_MARK(self._masked, at):
            depth += 1 if mark["begins"] else -1
            if not depth:
                return mark.end()
        return len(self._source)

    def _liquid(self, tag: Tag) -> Tag | None:
        is_call = tag.arguments.startswith("(")
        if self._dialect == "zola" and not is_call and tag.name != "end":
            return None
        if tag.name.startswith("end"):
            return tag._replace(side="end", key=f"%{tag.name[3:]}")
        has_plain_end = is_call and self._dialect in {"", "zola"}
        return tag._replace(key="%" if has_plain_end else f"%{tag.name}")

    def _output(self, tag: Tag) -> Tag | None:
        if not self._dialect and _NOT_MEANT(self._source, max(0, tag.start - 1)):
            return None
        if self._dialect == "hugo" and not _GO_FIELD(tag.arguments):
            return None
        call = _CALL(tag.arguments)
        if call:
            return tag._replace(name=call[1], arguments=call[2] or call[3] or "", key="call")
        return None if self._dialect == "zola" else tag

    def _element(self, found: re.Match[str], kind: str) -> Tag | None:
        name = found[f"{kind}_name"] or ""
        read = self._jsx_tag(found.end())
        if not read:
            return None
        end, is_alone, attributes = read
        is_end = found[0].startswith("</")
        before = self._source[max(0, found.start() - 1) : found.start()]
        if is_alone and kind == "component" and before.isalnum():
            return None  # Map<K, V/>
        side = "end" if is_end else "alone" if is_alone else "open"
        tag = Tag(found.start(), end, "component", name, "", side, f"/{name}", attributes)
        if name[:1].islower():  # HTML, but for its attributes
            is_plain = is_end or "{" not in self._masked[found.end() : end]
            is_plain &= "className" not in attributes
            return None if is_plain else tag._replace(kind="html", side="alone")
        return tag

    @cached_property
    def _closing(self) -> dict[int, int]:
        """The place after the closing brace of each opening one."""
        closing, opened = dict[int, int](), list[int]()
        for brace in _BRACES(self._masked):
            if brace[0] == BLOCK:
                opened.clear()
            elif len(brace[0]) > 1 and not brace[1]:  # not in a string of signs, as "}"
                closing[brace.start()] = brace.end()
            elif brace[0] == "{":
                opened.append(brace.start())
            elif opened and not brace[1]:
                closing[opened.pop()] = brace.end()
        return closing

    def _jsx_tag(self, at: int) -> tuple[int, bool, Mapping[str, str | None]] | None:
        """Return where the tag whose name ends at `at` ends, if it stands alone, and its attributes.

        An attribute whose expression is not understood is None. Return None where there is no tag.
        """
        attributes = dict[str, str | None]()
        while found := _ATTRIBUTE(self._masked, at):
            kind, start, at = found.lastgroup or "", found.end(), found.end()
            if kind in {"brace", "spread"}:
                end = self._closing.get(start - 1)
                if end is None:
                    return None
                at, value = end, self.value(self._source[start : end - 1])
            else:
                value = "" if kind == "name" else self._source[slice(*found.span(kind))]
            if found["name"]:
                attributes[found["name"]] = value
        end_mark = _ELEMENT_END(self._masked, at)
        return (end_mark.end(), bool(end_mark[1]), attributes) if end_mark else None

    def _statement_end(self, at: int) -> int:
        """Return where the statement around `at` ends: at a blank line outside of brackets."""
        first = end = self._blank_line(at)
        opened = 0
        for _ in range(_MOST_BLANK_LINES):
            opened += self._masked.count("(", at, end) - self._masked.count(")", at, end)
            if opened <= 0 or end == len(self._masked):
                break
            at, end = end, self._blank_line(end + 1)
        return end if opened <= 0 else first

    def _blank_line(self, at: int) -> int:
        """Return where the first blank line after `at` is that is outside of braces."""
        while (found := _STATEMENT_PART(self._masked, at)) and found[0] in {"{", "`"}:
            if found[0] == "{":
                at = self._closing.get(found.start(), found.end())
            else:  # a text of several paragraphs
                at = max(found.end(), self._masked.find("`", found.end()) + 1)
        return found.start() if found else len(self._masked)

    def value(self, code: str) -> str | None:
        """Return what an expression is: a string, a number, an imported file; None if unknown."""
        code = code.strip()
        if quoted := _QUOTED(code):
            return quoted[2]
        if file := _FILE(code):
            return file[1]
        if _PLAIN(code):
            return code
        return self._files.get(code.removesuffix(".src"))


def pairs(tags: list[Tag]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Return the end tag of each tag that has one, and the branches of conditions."""
    partners, branches = dict[int, int](), defaultdict[int, list[int]](list)
    opened, stack, conditions = defaultdict[str, list[int]](list), list[int](), list[int]()
    for index, tag in enumerate(tags):
        if tag.side == "end" and opened[tag.key]:
            start = opened[tag.key][-1]
            while stack and stack[-1] >= start:
                opened[tags[stack.pop()].key].pop()
            while conditions and conditions[-1] >= start:
                conditions.pop()
            partners[start] = index
        elif tag.kind == "liquid" and tag.name in _BRANCHES and conditions:
            branches[conditions[-1]].append(index)
        elif tag.side == "open":
            opened[tag.key].append(index)
            stack.append(index)
            if tag.kind == "liquid" and tag.name in CONDITIONS:
                conditions.append(index)
    return partners, branches


# What they are given

_FIELDS = {
    **{each: each for each in ("title", "excerpt", "date", "author", "topics", "link", "image")},
    **dict.fromkeys(("description", "summary"), "excerpt"),
    **dict.fromkeys(("tags", "categories"), "topics"),
    **dict.fromkeys(("url", "permalink", "relpermalink"), "link"),
    "authors": "author",
}
_OF_THE_PAGE = re.compile(r"(?:\$|\.|(?:page|params|frontmatter|meta|data|props)\.)*+", re.I)
_UNCHANGED = frozenset({"escape", "xml_escape", "strip", "safe", "trim", "e", "join", "strip_html"})
_RELATIVE, _ABSOLUTE = {"relative_url", "relurl", "url"}, {"absolute_url", "absurl", "get_url"}
_PIPED = re.compile(r"""(?:"[^"]*+"|'[^']*+'|[^|])++""").findall
_FILTER = re.compile(r"(\w+)\s*(?::\s*(.*)|\((.*)\))?", re.DOTALL).fullmatch
_ARGUMENT = re.compile(
    r"""(?:([\w-]++)(?:\s*=\s*|:\s+|:(?=["'])))?+"""
    r"""("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|`[^`]*+`|[^\s,"'`=()][^\s,"'`()]*+)"""
)
_OUTPUT = re.compile(r"\{\{-?([^{}]*)\}\}")
_VARIABLE = re.compile(r"(?:page|site|include|post|layout|config)\.[\w.-]+").fullmatch
_MEANING = re.compile(r"[&<>\"'*_`\[\]{}#|\\!^$]|^\s*[-+](?=\s)|^\s*\d+[.)]")


class Arguments(NamedTuple):
    """What a tag is given, by place and by name."""

    places: list[str]
    names: dict[str, str]

    def named(self, *names: str) -> str:
        """Return the first of `names` that is given, else ''."""
        return next((self.names[name] for name in names if self.names.get(name)), "")

    @property
    def first(self) -> str:
        """What is given first without a name, else ''."""
        return next(iter(self.places), "")


class Values:
    """What values give on one page."""

    def __init__(self, page: Page) -> None:
        self.home = page.home.rstrip("/")
        self.origin = "/".join(self.home.split("/", 3)[:3])
        self.folder = self.home.removeprefix(self.origin)
        self.shadowed = set[str]()  # names that mean something else since a tag has set them
        self._fields = page.values
        self._addresses = {
            **dict.fromkeys(("site.url", "metadata.url"), self.origin),
            **dict.fromkeys((".site.baseurl", "config.base_url"), self.home),
            "site.baseurl": self.folder,
        }

    def arguments(self, written: str, *, has_variables: bool) -> Arguments:
        """Read what a tag is given; a word without quotes may be a variable if `has_variables`."""
        given = Arguments([], {})
        for name, argument in _ARGUMENT.findall(written):
            value = self.value(argument) if has_variables and _VARIABLE(argument) else argument
            if argument[0] in "\"'`":
                inner = re.sub(r"\\([\"'\\])", r"\1", argument[1:-1])
                value = _OUTPUT.sub(lambda found: self.value(found[1]) or UNKNOWN, inner)
            value = UNKNOWN if value is None else value
            if name:
                given.names[name.lower()] = value
            else:
                given.places.append(value)
        return given

    def value(self, expression: str) -> str | None:
        """Return the Markdown of what an expression with filters gives, None if not known."""
        first, *filters = [part.strip() for part in _PIPED(expression)] or [""]
        value = self._operand(first)
        for each in filters:
            found = _FILTER(each)
            if value is None or not found:
                return None
            value = self.filtered(value, found[1].lower(), found[2] or found[3] or "")
        return value

    def _operand(self, written: str) -> str | None:
        if written[:1] in {'"', "'"} and written[-1:] == written[:1]:
            return written[1:-1]
        if (address := self._addresses.get(written.lower())) is not None:
            return address
        field = self.field(written)
        if field and field == self._fields.get("link"):
            return f"{SOURCE}{field}"
        return None if field is None else plain(field)

    def field(self, written: str) -> str | None:
        """Return a field that the item publishes, by the names that generators have for it."""
        name = re.sub(r"\[[\"'](\w+)[\"']\]", r".\1", written).lower()
        if name in self.shadowed:
            return None
        field = _FIELDS.get(_OF_THE_PAGE.sub("", name, count=1))
        return self._fields.get(field, "") if field else None

    def filtered(self, value: str, name: str, argument: str = "") -> str | None:
        """Return `value` through a filter, None if that is not understood."""
        if name in _UNCHANGED or ("date" in name and value == self._fields.get("date")):
            return value
        if name in _RELATIVE | _ABSOLUTE:
            if re.match(rf"[a-z]+:|//|#|@/|{SOURCE}", value):
                return value
            start = self.folder if name in _RELATIVE else self.home
            return f"{start}/{value.lstrip('/')}"
        if name in {"url_encode", "urlencode"}:
            begins = SOURCE if value.startswith(SOURCE) else ""
            return begins + quote(unescape(value.replace(SOURCE, "")), safe="")
        if name in {"prepend", "append"} and (other := self._operand(argument.strip())) is not None:
            return other + value if name == "prepend" else value + other
        return None


def plain(value: str) -> str:
    """Return `value` so that it is read as that text in Markdown and in HTML."""
    return _MEANING.sub(lambda found: "".join(f"&#{ord(sign)};" for sign in found[0]), value)
