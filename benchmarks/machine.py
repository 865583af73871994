"""The machine that a figure was taken on, and how busy it was."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any


def described() -> dict[str, Any]:
    """Processor, cores, memory, system, and the versions that count."""
    processor = _line("/proc/cpuinfo", "model name")
    memory = int(_line("/proc/meminfo", "MemTotal").split()[0] or 0)
    return {
        "processor": processor or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("pytest", "allure-pytest", "avisdk", "pydantic", "PyYAML")},
    }


def load() -> float:
    """How many processes wanted a core, on average over the last minute."""
    return round(os.getloadavg()[0], 1)


def sentence(about: dict[str, Any]) -> str:
    """The same in one line."""
    return (
        f"{about['processor']}, {about['cores']} cores, {about['memory_gib']:.0f} GiB, {about['system']}, "
        f"Python {about['python']}, pytest {about['pytest']}, allure-pytest {about['allure-pytest']}, "
        f"avisdk {about['avisdk']}"
    )


def _line(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""
