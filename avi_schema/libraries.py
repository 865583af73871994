"""What is said where a library is not installed: often another Python was meant, such as that of `.venv`."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

HOME = Path(__file__).absolute().parents[1]
"""The folder that holds our folders: the clone, or the package `avi_compliance`."""


_NAMES = {"avi": "avisdk", "dns": "dnspython", "yaml": "PyYAML", "testinfra": "pytest-testinfra"}
"""What a library is installed as, where its modules bear another name."""


def lacking(error: ImportError) -> str:
    """What to type where a library is missing, or is of a version without what we import; "" where it is our own."""
    top = (error.name or "").partition(".")[0]
    if not top or (HOME / top).is_dir() or (HOME / f"{top}.py").is_file():
        return ""
    name, others = _NAMES.get(top, top), ""
    if isinstance(error, ModuleNotFoundError):
        text = f"it needs {name}, which is not installed here; run "
    else:
        text = f"it needs another {name} than the one installed here ({error.msg}); run "
    wanted = _of_the_package("lab")
    if name.lower() in {re.split(r"[^\w-]", each)[0].lower() for each in wanted}:
        others = "; in a requirements file, avi-compliance[lab] in place of avi-compliance brings it"
    else:
        wanted = _of_the_package()
    what = " ".join(map(shlex.quote, wanted or [f"{HOME}[lab]"]))
    own = HOME / ".venv"
    instead = f", or take the Python of the clone's environment: . {shlex.quote(str(own))}/bin/activate"
    return f"{text}{sys.executable} -m pip install {what}{others}{instead if _is_another(own) else ''}"


def _is_another(environment: Path) -> bool:
    """Whether there is such an environment, and this is not its Python."""
    return environment.is_dir() and Path(sys.prefix) != environment


def _of_the_package(extra: str = "") -> list[str]:
    """What an installed package says that it needs: from where it was installed nobody knows, and it is in no index."""
    from importlib.metadata import PackageNotFoundError, requires  # noqa: PLC0415 -- only where one is missing

    try:
        texts = [text.partition(";") for text in requires("avi-compliance") or ()]
    except PackageNotFoundError:
        return []
    marked = rf"\s*extra\s*==\s*.{re.escape(extra)}.\s*" if extra else r"\s*"
    return [name.strip() for name, _, marker in texts if re.fullmatch(marked, marker)]
