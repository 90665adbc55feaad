"""The folder of a site as `init --from` reads it: within bounds, and nothing of it is run.

A module of a generator is one function, `read(folder)`, that yields what it found and what must be
asked for. It sees a config by the keys that it names, and no others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from feedpub.core.notations import Front, FrontMatterError, read_json, read_toml, read_yaml
from feedpub.core.problems import ConfigError

EXAMPLE = "https://www.example.org/"
MAX_BYTES = 1 << 20
SECRET = re.compile(r"\A\.env|key|token|secret|password", re.IGNORECASE)
_READERS: dict[str, Callable[[str], Front]] = {
    ".toml": read_toml,
    ".json": lambda text: read_json(text)[0],
}
_FENCED = {"+++": ".toml", "---": ".yaml"}


class Found(NamedTuple):
    """What a key of our config is to be; `source` is where the site says so: `_config.yml:3`.

    Paths are relative to the site.
    """

    key: str
    value: Any
    source: str


class Asked(NamedTuple):
    """A key of our config that a person must give, why, and what stands there until then."""

    key: str
    why: str
    instead: Any = None


class Told(NamedTuple):
    """What a person should know or do, as a sentence."""

    text: str


Finding: TypeAlias = Found | Asked | Told


class Given(NamedTuple):
    """A value of the site's config as written, and where it is; None and '' where there is none."""

    value: Any = None
    source: str = ""

    @property
    def text(self) -> str:
        """The text on one line; '' of anything else."""
        return " ".join(self.value.split()) if isinstance(self.value, str) else ""

    def texts(self) -> list[str]:
        """Return the texts of a list, or the only one."""
        values = self.value if isinstance(self.value, list) else [self.value]
        return [value for value in values if isinstance(value, str) and value]

    def found(self, key: str) -> Iterator[Found]:
        """Yield it as the value of `key`, if it is a text that is not empty."""
        text = self.text.replace("_", "-") if key == "site.language" else self.text
        if text:
            yield Found(key, {"name": text} if key == "site.author" else text, self.source)


class Folder:
    """The files of a site."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))

    def has(self, name: str) -> bool:
        """Say whether there is such a file or folder, inside by all links."""
        path = Path(os.path.realpath(self.root / name))
        return path.exists() and path.is_relative_to(self.root)

    def names(self, folder: str) -> list[str]:
        """Return the names of what is in a folder, in order."""
        return sorted(os.listdir(self.root / folder)) if self.has(folder) else []  # noqa: PTH208

    def text(self, name: str) -> str:
        """Return the text of a file, '' where there is none; raise `ConfigError` if it is no text."""
        if SECRET.search(Path(name).name) or not self.has(name):
            return ""
        try:
            with (self.root / name).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            text = data.decode("utf-8-sig")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "is not UTF-8 text"
            raise ConfigError([f"{self.root / name}: {reason}"]) from None
        if len(data) > MAX_BYTES:
            raise ConfigError([f"{self.root / name}: is larger than 1 MiB; is it a config?"])
        return text

    def settings(self, *names: str, parts: Mapping[str, Sequence[str]] | None = None) -> Settings:
        """Read configs, of which the first that has a key counts; raise `ConfigError` for bad ones.

        Of a Markdown file the front matter is read. `parts` names the keys around all of a file.
        """
        return Settings(self, names, parts or {})


class Settings:
    """Configs of a generator, looked into by one key after another, whatever their case."""

    def __init__(
        self, folder: Folder, names: Sequence[str], parts: Mapping[str, Sequence[str]]
    ) -> None:
        self._files: list[tuple[str, str, Front]] = []
        self._parts = parts
        for name in filter(folder.text, names):
            text, suffix = folder.text(name), Path(name).suffix
            if suffix == ".md":
                fences = re.match(r"(\+\+\+|---)(\n.*?\n)\1", text, re.DOTALL)
                suffix, text = (_FENCED[fences[1]], fences[2]) if fences else ("", "")
            try:
                front = _READERS.get(suffix, read_yaml)(text)
            except FrontMatterError as error:
                line = "" if error.line is None else f":{error.line + 1}"
                raise ConfigError([f"{folder.root / name}{line}: {error.message}"]) from None
            self._files.append((name, text, front))

    def at(self, *keys: str) -> Given:
        """Return what the first config that has the key of these names says."""
        for name, text, front in self._files:
            value: Any = front.fields
            written: list[str] = []
            part = self._parts.get(name, ())
            if [*keys[: len(part)]] != [*part]:
                continue
            for key in keys[len(part) :]:
                named = {one.lower(): one for one in value} if isinstance(value, dict) else {}
                if SECRET.search(key) or key.lower() not in named:
                    break
                written.append(named[key.lower()])
                value = value[written[-1]]
            else:
                return Given(value, f"{name}:{_line(text, front, written)}")
        return Given()


def _line(text: str, front: Front, keys: list[str]) -> int:
    """Return the likely line of a key in a text: the first that looks like it after that around it."""
    line = front.lines.get(keys[0], 0) if keys else 0
    lines = text.splitlines()
    for key in keys[1:]:
        pattern = re.compile(rf"""[\s\[{{,.-]*["']?{re.escape(key)}["']?\s*[=:.\]]""")
        after = range(line, len(lines))
        line = next((n for n in after if pattern.search(lines[n])), line)
    return line + 1
