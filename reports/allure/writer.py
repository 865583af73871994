"""Writes a run's Allure results: the results, their attachments, and what stands beside them."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from reports.allure import surroundings
from reports.allure.attachments import Attachment, attachments_of
from reports.allure.results import plain_result, result_of
from reports.files import write_text
from reports.run import Run

FOLDER = "allure-results"


def write_results(run: Run, others: list[Any], chosen: Path | None) -> Path:
    """Write every result; the folder that now holds them. Raises OSError.

    Without a chosen folder the run's own is replaced as a whole, so that it never mixes two runs; into a chosen one
    results are added, as allure-pytest does.
    """
    folder = chosen or run.folder / f".{FOLDER}.{run.id}"
    folder.mkdir(parents=True, exist_ok=True)
    for result in run.results:
        files = [_keep(folder, attachment) for attachment in attachments_of(result)]
        found = result_of(result, run, files)
        if result.said:
            _add_said(found, result.said, folder)
        _dump(folder, found)
    for report in others:
        _dump(folder, plain_result(report, run))
    write_text(folder / "environment.properties", surroundings.environment_properties(run))
    write_text(folder / "executor.json", surroundings.executor_json(run))
    write_text(folder / "categories.json", surroundings.categories_json())
    if chosen is not None:
        return chosen
    return _settle(folder, run.folder / FOLDER)


def _settle(folder: Path, final: Path) -> Path:
    """Put a finished folder in the place of the last run's."""
    for attempt in range(10):  # another run may settle its own at the same moment
        old = final.with_name(f"{folder.name}.old{attempt}")
        try:
            if final.exists():
                final.rename(old)
            folder.rename(final)
        except OSError:
            time.sleep(0.05)
            continue
        finally:
            shutil.rmtree(old, ignore_errors=True)
        return final
    return folder


def _dump(folder: Path, result: dict[str, Any]) -> None:
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    (folder / f"{result['uuid']}-result.json").write_text(text, encoding="utf-8", errors="replace")


def _keep(folder: Path, attachment: Attachment) -> dict[str, str]:
    name = f"{uuid.uuid4()}-attachment.{attachment.extension}"
    (folder / name).write_bytes(attachment.data)
    return {"name": attachment.name, "type": attachment.type, "source": name}


def _add_said(found: dict[str, Any], said: dict[str, Any], folder: Path) -> None:
    """Add what the check said through `allure.*`."""
    found["labels"] += [{"name": name, "value": value} for name, value in said["labels"]]
    found["links"] += said["links"]
    found["steps"] = [*found.get("steps", ()), *(_step(step, folder) for step in said["steps"])]
    found["attachments"] = [*found.get("attachments", ()), *_files(said["attachments"], folder)]


def _step(step: dict[str, Any], folder: Path) -> dict[str, Any]:
    inner = [_step(part, folder) for part in step["steps"]]
    return {**step, "stage": "finished", "steps": inner, "attachments": _files(step["attachments"], folder)}


def _files(kept: list[dict[str, str]], folder: Path) -> list[dict[str, str]]:
    return [_keep(folder, Attachment.of(one)) for one in kept]
