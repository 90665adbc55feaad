"""feedpub: a folder of Markdown items in, RSS, Atom and JSON feeds per topic out."""

__version__ = "0.1.0"
