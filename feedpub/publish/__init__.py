"""One rescan as a use case: content in, feeds out, a report back.

    scan -> read -> settle -> record -> | commit | -> compose -> render -> check -> replace

Everything up to the commit is one transaction: the ledger and the marks of the feeds it touches
appear together or not at all. Files are replaced after it; a feed keeps its mark until its files
are as they should be, so a run that was killed is finished by the next one.
"""

from feedpub.publish.options import Options
from feedpub.publish.ports import Edges
from feedpub.publish.report import Report
from feedpub.publish.rescan import publish, warm_up
from feedpub.publish.settings import Settings

__all__ = ["Edges", "Options", "Report", "Settings", "publish", "warm_up"]
