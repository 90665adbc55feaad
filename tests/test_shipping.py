"""What is built to be installed: the same bytes wherever it is built, all of it and no more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
from command import UNMEASURED

import feedpub

ROOT = Path(__file__).parent.parent


class Built(NamedTuple):
    """What one build made."""

    wheel: Path
    sdist: Path

    def bytes(self) -> tuple[bytes, bytes]:
        return self.wheel.read_bytes(), self.sdist.read_bytes()


def git(*arguments: str | Path, cwd: Path = ROOT) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    command = ["git", *who, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def build(source: Path, to: Path, umask: int = 0o022, **env: str) -> Built:
    """Build both of `source`, without fetching anything."""
    done = subprocess.run(
        [sys.executable, "-B", "-m", "hatchling", "build", "-d", to, "-t", "sdist", "-t", "wheel"],
        cwd=source,
        capture_output=True,
        check=False,
        umask=umask,
        env={**os.environ, **UNMEASURED, **env},
    )
    assert done.returncode == 0, done.stderr.decode()
    [wheel], [sdist] = to.glob("*.whl"), to.glob("*.tar.gz")
    return Built(wheel, sdist)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clean checkout of what is here, also of what is not committed yet."""
    folder = tmp_path_factory.mktemp("shipping") / "checkout"
    folder.mkdir()
    for path in git("ls-files", "-z").split("\0"):
        if path and (ROOT / path).exists():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    git("init", "-q", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "All", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def built(checkout: Path) -> Built:
    return build(checkout, checkout.parent / "dist")


@pytest.fixture(scope="module")
def unpacked(built: Built, checkout: Path) -> Path:
    """Return the sdist as it is unpacked."""
    shutil.unpack_archive(built.sdist, checkout.parent, filter="data")
    return checkout.parent / built.sdist.name.removesuffix(".tar.gz")


def test_equal_bytes_come_out_wherever_and_whenever_it_is_built(
    checkout: Path, built: Built, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "Élsewhere with spaces"
    subprocess.run(["git", "clone", "-q", checkout, elsewhere], umask=0o077, check=True)
    for file in elsewhere.rglob("*"):
        os.utime(file, (1, 1_000_000_000), follow_symlinks=False)
    env = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}
    assert build(elsewhere, tmp_path / "dist", 0o077, **env).bytes() == built.bytes()
    commit = feedpub_commit(checkout)
    shutil.rmtree(elsewhere / ".git")
    again = build(elsewhere, tmp_path / "without", FEEDPUB_COMMIT=commit)
    assert again.bytes() == built.bytes(), "without .git, but told which commit it is"


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_checkout(
    built: Built, unpacked: Path, tmp_path: Path
) -> None:
    assert build(unpacked, tmp_path, 0o027).wheel.read_bytes() == built.wheel.read_bytes()


def test_the_sdist_carries_what_is_in_the_checkout(checkout: Path, unpacked: Path) -> None:
    tracked = {*git("ls-files", "-z", cwd=checkout).split("\0")} - {""}
    found = {
        path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()
    }
    assert found == tracked | {"PKG-INFO", "feedpub/commit.txt"}
    assert all((unpacked / p).read_bytes() == (checkout / p).read_bytes() for p in tracked)


def test_the_wheel_carries_the_package_the_samples_and_the_license(
    built: Built, checkout: Path
) -> None:
    info = re.sub(r"-py3-none-any\.whl$", "", built.wheel.name)
    data = f"{info}.data/data/share/feedpub/"
    places = {"feedpub/": "feedpub/", "config/feedpub.yaml": data, "config/deploy/": data}
    wanted = {"feedpub/commit.txt", f"{info}.dist-info/licenses/LICENSE"}
    for path in git("ls-files", "-z", "feedpub", "config", cwd=checkout).split("\0"):
        for start, place in places.items():
            if path.startswith(start):
                wanted.add(place + path.removeprefix("config/").removeprefix("feedpub/"))
    with zipfile.ZipFile(built.wheel) as wheel:
        names = {*wheel.namelist()}
        about = wheel.read(f"{info}.dist-info/METADATA").decode()
        commit = wheel.read("feedpub/commit.txt").decode()
    made = {f"{info}.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL")}
    assert names == wanted | made | {f"{info}.dist-info/entry_points.txt"}
    assert (ROOT / "README.md").read_text(encoding="utf-8").strip() in about
    assert commit == f"{feedpub_commit(checkout)}\n"
    assert "-dirty" not in commit


def feedpub_commit(checkout: Path) -> str:
    return git("rev-parse", "--short=12", "HEAD", cwd=checkout).strip()


def version_of(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-BP", "-m", "feedpub", "--version"],
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **UNMEASURED, "PYTHONPATH": str(folder)},
    )
    return done.stdout


def test_version_tells_the_commit_of_a_wheel_of_a_checkout_and_of_neither(
    built: Built, checkout: Path, unpacked: Path, tmp_path: Path
) -> None:
    shutil.unpack_archive(built.wheel, tmp_path / "installed", "zip")
    python = ".".join(map(str, sys.version_info[:3]))
    told = "feedpub, version {} (commit {}, Python {})\n".format
    commit = feedpub_commit(checkout)
    for folder in (tmp_path / "installed", unpacked, checkout):
        assert version_of(folder) == told(feedpub.__version__, commit, python)
    copy = tmp_path / "copy"
    shutil.copytree(checkout, copy)
    (copy / "README.md").write_text("Changed", encoding="utf-8")
    assert f"(commit {commit}-dirty," in version_of(copy)
    shutil.rmtree(copy / ".git")
    assert "(commit unknown," in version_of(copy)
