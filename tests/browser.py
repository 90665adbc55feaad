"""A small client of Chromium over its debugging pipe: no driver, no socket, no library."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from engines import program

FLAGS = ("--headless=new", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--remote-debugging-pipe", "--hide-scrollbars",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")  # fmt: skip

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
"""The tags of axe's rules that pages keep: WCAG 2.2 up to AA, and what is good beside it."""


@cache
def axe() -> str:
    """Return the script of axe-core; of the package that brings it nothing else is used."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


class Browser:
    """One Chromium with one page; `seen` are the events of that page so far."""

    def __init__(self, program: str, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        inn, theirs_out = os.pipe()
        self._in = os.fdopen(inn, "rb")
        self._number, self._session, self._rest = 0, "", b""
        self.seen: list[dict[str, Any]] = []
        # The browser wants to read commands from 3 and to write answers to 4.
        line = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        flags = [*FLAGS, f"--user-data-dir={profile}", *(["--no-sandbox"] * (os.geteuid() == 0))]
        self._process = subprocess.Popen(
            ["bash", "-c", line, program, *flags],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its answer."""
        self._number += 1
        told = {"id": self._number, "method": method, "params": params}
        if self._session:
            told["sessionId"] = self._session
        os.write(self._out, json.dumps(told).encode() + b"\0")
        while True:
            heard = self._hear()
            if heard.get("id") == self._number:
                assert "error" not in heard, heard
                result: dict[str, Any] = heard["result"]
                return result

    def open(self, url: str) -> None:
        """Load a page and wait until all of it is there."""
        self.seen.clear()
        self.ask("Page.navigate", url=url)
        self.loaded()

    def loaded(self) -> None:
        """Wait until all of a page is there that was asked for since the last one was."""
        while not any(event["method"] == "Page.loadEventFired" for event in self.seen):
            self._hear()

    def show(self, width: int, *, dark: bool = False, script: bool = True) -> None:
        """Set how the next page is shown."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900,
                 deviceScaleFactor=1, mobile=False)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)

    def run(self, script: str) -> Any:
        """Evaluate JavaScript as the page's user would in the console; return its value."""
        done = self.ask("Runtime.evaluate", expression=script, awaitPromise=True,
                        returnByValue=True, userGesture=True)  # fmt: skip
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """Press a key and let it go."""
        code = {"Tab": 9, "Enter": 13}.get(key, 0)
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, text=text,
                 windowsVirtualKeyCode=code)  # fmt: skip
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def complaints(self) -> list[str]:
        """Return the errors that the console shows, breaches of the policy among them."""
        self.run("1")
        entries = [e["params"]["entry"] for e in self.seen if e["method"] == "Log.entryAdded"]
        thrown = [str(e) for e in self.seen if e["method"] == "Runtime.exceptionThrown"]
        # Pictures of the sample site are on hosts that do not exist.
        logged = [e["text"] + e.get("url", "") for e in entries if e["source"] != "network"]
        return logged + thrown

    def barriers(self) -> list[str]:
        """Return what axe finds on the page that keeps people out, its rule first."""
        # Evaluated like this, it is no script of the page: the page's policy stays in force.
        self.run(f"{axe()};0")
        found = self.run(f"axe.run({{runOnly: {json.dumps(RULES)}}}).then(r => r.violations)")
        return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]

    def picture(self, file: Path) -> None:
        """Write what is shown as PNG."""
        data = self.ask("Page.captureScreenshot", format="png")["data"]
        file.write_bytes(base64.b64decode(data))

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._in.fileno(), 1 << 16)
            assert piece, "the browser ended"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        heard: dict[str, Any] = json.loads(line)
        if "method" in heard:
            self.seen.append(heard)
        return heard

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._in.close()
        os.close(self._out)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests."""
    with Browser(program("chromium", "chromium"), tmp_path_factory.mktemp("profile")) as found:
        yield found
