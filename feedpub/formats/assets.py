"""What the pages load: one stylesheet, and a script that they are complete without (B3)."""

from __future__ import annotations

from importlib.resources import files

from feedpub.formats import Asset


def contents(asset: Asset) -> bytes:
    """Return what stands in the file as UTF-8; it is the same for all sites."""
    return files("feedpub.formats").joinpath("templates", asset.file).read_bytes()
