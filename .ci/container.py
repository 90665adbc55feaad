"""Build config/deploy/Containerfile by buildah, and run what comes out as its comment says.

No registry of images is asked: the image that it begins with is one of Debian's packages here, those
of the suite that is given, which debootstrap fetches; so its Python is that of the suite. Needs root,
buildah, debootstrap, unshare and ip; it takes some two minutes.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
FILE = ROOT / "config/deploy/Containerfile"
PACKAGES = "ca-certificates,python3,python3-venv,python-is-python3"
BASE = "FROM scratch\nADD base.tar /\nENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
SHARED = ("/etc/ssl/certs", "/etc/pip.conf")
"""What of this machine the build needs, where packages come from elsewhere than usual."""
FIRST = "feedpub init /data/new; feedpub build --strict --config /data/new/feedpub.yaml"
TRIES = 200
"""How often a service is asked whether it is well, until it counts as failed."""


class Builder:
    """buildah with a store of its own in a folder; what it runs is in a chroot."""

    def __init__(self, folder: Path) -> None:
        places = ["--root", folder / "store", "--runroot", folder / "run"]
        self._buildah = [*map(str, ["buildah", *places, "--storage-driver", "vfs"])]

    def run(self, command: str, *arguments: str | Path) -> str:
        """Return what a command of buildah prints, which must succeed."""
        return tried([*self._buildah, command, *map(str, arguments)], f"buildah {command}")

    def build(self, image: str, file: Path, context: Path, *options: str) -> None:
        """Build an image."""
        how = ("--pull-never", "--isolation=chroot", "--format=docker", *options)
        self.run("bud", *how, "-t", image, "-f", file, context)

    def within(self, container: str, site: Path) -> list[str]:
        """Return what comes before a command that runs in a container."""
        return [*self._buildah, "run", "--isolation", "chroot", "-v", f"{site}:/site:ro", container]


def base_image(folder: Path, suite: str) -> Path:
    """Make the image that the Containerfile begins with, and return the folder of its context."""
    context = folder / "base"
    context.mkdir()
    system = folder / "system"
    fetch = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, system]
    subprocess.run(fetch, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["tar", "-C", system, "-cf", context / "base.tar", "."], check=True)
    (context / "Containerfile").write_text(BASE, encoding="utf-8")
    return context


def write_site(folder: Path) -> None:
    """Write the config that the Containerfile tells of, and an item."""
    told = re.findall(r"^#   (\w+: +\{root: .+\})$", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    (folder / "content").mkdir(parents=True)
    site = "site: {title: News, url: 'https://feeds.example.org/', home: 'https://example.org/'}"
    (folder / "feedpub.yaml").write_text("\n".join([site, *told, ""]), encoding="utf-8")
    item = "---\ntitle: An item\nwebUrl: https://example.org/1\ndate: 2026-01-01\n---\nText\n"
    (folder / "content" / "item.md").write_text(item, encoding="utf-8")


def service(config: dict[str, list[str]], check: list[str]) -> str:
    """Return what starts a service by the container's own words, ends it once it is well, or fails."""
    start = shlex.join([*config["Entrypoint"], *config["Cmd"]])
    return f"""
        {start} & service=$!
        trap 'kill -9 $service 2>/dev/null' EXIT
        for _ in $(seq {TRIES}); do
          {shlex.join(check)} 2>/dev/null && well=yes && break
          kill -0 $service || break
        done
        kill -s {str(config["StopSignal"]).removeprefix("SIG")} $service && wait $service && test "${{well:-no}}" = yes
    """


def tried(command: list[str], what: str) -> str:
    """Return what a command prints, which must succeed."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout[-2000:]}{done.stderr[-2000:]}\n{what} failed")
    return done.stdout.strip()


def main(suite: str) -> None:
    """Do it all; a process that fails ends this."""
    commit = tried(["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"], "git")
    base = re.findall(r"^FROM (\S+)", FILE.read_text(encoding="utf-8"), re.MULTILINE)[0]
    with TemporaryDirectory() as work:
        folder = Path(work)
        builder = Builder(folder)
        context = base_image(folder, suite)
        builder.build(base, context / "Containerfile", context)
        shared = [f"-v={path}:{path}:ro" for path in SHARED if Path(path).exists()]
        argument = f"--build-arg=FEEDPUB_COMMIT={commit}"
        builder.build("feedpub", FILE, ROOT, "--network=host", argument, *shared)
        config = json.loads(builder.run("inspect", "--type=image", "feedpub"))["Docker"]["config"]
        site = folder / "site"
        write_site(site)
        within = builder.within(builder.run("from", "--pull-never", "feedpub"), site)
        told = tried([*within, "feedpub", "--version"], "feedpub --version")
        if f"(commit {commit}, Python 3." not in told:
            sys.exit(f"the container says: {told}")
        tried([*within, "sh", "-ec", FIRST], "what init writes")
        user = tried([*within, "id", "-un"], "id")
        if user != config["User"] or user == "root":
            sys.exit(f"the container runs as {user}")
        alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        check = config["Healthcheck"]["Test"][1:]
        tried([*alone, *within, "sh", "-c", service(config, check)], "feedpub serve")
        feed = [*within, "cat", "/data/out/rss.xml"]
        if "<title>An item</title>" not in tried(feed, "the feed of the service"):
            sys.exit("the service wrote another feed")
    print(f"built, and served a feed as {user}: {told}")


if __name__ == "__main__":
    main(*sys.argv[1:])
