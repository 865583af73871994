"""Headless Chromium over its debugging pipe: open a page, evaluate in it, wait, take a picture."""

import base64
import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One page. Messages are JSON, each ended by a zero byte, over file descriptors 3 (to it) and 4 (from it)."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._rest, self._number = to, back, b"", 0
        self._session: dict[str, str] = {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        found = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._session = {"sessionId": found}
        self.call("Page.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride", width=1400, height=1000, deviceScaleFactor=1, mobile=False
        )

    def call(self, method: str, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._rest:
                self._rest += os.read(self._back, 1 << 20)
            one, _, self._rest = self._rest.partition(b"\0")
            answer = json.loads(one)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, path: Path) -> None:
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.wait("document.readyState === 'complete'")

    def evaluate(self, script: str):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, script: str, seconds: float = 30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.evaluate(script):
                return found
            time.sleep(0.2)
        raise AssertionError(f"never true: {script}\n{self.text()[:3000]}")

    def text(self) -> str:
        return self.evaluate("document.body.innerText")

    def shows(self, text: str) -> None:
        self.wait(f"document.body.innerText.includes({json.dumps(text)})")

    def click(self, text: str, selector: str = "*") -> None:
        """Click the innermost element that shows exactly this text, whatever its white space."""
        script = (
            f"[...document.querySelectorAll({json.dumps(selector)})].filter(e => e.offsetParent !== null && "
            f"e.innerText && e.innerText.replace(/\\s+/g, ' ').trim() === {json.dumps(text)}).pop()"
        )
        self.wait(f"!!({script})")
        self.evaluate(f"({script}).click()")

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def page(profile: Path):
    """A browser with one page, ended whatever happens."""
    here, there = os.pipe(), os.pipe()

    def descriptors() -> None:
        os.dup2(here[0], 3)
        os.dup2(there[1], 4)

    process = subprocess.Popen(
        [
            executable(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--remote-debugging-pipe", f"--user-data-dir={profile}",
        ],
        preexec_fn=descriptors,  # noqa: PLW1509 -- no other thread is about
        pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(here[0])
    os.close(there[1])
    try:
        yield Page(here[1], there[0])
    finally:
        process.kill()
        process.wait()
        os.close(here[1])
        os.close(there[0])
