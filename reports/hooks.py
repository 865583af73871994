"""Hooks through which other plugins tell the reports about a run, without importing them.

Implement them with `@pytest.hookimpl(optionalhook=True)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # pytest reads no annotation of a hook, and no first check waits for what they name
    from intent.ako.verdict import AkoVerdict
    from intent.base import Key
    from intent.coverage import Coverage
    from intent.drift import Drift
    from intent.explanation import Chain, Explanation
    from intent.fingerprint import Fingerprint
    from intent.forecast import Reading
    from intent.messages import MessageSettings
    from intent.notice import Notice, NoticeSettings
    from intent.outcome import CheckResult


@pytest.hookspec
def pytest_avi_run(config: pytest.Config) -> dict[str, Any] | None:
    """Facts of the run as plain data, asked at its beginning, for the name, and at its end; the answers are merged.

    Known names, all optional: `environment` (name), `file`, `site` (address), `version`, `api_version`,
    `vcenter`, `requests`, `objects` (declared), `read_at`, `verify_tls`, `lab`, `revision`, `state`.
    """


@pytest.hookspec(firstresult=True)
def pytest_avi_coverage(config: pytest.Config) -> Coverage | None:
    """How much of the site is declared, asked once a run has ended; None where that was not looked at."""


@pytest.hookspec(firstresult=True)
def pytest_avi_ako(config: pytest.Config) -> tuple[AkoVerdict, ...] | None:
    """The verdicts on the declared AKOs, asked once a run has ended; None where there is none, or nothing was read."""


@pytest.hookspec(firstresult=True)
def pytest_avi_message_settings(config: pytest.Config) -> MessageSettings | None:
    """When receivers of messages are told, asked once a run has ended."""


@pytest.hookspec(firstresult=True)
def pytest_avi_reading(config: pytest.Config) -> Reading | None:
    """The figures of use that a whole run has read, asked once it has ended; None where none were looked at."""


@pytest.hookspec
def pytest_avi_notices(config: pytest.Config) -> Sequence[Notice] | None:
    """Notices of one plugin, asked once a run has ended, of every plugin that has some."""


@pytest.hookspec(firstresult=True)
def pytest_avi_fingerprint(config: pytest.Config) -> Fingerprint | None:
    """What was listed of the site, asked once a whole run has ended; None where that was not looked at."""


@pytest.hookspec(firstresult=True)
def pytest_avi_notice_settings(config: pytest.Config) -> NoticeSettings | None:
    """Which notices the site wants, asked once a run has ended."""


@pytest.hookspec(firstresult=True)
def pytest_avi_authors(config: pytest.Config, notices: Sequence[Notice]) -> Sequence[Notice] | None:
    """The same notices, each with who did it where that is known; asked once, of all that is not only counted."""


@pytest.hookspec(firstresult=True)
def pytest_avi_origins(config: pytest.Config, result: CheckResult) -> CheckResult | None:
    """The same result, with how its drifts came to be; asked of each that has drifted, before anybody is told of it."""


@pytest.hookspec(firstresult=True)
def pytest_avi_chain(config: pytest.Config, key: Key) -> Chain | None:
    """Where a declared object stands, asked once a run has ended, for `--why`."""


@pytest.hookspec(firstresult=True)
def pytest_avi_remedy(config: pytest.Config, drift: Drift) -> Explanation | None:
    """What remediation would do about a drift, likewise."""


@pytest.hookspec
def pytest_avi_secrets(config: pytest.Config) -> list[str] | None:
    """Secret values that no artefact may show; each process asks once, when it starts."""


@pytest.hookspec
def pytest_avi_forget() -> None:
    """Forget what the check that runs has said so far, such as attachments: it begins anew."""
