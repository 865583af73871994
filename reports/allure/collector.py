"""What a check itself says through `allure.*`: attachments, steps, labels and links, as plain data on its report.

Stands in for the reporter behind allure-pytest's listener, whose pytest hooks are switched off: see the package.
"""

from __future__ import annotations

import base64
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from allure_commons.model2 import TestResult


def take_over(config: pytest.Config, listener: Any) -> None:
    """Let allure-pytest, whose `listener` this is, collect nothing more by itself."""
    config.pluginmanager.unregister(listener)
    collector = listener.allure_logger = Collector()
    config.pluginmanager.register(collector, "avi-allure-collector")
    # A worker of a distributed run must not empty the folder a second time.
    config.option.clean_alluredir = False


class Collector:
    """The methods of allure_commons' AllureReporter that its listener calls for `allure.*`."""

    def __init__(self) -> None:
        self._begin()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Begin anew with every check."""
        self._begin()
        return (yield)

    def pytest_avi_forget(self) -> None:
        """Begin anew, too, where a check is run again."""
        self._begin()

    def _begin(self) -> None:
        self._test: Any = TestResult()
        self._open: list[tuple[str, Any]] = []
        self._files: dict[int, list[dict[str, str]]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put what was said so far on the report."""
        report = yield
        if (allure := self._said()) is not None:
            report.allure = allure  # type: ignore[attr-defined]
        return report

    def _said(self) -> dict[str, Any] | None:
        test = self._test
        allure = {
            "labels": [[str(label.name), str(label.value)] for label in test.labels],
            "links": [{"type": link.type, "url": link.url, "name": link.name} for link in test.links],
            "steps": [self._step(step) for step in test.steps],
            "attachments": self._files.get(id(test), []),
        }
        return allure if any(allure.values()) else None

    def _step(self, step: Any) -> dict[str, Any]:
        return {
            "name": str(step.name),
            "status": str(step.status or "passed"),
            "start": step.start,
            "stop": step.stop,
            "steps": [self._step(inner) for inner in step.steps],
            "attachments": self._files.get(id(step), []),
        }

    def get_test(self, _uuid: str | None) -> Any:
        """The result that `allure.dynamic` fills."""
        return self._test

    def start_step(self, _parent: str | None, uuid: str, step: Any) -> None:
        """A step within the innermost open one."""
        self._innermost().steps.append(step)
        self._open.append((uuid, step))

    def stop_step(self, uuid: str, **options: Any) -> None:
        """A step is over."""
        for number, (known, step) in enumerate(self._open):
            if known == uuid:
                for name, value in options.items():
                    setattr(step, name, value)
                del self._open[number:]
                return

    def attach_data(
        self, _uuid: str, body: Any, name: Any = None, attachment_type: Any = None, extension: Any = None
    ) -> None:
        """A text or bytes; what is not UTF-8 travels as base64."""
        kind = getattr(attachment_type, "mime_type", attachment_type) or "text/plain"
        ending = extension or getattr(attachment_type, "extension", None) or "txt"
        kept = {"name": str(name or "attachment"), "type": str(kind), "extension": str(ending)}
        if isinstance(body, bytes | bytearray):
            try:
                kept["text"] = bytes(body).decode()
            except UnicodeDecodeError:
                kept["base64"] = base64.b64encode(body).decode()
        else:
            kept["text"] = str(body)
        self._files.setdefault(id(self._innermost()), []).append(kept)

    def attach_file(self, uuid: str, source: str, name: Any = None, **options: Any) -> None:
        """A file's content, as it is now."""
        path = Path(source)
        ending = path.suffix.removeprefix(".")
        kind, extension = options.get("attachment_type"), options.get("extension")
        self.attach_data(uuid, path.read_bytes(), name or path.name, kind, extension or ending)

    def global_attach_data(self, *_args: Any, **_options: Any) -> None:
        """Belongs to no check: not kept."""

    global_attach_file = global_error = start_after_fixture = stop_after_fixture = global_attach_data

    def _innermost(self) -> Any:
        return self._open[-1][1] if self._open else self._test
