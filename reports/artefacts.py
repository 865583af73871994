"""Everything a run leaves behind in its folder. A file that cannot be written is a note, never a wrong verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from intent.files import write_text
from reports.allure.writer import ARCHIVE, write_archive, write_folder
from reports.formats import drift_json, markdown, page, prometheus
from reports.run import Run

FILES = {
    # JSON is scrubbed as data, not as text: a secret's place must not break its form.
    "drift.json": drift_json.render,
    "page.html": page.render,
    "summary.md": markdown.render,
}
METRICS = "avi_compliance.prom"


def write(run: Run, config: pytest.Config) -> None:
    """Write every file of a finished run."""
    _allure(run, config)
    for name, render in FILES.items():
        _file(run, name, run.folder / name, render(run))
    if run.complete:
        _metrics(run, config)


def _metrics(run: Run, config: pytest.Config) -> None:
    """Only of a whole run: after one of a few checks, an alert on what it did not ask must not end."""
    text = prometheus.render(run)
    _file(run, METRICS, run.folder / METRICS, text)
    if (metrics := config.getoption("metrics")) is not None:
        _file(run, str(metrics), config.invocation_params.dir / metrics, text)


def write_others(run: Run, config: pytest.Config) -> None:
    """A run without any check of ours leaves only what `--alluredir` asked for."""
    if config.getoption("allure_report_dir", None):
        _allure(run, config)


def _allure(run: Run, config: pytest.Config) -> None:
    chosen = config.getoption("allure_report_dir", None)
    try:
        if chosen:
            run.written[str(chosen)] = write_folder(run, run.others, config.invocation_params.dir / chosen)
        else:
            run.written[ARCHIVE] = write_archive(run, run.others, run.folder / ARCHIVE)
    except OSError as error:
        run.unwritten.append(str(chosen or ARCHIVE))
        run.notes.append(f"Allure results could not be written: {error}")


def _file(run: Run, name: str, path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        run.unwritten.append(name)
        run.notes.append(f"{path} could not be written: {error.strerror}")
    else:
        run.written[name] = path
