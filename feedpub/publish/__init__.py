"""The use cases: one rescan (`publish`), and what `check` and `explain` tell without one."""

from feedpub.publish.ports import Edges
from feedpub.publish.report import Report
from feedpub.publish.rescan import publish
from feedpub.publish.settings import Options, Settings

__all__ = ["Edges", "Options", "Report", "Settings", "publish"]
