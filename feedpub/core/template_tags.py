"""Finding the tags of site generators in a body, and their end tags (C5)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from feedpub.core import jsx, template_embeds
from feedpub.core.verbatim import BLOCK, SPAN

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


def _inside(close: str) -> str:
    """Return the pattern of what stands in a tag: code only within quotes, no other tag."""
    quoted = (rf"{q}(?:(?!{close})[^{q}{BLOCK}])*+{q}" for q in "\"'")
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
    "module": jsx.MODULE,
    "component": jsx.COMPONENT,
    "element": jsx.ELEMENT,
    "expression": jsx.EXPRESSION,
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


_SIGNS = ("{{", "{%", ":::")
_MODULE_SIGN = re.compile(r"\n(?:im|ex)port[ \t]").search
_COMPONENT_SIGN = re.compile(r"</?[A-Z>]").search


@cache
def _pattern(notations: frozenset[str]) -> re.Pattern[str]:
    patterns = [f"(?P<{kind}>{tag})" for kind, tag in _TAGS.items() if kind in notations]
    whole = rf"(?=[{{<ie:>\s])(?:{'|'.join(patterns)})" if patterns else "(?!)"
    return re.compile(whole, re.MULTILINE | re.DOTALL)


def may_hold_tags(source: str, notations: frozenset[str]) -> bool:
    """Say whether `source` has what looks like a tag, perhaps in code."""
    if not notations & {"element", "expression"} and not (
        any(sign in source for sign in _SIGNS)
        or _COMPONENT_SIGN(source)
        or _MODULE_SIGN(f"\n{source}")
    ):
        return False  # nearly all are told so, in next to no time
    return _pattern(notations).search(source) is not None


class Finder:
    """The tags of one source, from left to right; none begins in code, or holds a block of it."""

    def __init__(self, source: str, masked: str, dialect: str, notations: frozenset[str]) -> None:
        self._source, self._masked = source, masked
        self._dialect, self._pattern = dialect, _pattern(notations)
        self.scanner = jsx.Scanner(source, masked)

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
                end = found.end() if found["imported"] else self.scanner.statement_end(end)
                return Tag(start, max(end, found.end()), kind, "", side="alone")
            case "expression":
                closed = self.scanner.expression_end(start)
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
        if self._dialect == "pelican" and not template_embeds.is_known(tag.name):
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
        read = self.scanner.tag(found.end())
        if not read:
            return None
        is_end = found[0].startswith("</")
        before = self._source[max(0, found.start() - 1) : found.start()]
        if read.is_alone and kind == "component" and before.isalnum():
            return None  # Map<K, V/>
        side = "end" if is_end else "alone" if read.is_alone else "open"
        tag = Tag(found.start(), read.end, "component", name, "", side, f"/{name}", read.attributes)
        if name[:1].islower():  # HTML, but for its attributes
            is_plain = is_end or "{" not in self._masked[found.end() : read.end]
            is_plain &= "className" not in read.attributes
            return None if is_plain else tag._replace(kind="html", side="alone")
        return tag


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
