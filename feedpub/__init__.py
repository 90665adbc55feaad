"""feedpub: a folder of Markdown items in, RSS, Atom and JSON feeds per topic out."""

__version__ = "0.1.0"


def commit() -> str:
    """Return which commit this is: as its package says (.ci/commit.py), else git of the checkout.

    It ends with -dirty where files differ from that, and is `unknown` where nobody can tell.
    """
    import subprocess  # only for who asks
    from pathlib import Path

    told = Path(__file__).with_name("commit.txt")
    if told.is_file():
        return told.read_text(encoding="ascii").strip()
    checkout = told.parent.parent
    if not (checkout / ".git").exists():
        return "unknown"
    described = ("describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    command = ("git", "-C", str(checkout), *described)
    try:
        return subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).strip()  # noqa: S603 - git, by fixed words
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
