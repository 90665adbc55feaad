"""Template code of site generators in bodies: understood or left out piece by piece (C5).

A generator runs such code around its Markdown parser. Here the source is rewritten so that the
parser alone shows what the author's site shows. Code stays as it is. What is not understood goes
and is told; the text around it stays, but for what no reader may see: comments, private parts, and
both branches of a condition that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import pairwise

from feedpub.core import markdown, template_tags, verbatim
from feedpub.core.body import Lost, Page
from feedpub.core.template_tags import Arguments, Tag, Values, plain
from feedpub.core.verbatim import BRACE, SOURCE, STAND_INS, UNKNOWN

_INCLUDES = frozenset({"include", "include_relative", "include_cached", "render", "partial"})
_LINKS = frozenset({"post_url", "link", "ref", "relref"})
_VALUES = frozenset({"param", "meta"})
_SETTINGS = frozenset({"assign", "set", "import", "from", "extends", "layout", "break", "continue"})

_UNSEEN = frozenset(
    {"comment", "capture", "set", "macro", "schema", "style", "css", "script", "js", "javascript"}
)
_PRIVATE = re.compile(template_tags.PRIVATE, re.I)
_DETAILS = frozenset({"details", "expand", "collapse", "collapsible", "accordion", "spoiler"})
_PANELS = frozenset({"tab", "tabitem", "step", "card"})
_NOTES = frozenset({"note", "tip", "info", "warning", "danger", "caution", "notice", "alert"})
_PLAIN = (
    _NOTES
    | _PANELS
    | {"admonition", "callout", "tabs", "steps", "cards", "raw", "verbatim", "block"}
)

_CONDITION = re.compile(
    r"""(not\s+|!\s*)?([\w.$]+)(?:\s*(==|!=|contains)\s*("[^"]*"|'[^']*'|nil|null|blank|empty))?"""
).fullmatch
_BROKEN = (  # links and pictures with an address that is not known: their text, and nothing
    (rf"!\[[^\[\]]*+\]\([^()`\n]*?{UNKNOWN}[^()`\n]*+\)", ""),
    (
        rf"\[((?:[^\[\]]|\[[^\[\]]*+\])*+)\]"
        rf"(?:\([^()`\n]*?{UNKNOWN}[^()`\n]*+\)|\[[^\[\]`\n]*?{UNKNOWN}[^\[\]`\n]*+\])",
        r"\1",
    ),
    (rf"(?m)^( {{0,3}}\[(?!\^)[^\[\]\n]++\]:)[^`\n]*{UNKNOWN}[^`\n]*$", r"\1 <>"),
    (rf"<img\b[^<>`]*?\bsrc\s*=\s*[\"']?[^\"'<>`\s]*{UNKNOWN}[^<>`]*+>", ""),
    (
        rf"\b(?:href|src|srcset|poster)\s*=\s*"
        rf"(?:([\"'])[^\"'<>`]*{UNKNOWN}[^\"'<>`]*\1|[^\s\"'<>`]*{UNKNOWN}[^\s\"'<>`]*)",
        "",
    ),
    (rf"<?\b(https?:)(//[^\s<>`]*{UNKNOWN}[^\s<>`]*+)>?", r"\1&#xfffe;\2"),
)


def resolve(
    body: str, dialect: str, page: Page, *, is_mdx: bool = False, is_html: bool = False
) -> tuple[str, tuple[Lost, ...]]:
    """Return Markdown, or HTML, with the template code of `dialect` carried out or left out (C5).

    With it comes what was lost of the code, as it was not understood. Without a dialect, whatever is
    unmistakable is understood. Links that tags make to source files begin with `@/`. Linear; never
    raises.
    """
    notations = template_tags.NOTATIONS.get(dialect, template_tags.NOTATIONS[""])
    if is_mdx:
        notations = (notations - template_tags.COMPONENTS) | template_tags.JSX
    if len(body) > markdown.MOST_CHARACTERS and not is_html:
        return body, ()  # it is not rendered
    source = STAND_INS.sub("", body)
    if "expression" in notations and not is_html:
        source = verbatim.without_indented_code(source)
    return _Reading(source, dialect, notations, page, is_html).resolved()


_NO_PHRASE = re.compile(r"\n\s*\n|\]\(|<a\b").search
_LONGEST_PHRASE = 300
_IN_ADDRESS = re.compile(r"(?:\]\(|[\"'=<])\Z").search
_IN_TEXT = re.compile(r"(?:\A|\n[ \t]*|(?<!\])[\w.,;:!?*)|>-][ \t]+)\Z").search
_LOOKED_BACK = 20


class _Reading:
    """The tags of one source, from left to right, and what is read in their place."""

    def __init__(
        self, source: str, dialect: str, notations: frozenset[str], page: Page, is_html: bool
    ) -> None:
        self.read, self.is_html = verbatim.read(source, dialect, notations, is_html), is_html
        self.source, self.has_expressions = self.read.text, "expression" in notations
        masked = verbatim.masked(self.source, dialect, is_html, self.has_expressions)
        self.finder = template_tags.Finder(self.source, masked, dialect, notations)
        self.tags = [*self.finder.tags()]
        if dialect == "pelican":  # of Liquid only what a plugin shows
            self.tags = [tag for tag in self.tags if tag.kind != "liquid" or is_shown(tag.name)]
        self.partners, self.branches = template_tags.pairs(self.tags)
        self.replaced = dict[int, tuple[int, str]]()
        self.values = Values(page)
        self.lost, self.counted = list[Lost](), (0, 0)

    def resolved(self) -> tuple[str, tuple[Lost, ...]]:
        """Return the source without its tags, and what was lost."""
        body = "".join(self._pieces())
        if UNKNOWN in body:
            for pattern, by in _BROKEN:
                body = re.sub(pattern, by, body)
        if SOURCE in body:
            for prefix in (self.values.home, self.values.origin, self.values.folder):
                body = body.replace(f"{prefix}{SOURCE}", SOURCE)
        body = STAND_INS.sub("", body.replace(BRACE, "{"))
        if self.has_expressions and not self.is_html:
            body = verbatim.without_indented_code(body)
        return body, tuple(self.lost)

    def _pieces(self) -> Iterator[str]:
        """Yield the text between tags, and what is read in place of these."""
        done, begins = 0, True
        for index, tag in enumerate(self.tags):
            if tag.start < done:
                continue
            end, by = self.replaced.get(index) or self._replacement(index, tag)
            before = self.source[done : tag.start]
            yield from (before, by)
            line = before.rstrip(" \t")
            begins, done = (line.endswith("\n") if line else begins), end
            begins = begins and by in {"", UNKNOWN}
            while begins and self.source[done : done + 1] in {" ", "\t"}:
                done += 1  # what begins a line with spaces may be read as code
            if begins and self.source[done : done + 1] == "\n" and self._is_in_html(tag):
                done += 1  # a blank line would end the HTML
        yield self.source[done:]

    def _lose(self, tag: Tag) -> None:
        """Tell that `tag` is not understood; they are told from left to right."""
        at, lines = self.counted
        if tag.start > at:
            self.counted = at, lines = tag.start, lines + self.source.count("\n", at, tag.start)
        name = re.match(r"[\w./-]{1,40}", tag.name)
        self.lost.append(Lost(self.read.line(at, lines), name[0] if name else tag.kind))

    # What is read in their place

    def _replacement(self, index: int, tag: Tag) -> tuple[int, str]:
        """Return up to where something else is read from the start of `tag` on, and that."""
        partner = self.partners.get(index)
        if partner is not None:
            return self._block(index, tag, partner)
        if tag.kind == "output" and not tag.name:
            tag = tag._replace(name=tag.arguments.partition("|")[0])
        known = None if tag.side == "end" else self._alone(tag)
        if known is None:
            self._lose(tag)
        return tag.end, UNKNOWN if known is None else known

    def _alone(self, tag: Tag) -> str | None:
        """Return what is read in place of a tag without end tag, None if that is not known."""
        match tag.kind:
            case "module" | "style":
                return ""
            case "html":
                return self._html(tag)
            case "expression":
                told = self.finder.value(tag.arguments)
                return self.values.value(tag.arguments.strip()) if told is None else plain(told)
            case "output" if not tag.key:
                return self.values.value(tag.arguments)
            case "component" if tag.side == "open" and not self.has_expressions:
                return self.source[tag.start : tag.end]
        return self._understood(tag)

    def _block(self, index: int, tag: Tag, partner: int) -> tuple[int, str]:
        """Return what is read in place of the start of a tag that has an end tag."""
        last, name = self.tags[partner], tag.name.lower().replace("-", "")
        if _PRIVATE.search(tag.arguments if name in {"if", "unless"} else tag.name):
            self._lose(tag)
            return last.end, ""
        if name in _UNSEEN or name.endswith(".inline"):
            return last.end, ""
        if tag.kind == "liquid" and name in template_tags.CONDITIONS:
            return self._condition(index, tag, partner)
        before, after = self._around(tag, name, last.start)
        self.replaced[partner] = last.end, after
        return tag.end, before

    def _around(self, tag: Tag, name: str, end: int) -> tuple[str, str]:
        """Return what is read in place of a tag and its end tag, around what they hold to `end`."""
        given = self._arguments(tag)
        address = given.named("href", "to", "link", "url")
        is_phrase = end - tag.end < _LONGEST_PHRASE and not _NO_PHRASE(self.source, tag.end, end)
        if address and is_phrase and not is_shown(name):
            return f'<a href="{escape(address)}">', "</a>"
        known = self._understood(tag)
        if known is not None:
            return known, ""
        title = given.named("title", "label", "summary", "heading")
        if name in _DETAILS:
            title = title or " ".join(given.places)
            return f"<details><summary>{title}</summary>\n\n", "\n\n</details>"
        if name in _PANELS:
            title = title or given.named("name", "header") or given.first
        if name and name not in _PLAIN:
            self._lose(tag)
        elif title:
            return f"<p><b>{title}</b></p>" if self.is_html else f"**{title}**\n\n", ""
        return "", ""

    def _condition(self, index: int, tag: Tag, partner: int) -> tuple[int, str]:
        """Return up to where nothing is read: to the branch that holds, or to the end."""
        last, branches = self.tags[partner], [index, *self.branches[index], partner]
        for first, after in pairwise(branches):
            branch = self.tags[first]
            holds = True if branch.name == "else" else self._holds(branch)
            if holds is None:
                self._lose(tag)
                if len(branches) > 2 and tag.name != "for":
                    break
            if holds is not False:
                self.replaced[after] = last.end, ""
                return branch.end, ""
        return last.end, ""

    def _holds(self, tag: Tag) -> bool | None:
        """Say whether a condition holds, None if that is not known."""
        found = _CONDITION(tag.arguments.strip())
        if not found or tag.name in {"case", "when", "for"}:
            return None
        negation, name, operator, other = found.groups()
        value = {"true": "true", "false": ""}.get(name, self.values.field(name))
        if value is None:
            return None
        other = other[1:-1] if other and other[0] in "\"'" else ""
        holds = bool(value)
        if operator:
            holds = other in value if operator == "contains" else value == other
        return holds ^ (bool(negation) ^ (operator == "!=") ^ (tag.name == "unless"))

    def _understood(self, tag: Tag) -> str | None:
        """Return what a tag alone gives, by its name; None if that is not known."""
        name, given = tag.name.lower(), self._arguments(tag)
        if name in _INCLUDES and given.places:
            name = re.split(r"[/\\]", given.places.pop(0))[-1].partition(".")[0].lower()
        if is_shown(name) and (name != "x" or tag.kind == "shortcode"):
            return shown(name, given, self._is_in_html(tag))
        if tag.kind == "liquid" and (not name or name in _SETTINGS):  # `{% # a comment %}`
            self.values.shadowed |= {each.lower() for each in re.findall(r"\A\w+", tag.arguments)}
            return ""
        if name in _NOTES and (told := given.named("content", "text", "message")):
            return told
        first = given.named("path", "name", "key") or given.first
        called = self._called(name, first) if first and tag.kind != "component" else None
        before = self.source[max(0, tag.start - _LOOKED_BACK) : tag.start]
        if called is None and not _IN_ADDRESS(before):
            return shown(name, given, self._is_in_html(tag))
        if called and called.startswith(SOURCE) and _IN_TEXT(before):  # the generator shows it
            return link(plain(first), called, self._is_in_html(tag))
        return called

    def _called(self, name: str, first: str) -> str | None:
        """Return what a function of generators gives, None if it is not known."""
        if name in _LINKS:
            file = first.lstrip("/") + (".md" if name == "post_url" else "")
            return first if re.match(r"#|[a-z]+:", first) else f"{SOURCE}@/{file}"
        if name in _VALUES:
            return self.values.value(f"page.{first}")
        return self.values.filtered(first, name)

    def _is_in_html(self, tag: Tag) -> bool:
        """Say whether `tag` is in HTML, where Markdown is not read."""
        return self.is_html or verbatim.is_in_html(self.source, tag.start)

    def _html(self, tag: Tag) -> str:
        """Return an HTML element of MDX with the attributes of HTML."""
        given = list[str]()
        for name, value in tag.attributes.items():
            if value is None and name not in {"style", "key", "ref"} and not name.startswith("on"):
                self._lose(tag)
            elif value is not None and name not in {"style", "className"}:
                given.append(f' {name}="{escape(value)}"')
        if tag.name == "img" and not tag.attributes.get("src"):
            return ""
        is_alone = self.source[tag.end - 2] == "/"
        return f"<{tag.name}{''.join(given)}{' /' if is_alone else ''}>"

    def _arguments(self, tag: Tag) -> Arguments:
        if tag.kind == "component":
            given = {name.lower(): value or "" for name, value in tag.attributes.items()}
            return Arguments([], given)
        return self.values.arguments(tag.arguments, has_variables=tag.kind != "shortcode")


# Embeds and pictures

_EMBEDS = {  # what it is, its address, what stands between an owner and the id, the owner if none
    "youtube": ("YouTube video", "https://www.youtube.com/watch?v={}", "", ""),
    "vimeo": ("Vimeo video", "https://vimeo.com/{}", "", ""),
    **dict.fromkeys(("tweet", "x"), ("Post on X", "https://x.com/{}", "/status/", "i")),
    "gist": ("Gist", "https://gist.github.com/{}", "/", ""),
    "audio": ("Audio", "{}", "", ""),
    "video": ("Video", "{}", "", ""),
    **dict.fromkeys(("embed", "iframe"), ("Embedded page", "{}", "", "")),
}
_EMBED_WORDS = re.compile(r"simple|lite|embed|player|responsive|[-_]")
_PICTURES = frozenset({"figure", "image", "img"})
_PICTURE_FILE = re.compile(
    r"[^\s?#]+\.(?:avif|gif|jpe?g|png|svg|webp)(?=[?#]|\Z)", re.IGNORECASE
).match


def is_shown(name: str) -> bool:
    """Say whether `name` is that of an embed or a picture."""
    return _short(name) in _EMBEDS.keys() | _PICTURES


def _short(name: str) -> str:
    return name if name in _EMBEDS else _EMBED_WORDS.sub("", name)


def shown(name: str, given: Arguments, is_html: bool) -> str | None:
    """Return the Markdown (the HTML if `is_html`) of an embed or a picture; None if it is none.

    A tag of any name that is given the file of a picture is one, and one that is given an address
    and words for it is a link.
    """
    provider = given.named("provider").lower()
    short = provider if provider in _EMBEDS else _short(name)
    if short in _EMBEDS:
        return _embed(short, given, is_html)
    address = given.named("href", "link", "to")
    words = given.named("text", "title", "label", "content")
    if address and words and not is_shown(name) and UNKNOWN not in address:
        return f'<a href="{escape(address)}">{markdown.inline(words)}</a>'
    return _picture(name, given, is_html)


def _embed(name: str, given: Arguments, is_html: bool) -> str | None:
    words, template, between, owner = _EMBEDS[name]
    key, places = given.named("id", "videoid", "src", "url", "file"), given.places
    if not key and between and len(places) > 1 and re.fullmatch(r"[0-9a-f]+", places[1]):
        owner, key = places[:2]
    key = key or given.first
    owner = given.named("user") or owner
    if not key or UNKNOWN in key or (template == "{}" and not re.search(r"[/.]", key)):
        return None
    is_whole = "/" in key or not owner
    address = template.format(key if is_whole else f"{owner}{between}{key}")
    address = key if re.match(r"https?://|/", key) else address
    return link(words, address, is_html)


def link(words: str, address: str, is_html: bool) -> str:
    """Return a link in Markdown, in HTML if `is_html`."""
    return (
        f'<a href="{escape(address)}">{words}</a>' if is_html else f"[{words}]({_target(address)})"
    )


def _picture(name: str, given: Arguments, is_html: bool) -> str | None:
    places, is_picture = given.places, is_shown(name)
    source = given.named("src", "file", "path", "url", "image")
    while places and not source:
        place = places.pop(0)
        source = place if re.search(r"[./]", place) else ""
    if not source or UNKNOWN in source or not (is_picture or _PICTURE_FILE(source)):
        return None
    texts = [place for place in places if not re.fullmatch(r"\d+(?:px|%)?", place)]
    texts = texts[-1:] if name == "img" else texts * is_picture
    alt = given.named("alt", "title") or "".join(texts[:1])  # sizes may follow it
    caption = given.named("caption")
    if name == "figure":
        caption = f"{given.named('title')} {caption or ''.join(texts[1:2])}".strip()
    picture = f'<img src="{escape(source)}" alt="{escape(alt, quote=True)}">'
    if address := given.named("link"):
        picture = f'<a href="{escape(address)}">{picture}</a>'
    if caption:
        caption = markdown.inline(caption)  # and what follows is read as Markdown
        return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>" + "\n" * (
            not is_html
        )
    return picture if address or is_html else f"![{plain(alt)}]({_target(source)})"


def _target(address: str) -> str:
    """Return an address as the target of a Markdown link."""
    return re.sub(r"[\s<>()\\]", lambda found: f"%{ord(found[0]):02X}", address)
