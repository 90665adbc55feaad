"""Pictures and attached files of an item (M1-M3)."""

from __future__ import annotations

from collections.abc import Iterator

from feedpub.core import urls
from feedpub.core.fields import Fields
from feedpub.core.model import Enclosure, Image, Value
from feedpub.core.values import first, mapping, media_type, octets, pixels, plain, sequence, string

_MAX_IMAGES = 100
_LONGEST = 8_192  # characters of an address


def images(fields: Fields, base: str) -> tuple[Image, ...]:
    """Return the pictures of the item, each address once, the lead image first.

    Relative addresses resolve against `base`; what has no web address is reported and dropped.
    """
    value = fields.get("images")
    return tuple({image.url: image for image in _images(fields, value, base)}.values())


def _images(fields: Fields, value: Value, base: str) -> Iterator[Image]:
    several = sequence(value)
    if len(several) > _MAX_IMAGES:
        fields.report(
            "field-invalid", "holds more than 100 pictures; the rest is ignored", "images"
        )
    for index, one in enumerate(several[:_MAX_IMAGES]):
        if found := image(one, base):
            yield found
        elif one:
            fields.report("image-invalid", f"[{index}] has no web address; it is dropped", "images")


def image(value: Value | None, base: str) -> Image | None:
    """Return the picture that an address, or a map with one, stands for; None without any.

    The address stays byte-exact but for escaping (M1), the type is never guessed (M2), and sizes
    are positive or unknown (M3).
    """
    if isinstance(value, str):
        url = _address(value, base)
        return Image(url) if url else None
    known = mapping(value)
    url = _address(first(known, "url", "src", "image", "path"), base)
    if not url:
        return None
    return Image(
        url,
        pixels(known.get("width")),
        pixels(known.get("height")),
        media_type(known.get("type")),
        plain(first(known, "alt", "title", "attribution")),
    )


def enclosure(fields: Fields, base: str) -> Enclosure | None:
    """Return the attached file if its address, media type and length are all given, else None."""
    value = fields.get("enclosure")
    if not value:
        return None
    known = mapping(next(iter(sequence(value))))
    url = _address(first(known, "url", "src"), base)
    kind, length = media_type(known.get("type")), octets(first(known, "length", "size"))
    if url and kind and length:
        return Enclosure(url, kind, length)
    fields.report("enclosure-incomplete", "lacks url, type or length; it is dropped", "enclosure")
    return None


def _address(value: Value, base: str) -> str:
    written = string(value).strip()
    if len(written) > _LONGEST or not ("." in written or "/" in written) or "{{" in written:
        return ""
    return urls.publishable(written, base, False)
