"""Have what is built say of which commit it is."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Commit(BuildHookInterface[Any]):
    """Puts feedpub/commit.txt into wheels and sdists; a wheel of an sdist has that of the sdist.

    Where there is no checkout, as in a container, the variable FEEDPUB_COMMIT may say it.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the file outside of the checkout, where git goes on telling."""
        if version == "editable":
            return
        found = runpy.run_path(str(Path(self.root, "feedpub/__init__.py")))["commit"]()
        self._folder = TemporaryDirectory()
        file = Path(self._folder.name, "commit.txt")
        file.write_text(f"{os.environ.get('FEEDPUB_COMMIT') or found}\n", encoding="ascii")
        build_data["force_include"][str(file)] = "feedpub/commit.txt"
