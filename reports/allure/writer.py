"""Writes a run's Allure results: into a folder where one was asked for, else into one archive.

An archive, because a folder of twenty thousand small files costs more to write and to throw away than the whole run;
`python -m reports.html` reads both.
"""

from __future__ import annotations

import json
import os
import uuid
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from intent.files import opened, replaced, write_all
from intent.plain_data import encoded
from intent.remediation import FAILURES
from reports.allure import surroundings
from reports.allure.attachments import Attachment, attachments_of
from reports.allure.results import first_attempt, plain_result, result_json
from reports.formats import page
from reports.run import Run

ARCHIVE = "allure-results.zip"
FRONT_PAGE = "front-page.html"
"""The page of the run among the results, for `python -m reports.html`; Allure itself does not read it."""
OVERVIEW = "What, since when, who must act"
"""The same page, as Allure shows it."""

Put = Callable[[str, bytes], None]
"""Keeps one file: its name and content."""


def write_archive(run: Run, others: Iterable[Any], path: Path) -> Path:
    """Write every result into a new archive. Raises OSError."""
    with (
        replaced(path) as fresh,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        _write(run, others, archive.writestr)
    return path


def write_folder(run: Run, others: Iterable[Any], folder: Path) -> Path:
    """Add every result to a folder, as allure-pytest does. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    place = str(folder)

    def put(name: str, data: bytes) -> None:
        # Of twenty thousand files, each opened, written and closed: Python's own layers take longer than the system.
        file = opened(f"{place}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            write_all(file, data)
        finally:
            os.close(file)

    _write(run, others, put)
    return folder


def _write(run: Run, others: Iterable[Any], put: Put) -> None:
    for result in run.results:
        files = [_attach(attachment, put) for attachment in attachments_of(result)]
        document = result_json(result, run, files)
        if result.allure:
            _add_said(document, result.allure, put)
        _dump(document, put)
        if (first := first_attempt(result, run)) is not None:
            _dump(first, put)
    for report in others:
        _dump(plain_result(report, run), put)
    front_page = page.render(run)
    put(FRONT_PAGE, front_page.encode("utf-8", errors="replace"))
    if run.faults or run.results.of(*FAILURES, "unknown", "waived"):
        table = _attach(Attachment(OVERVIEW, "text/html", front_page), put)
        put(f"{uuid.uuid4()}-globals.json", json.dumps({"attachments": [table]}).encode())
    put("environment.properties", surroundings.environment_properties(run).encode())
    put("executor.json", surroundings.executor_json(run).encode())
    put("categories.json", surroundings.categories_json().encode())


def _dump(result: dict[str, Any], put: Put) -> None:
    put(f"{result['uuid']}-result.json", encoded(result))


def _attach(attachment: Attachment, put: Put) -> dict[str, str]:
    name = f"{uuid.uuid4()}-attachment.{attachment.extension}"
    put(name, attachment.data)
    return {"name": attachment.name, "type": attachment.type, "source": name}


def _add_said(document: dict[str, Any], added: dict[str, Any], put: Put) -> None:
    """Add what the check said through `allure.*`."""
    document["labels"] += [{"name": name, "value": value} for name, value in added["labels"]]
    document["links"] += added["links"]
    document["steps"] = [*document.get("steps", ()), *(_step(step, put) for step in added["steps"])]
    document["attachments"] = [*document.get("attachments", ()), *_files(added["attachments"], put)]


def _step(step: dict[str, Any], put: Put) -> dict[str, Any]:
    inner = [_step(part, put) for part in step["steps"]]
    return {**step, "stage": "finished", "steps": inner, "attachments": _files(step["attachments"], put)}


def _files(kept: list[dict[str, str]], put: Put) -> list[dict[str, str]]:
    return [_attach(Attachment.of(file), put) for file in kept]
