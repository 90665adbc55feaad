"""The CI jobs of config/deploy: their own shell steps, in fresh checkouts of a real repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import feedparser
import pytest
import yaml
from small_site import DAY, EPOCH, OUT_AT_FIRST, UNDATED, Site, files_below

pytestmark = pytest.mark.usefixtures("unmeasured")

DEPLOY = Path(__file__).parent.parent / "config" / "deploy"
ORIGIN = "https://forge.example.org/ann/site.git"


class Job(NamedTuple):
    """The shell steps of a job, what it publishes, and how deep a checkout it is given.

    One of more than the newest commit is a checkout of what was pushed, as GitLab's are.
    """

    steps: list[str]
    published: str
    depth: int


def github() -> Job:
    whole = yaml.safe_load((DEPLOY / "github-pages.yml").read_text(encoding="utf-8"))
    [job] = whole["jobs"].values()
    used = [
        step.get("uses", "").partition("@")[0].removeprefix("actions/") for step in job["steps"]
    ]
    assert [name for name in used if name] == [
        *("checkout", "setup-python", "upload-pages-artifact", "deploy-pages")
    ]
    by_use = dict(zip(used, job["steps"], strict=True))
    assert by_use["checkout"]["with"]["ref"] == "${{ github.ref_name }}"
    assert whole["permissions"] == {"contents": "write", "pages": "write", "id-token": "write"}
    assert whole["concurrency"] == {"group": "feeds"}
    steps = [step["run"] for step in job["steps"] if "run" in step]
    return Job(steps, by_use["upload-pages-artifact"]["with"]["path"], depth=1)


def gitlab() -> Job:
    job = yaml.safe_load((DEPLOY / "gitlab-ci.yml").read_text(encoding="utf-8"))["pages"]
    assert job["resource_group"] == "feeds"
    assert job["artifacts"] == {"paths": ["public"]}
    return Job(job["script"], "public", depth=20)


class Forge:
    """A repository, its author, and its CI, in which each run has a fresh checkout."""

    def __init__(self, folder: Path, job: Job) -> None:
        self.folder, self.job, self.runs = folder, job, 0
        self.origin = folder / "origin.git"
        programs = folder / "programs"
        programs.mkdir()
        for program, script in {
            "feedpub": f'exec "{sys.executable}" -m feedpub "$@"',
            "pip": 'test "$*" = "install --quiet feedpub"',  # a forge has a registry
        }.items():
            (programs / program).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            (programs / program).chmod(0o755)
        self.env = os.environ | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "CI_COMMIT_BRANCH": "main",
            "CI_SERVER_HOST": "forge.example.org",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{self.origin}.insteadOf",
            "GIT_CONFIG_VALUE_0": ORIGIN,
        }
        self.shell("git init --quiet --bare --initial-branch main origin.git", folder)
        self.shell("git config receive.advertisePushOptions true", self.origin)
        self.author = Site(folder / "author")
        self.author.configure(state={"root": ".feedpub", "ledger": "ledger.txt"})
        (self.author.root / ".gitignore").write_text("out/\npublic/\n.feedpub/\n")
        self.shell(
            "git init --quiet --initial-branch main; git config user.name Ann;"
            f" git config user.email ann@example.org; git remote add origin {ORIGIN}",
            self.author.root,
        )

    def shell(self, script: str, cwd: Path, **env: str) -> str:
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            capture_output=True, text=True, check=False, cwd=cwd, env=self.env | env,
        )  # fmt: skip
        assert done.returncode == 0, (script, done.stdout, done.stderr)
        return done.stdout

    def push(self) -> str:
        """Let the author push what changed, on top of what is there; return the commit."""
        there = "git ls-remote --exit-code origin main > /dev/null"
        self.shell(
            "git add --all; git commit --quiet --allow-empty --message Write;"
            f" if {there}; then git pull --quiet --rebase origin main; fi; git push --quiet origin main",
            self.author.root,
        )
        return self.shell("git rev-parse HEAD", self.author.root).strip()

    def run(self, pushed: str, epoch: int, once_built: Callable[[Path], object]) -> Path:
        """Run the job for a push, in a fresh checkout, which is returned.

        `once_built` is told the checkout, when the feeds are built and nothing is pushed.
        """
        self.runs += 1
        place = self.folder / f"run-{self.runs}"
        self.shell(f"git clone --quiet --depth {self.job.depth} {ORIGIN} {place}", self.folder)
        if self.job.depth > 1:
            self.shell(f"git checkout --quiet --detach {pushed}", place)
        for step in self.job.steps:
            self.shell(step, place, SOURCE_DATE_EPOCH=str(epoch))
            if step.startswith("feedpub build"):
                once_built(place)
        return place

    def commits(self) -> int:
        """Return how often the ledger was committed."""
        log = self.shell("git log --format=%s main", self.origin)
        return log.splitlines().count("Keep the ledger of the feeds")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("job", [github, gitlab])
def test_ids_and_dates_are_those_of_one_state_over_ten_runs_from_fresh_checkouts(
    job: Callable[[], Job], tmp_path: Path
) -> None:
    forge = Forge(tmp_path, job())
    author = forge.author.fill()
    lasting = author.copy(tmp_path / "lasting")
    late: list[str] = []

    def once_built(place: Path) -> None:
        """Let the lasting site see what this run saw; in the third, push an item that it did not."""
        shutil.rmtree(lasting.content)
        shutil.copytree(place / "content", lasting.content)
        if forge.runs == 3:
            author.edit(21, publishedDateTime=None)
            late.append(forge.push())

    def rename() -> None:
        (author.content / UNDATED).rename(author.content / "renamed.md")

    changes: dict[int, Callable[[], object]] = {
        3: lambda: author.edit(20, publishedDateTime=None),
        5: rename,
        6: lambda: author.edit(20, publishedDateTime=None, title="Another title"),
        7: lambda: author.edit(1, draft="true"),
    }
    seen: dict[str, str] = {}
    commits = []
    for number in range(1, 11):
        changes.get(number, int)()
        pushed = late.pop() if late else forge.push()
        epoch = EPOCH + number * DAY
        place = forge.run(pushed, epoch, once_built)
        lasting.build(epoch=epoch)
        assert files_below(place / forge.job.published) == lasting.feeds(), number
        feed = feedparser.parse((place / forge.job.published / "atom.xml").read_bytes())
        for entry in feed.entries:
            assert seen.setdefault(entry.id, entry.published) == entry.published, entry.title
        commits.append(forge.commits())
    assert len(seen) == OUT_AT_FIRST + 2
    assert commits == [1, 1, 2, 3, 4, 5, 6, 6, 6, 6], (
        "a run that brings nothing new leaves no commit"
    )
