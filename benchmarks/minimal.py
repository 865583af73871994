"""The least a client can do: given the paths, get them. Nothing of ours, no SDK, no retries, no proof of anything.

`python -m benchmarks.minimal LAB PATHS [--threads N]`: LAB is the line that the lab prints, PATHS a JSON list
of paths. Each thread has a session and a connection of its own. Says on one line what it got.
"""

from __future__ import annotations

import http.client
import json
import queue
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

from avi_schema.command_line import not_written, whole
from benchmarks.command import command

PATHS = "a list of paths"


class Session:
    """One login on one connection."""

    def __init__(self, lab: dict[str, Any]) -> None:
        there = lab["controller"]
        context = ssl.create_default_context(cafile=lab["ca_file"])
        self._connection = http.client.HTTPSConnection(there["address"], there["port"], context=context)
        body = json.dumps({name: lab[name] for name in ("username", "password")})
        self._connection.request("POST", "/login", body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        cookies = [value.partition(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"]
        self._headers = {"Cookie": "; ".join(cookies), "X-Avi-Version": lab["version"], "X-Avi-Tenant": "*"}

    def get(self, path: str) -> bytes:
        """The body of an answer. Raises RuntimeError unless it is 200."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status} {body[:200]!r}")
        return body


def get_all(lab: dict[str, Any], paths: list[str], threads: int) -> list[Any]:
    """Every path's JSON, in no order. Raises what a thread raised."""
    work: queue.SimpleQueue[str] = queue.SimpleQueue()
    for path in paths:
        work.put(path)
    found: list[Any] = []
    wrong: list[Exception] = []

    def run() -> None:
        try:
            session = Session(lab)
            while True:
                found.append(json.loads(session.get(work.get_nowait())))
        except queue.Empty:
            return
        except Exception as error:  # noqa: BLE001 -- told below, by the thread that waits
            wrong.append(error)

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if wrong:
        raise wrong[0]
    return found


def objects(pages: list[Any]) -> list[str]:
    """The path of every single object in some pages, each once; an inventory row is its object's runtime."""
    urls = (
        row["url"]
        for page in pages
        for row in page.get("results", ())
        if isinstance(row, dict) and "url" in row
    )
    return list(dict.fromkeys(url.partition("#")[0].partition("/api/")[2] for url in urls))


def _noun(path: Path) -> str | None:
    """What a file is that may be written over; None where nobody can tell."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return PATHS if isinstance(data, list) and all(isinstance(each, str) for each in data) else None


def main() -> int:
    """Get them all and say how long it took, in seconds on the clock."""
    parser = command("minimal", __doc__, "lab.json paths.json --threads 4")
    parser.add_argument("lab", type=Path, help="a file with the line that the lab printed")
    parser.add_argument("paths", type=Path, help="a file with the paths, a JSON list")
    parser.add_argument("--threads", type=whole(1, 1000), default=8, help="at once (8)")
    parser.add_argument("--objects", type=Path, help="write the path of every single object here")
    given = parser.parse_args()
    if given.objects and given.objects.resolve() == given.paths.resolve():
        parser.error(f"--objects {given.objects}: is the file of paths that is read; name a new file")
    if given.objects and (why := not_written(given.objects, PATHS, _noun)):
        parser.error(f"--objects {given.objects}: {why}")
    lab = json.loads(given.lab.read_text(encoding="utf-8").partition("\n")[0])
    paths = json.loads(given.paths.read_text(encoding="utf-8"))
    began, spent = time.perf_counter(), time.process_time()
    pages = get_all(lab, paths, given.threads)
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    print(json.dumps({"requests": len(pages), "seconds": round(seconds, 3), "cpu": round(cpu, 3)}))
    if given.objects:
        given.objects.write_text(json.dumps(objects(pages)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
