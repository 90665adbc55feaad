"""feedpub: a folder of Markdown items in, RSS and Atom feeds per topic out."""

__version__ = "0.1.0"
