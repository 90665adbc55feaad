"""Tags for what a feed cannot hold, as a link that says what it is, and tags for pictures (C8)."""

from __future__ import annotations

import re
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
_PICTURE_KEYS = ("src", "url", "file", "path", "image", "image_path", "image_url", "img", "href")


def is_known(name: str) -> bool:
    """Say whether `name` is that of an embed or a picture."""
    return name in _PICTURES or _short(name) in _EMBEDS.keys() | _PICTURES


def _short(name: str) -> str:
    return name if name in _EMBEDS else _EMBED_WORDS.sub("", name)


def shown(name: str, given: Arguments, is_html: bool) -> str | None:
    """Return the Markdown (the HTML if `is_html`) of an embed or a picture; None if it is none."""
    provider = given.named("provider").lower()
    short = provider if provider in _EMBEDS else _short(name)
    if short in _EMBEDS:
        return _link(short, given, is_html)
    return _picture(name, given, is_html) if is_known(name) else None


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
    places = given.places
    source = given.named(*_PICTURE_KEYS)
    while places and not source:
        place = places.pop(0)
        source = place if re.search(r"[./]", place) else ""
    if not source or UNKNOWN in source:
        return None
    texts = [place for place in places if not re.fullmatch(r"\d+(?:px|%)?", place)]
    alt = given.named("alt") or given.named("title") or (texts[-1] if texts else "")
    caption = given.named("caption") or (given.named("title") if name == "figure" else "")
    picture = f'<img src="{escape(source)}" alt="{escape(alt, quote=True)}">'
    if link := given.named("link"):
        picture = f'<a href="{escape(link)}">{picture}</a>'
    if caption:
        caption = markup.inline(caption)
        return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"
    if link or is_html:
        return picture
    return f"![{plain(alt)}]({_target(source)})"


def _target(address: str) -> str:
    """Return an address as the target of a Markdown link."""
    return re.sub(r"[\s<>()\\]", lambda found: f"%{ord(found[0]):02X}", address)
