"""What the pages load: one stylesheet, and a script that they are complete without (B3)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from feedpub.formats import Asset


def contents(asset: Asset, templates: Mapping[str, str]) -> bytes:
    """Return what stands in the file as UTF-8: the text that a site has in `templates`, or ours.

    The sign is in either, so that the file is known as ours when the state is lost.
    """
    own = templates.get(asset.file)
    if own is None:
        return files("feedpub.formats").joinpath("templates", asset.file).read_bytes()
    data = own.encode()
    return data if data.startswith(asset.sign) else asset.sign + b" */\n" + data
