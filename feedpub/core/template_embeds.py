"""Tags for what a feed cannot hold, as a link that says what it is, and tags for pictures (C8)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from feedpub.core import markup
from feedpub.core.template_values import Arguments, plain
from feedpub.core.verbatim import UNKNOWN

_EMBEDS = {  # what it is, its address, what stands between an owner and the id, the owner if none
    "youtube": ("YouTube video", "https://www.youtube.com/watch?v={}", "", ""),
    "vimeo": ("Vimeo video", "https://vimeo.com/{}", "", ""),
    "tweet": ("Post on X", "https://x.com/{}", "/status/", "i"),
    "gist": ("Gist", "https://gist.github.com/{}", "/", ""),
    "instagram": ("Instagram post", "https://www.instagram.com/p/{}/", "", ""),
    "codepen": ("CodePen", "https://codepen.io/{}", "/pen/", ""),
    "asciinema": ("Terminal recording", "https://asciinema.org/a/{}", "", ""),
    "audio": ("Audio", "{}", "", ""),
    "video": ("Video", "{}", "", ""),
    "embed": ("Embedded page", "{}", "", ""),
}
_EMBEDS |= {
    **dict.fromkeys(("x", "twitter", "xpost"), _EMBEDS["tweet"]),
    **dict.fromkeys(("iframe", "oembed", "soundcloud", "spotify"), _EMBEDS["embed"]),
    **dict.fromkeys(("mp3", "podcast"), _EMBEDS["audio"]),
    **dict.fromkeys(("mp4", "video5", "html5video"), _EMBEDS["video"]),
}
_EMBED_WORDS = re.compile(r"simple|lite|embed|player|responsive|[-_]")
_EMBED_KEYS = ("id", "video_id", "videoid", "tweetid", "src", "url", "link", "href", "file", "key")
_PICTURES = frozenset({"figure", "image", "img", "picture", "asset_img", "resize_image"})
_PICTURE_FILE = re.compile(
    r"[^\s?#]+\.(?:avif|gif|jpe?g|png|svg|webp)(?=[?#]|\Z)", re.IGNORECASE
).match
_PICTURE_KEYS = ("src", "url", "file", "path", "image", "image_path", "image_url", "img", "href")


def is_known(name: str) -> bool:
    """Say whether `name` is that of an embed or a picture."""
    return name in _PICTURES or _short(name) in _EMBEDS.keys() | _PICTURES


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
        return _link(short, given, is_html)
    address = given.named("href", "link", "to")
    words = given.named("text", "title", "label", "content")
    if address and words and not is_known(name) and UNKNOWN not in address:
        return f'<a href="{escape(address)}">{markup.inline(words)}</a>'
    return _picture(name, given, is_html)


def _link(name: str, given: Arguments, is_html: bool) -> str | None:
    words, template, between, owner = _EMBEDS[name]
    key, places = given.named(*_EMBED_KEYS), given.places
    if not key and between and len(places) > 1 and re.fullmatch(r"[0-9a-f]+", places[1]):
        owner, key = places[:2]
    key = key or given.first
    owner = given.named("user", "username", "account") or owner
    if not key or UNKNOWN in key or (template == "{}" and not re.search(r"[/.]", key)):
        return None
    if re.match(r"https?://|/", key):
        address = key
    else:
        is_whole = "/" in key or not owner
        address = template.format(key if is_whole else f"{owner}{between}{key}")
    return (
        f'<a href="{escape(address)}">{words}</a>' if is_html else f"[{words}]({_target(address)})"
    )


def _picture(name: str, given: Arguments, is_html: bool) -> str | None:
    places, is_picture = given.places, is_known(name)
    source = given.named(*_PICTURE_KEYS)
    while places and not source:
        place = places.pop(0)
        source = place if re.search(r"[./]", place) else ""
    if not source or UNKNOWN in source or not (is_picture or _PICTURE_FILE(source)):
        return None
    texts = [place for place in places if not re.fullmatch(r"\d+(?:px|%)?", place)]
    texts = texts[-1:] if name == "img" else texts * is_picture
    alt = given.named("alt") or given.named("title") or "".join(texts[:1])  # sizes may follow it
    caption = _caption(given, texts) if name == "figure" else given.named("caption")
    picture = f'<img src="{escape(source)}" alt="{escape(alt, quote=True)}">'
    if link := given.named("link"):
        picture = f'<a href="{escape(link)}">{picture}</a>'
    if caption:
        caption = markup.inline(caption)
        return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"
    if link or is_html:
        return picture
    return f"![{plain(alt)}]({_target(source)})"


def _caption(given: Arguments, texts: Sequence[str]) -> str:
    """Return the caption of a figure; its title and its author belong to that."""
    caption, title = given.named("caption") or "".join(texts[1:2]), given.named("title")
    if title:
        caption = f"<strong>{title}</strong> {caption}" if caption else title
    author, home = given.named("attr"), given.named("attrlink")
    return f"{caption} [{author}]({_target(home)})" if home else f"{caption} {author}".strip()


def _target(address: str) -> str:
    """Return an address as the target of a Markdown link."""
    return re.sub(r"[\s<>()\\]", lambda found: f"%{ord(found[0]):02X}", address)
