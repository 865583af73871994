"""The command line of `python -m fleet`."""

from __future__ import annotations

import os
import re
from pathlib import Path

from avi_schema.command_line import CommandParser, whole
from intent.installation import OUT, typed
from reports.outcomes import CONFORMS, DRIFT, INTERNAL, INTERRUPTED, NOTHING, UNKNOWN, USAGE

_ABOUT = """\
Check several environments in one go, each in a process of its own.

Each environment keeps its own reports, history, exit code and lock, so that an unreachable site costs no other one
its result. Credentials of one site may end in `__` and its name: `AVI_PASSWORD__NORTH` goes before `AVI_PASSWORD`.
In what is handed on to pytest, `{environment}` stands for the name: `--junitxml=junit-{environment}.xml`.
"""

_EXAMPLES = """\
python -m fleet environments/ --jobs 4 -- -q
pytest --environment environments/north.yaml --environment environments/south.yaml
python -m fleet environments/ --index 2 --of 5       this machine's share of them
python -m fleet --merge --out /reports               only put the results of all shares together
"""

_CODES = {
    CONFORMS: "every environment is as declared",
    DRIFT: "drift, in one at least",
    INTERRUPTED: "interrupted",
    INTERNAL: "an internal error, in one at least",
    USAGE: "bad usage, or one that cannot be checked",
    NOTHING: "no checks, or no results to put together",
    UNKNOWN: "no drift, but something could not be read",
}


def parser() -> CommandParser:
    """The parser of what stands before `--`; what stands behind it is pytest's."""
    command = CommandParser(
        prog=typed("python -m fleet"),
        description=_ABOUT,
        examples=typed(_EXAMPLES).splitlines(),
        codes=_CODES,
    )
    add = command.add_argument
    add(
        "environments",
        nargs="*",
        type=Path,
        metavar="FILE_OR_FOLDER",
        help="environment files, or their folder",
    )
    add("--out", type=Path, default=OUT, metavar="DIR", help="each environment has a folder in this one")
    add("--jobs", type=whole(1, 1000), default=4, metavar="N", help="environments at once (default: 4)")
    index = os.environ.get("JOB_COMPLETION_INDEX", "")
    add(
        "--index",
        type=whole(0),
        default=int(index) if re.fullmatch("[0-9]{1,9}", index) else 0,
        metavar="I",
        help="which share, from 0 (default: JOB_COMPLETION_INDEX, where Kubernetes sets it, else 0)",
    )
    add("--of", type=whole(1), default=1, metavar="N", help="run only share I of N shares (default: 1)")
    add("--merge", action="store_true", help="run nothing; put together what is there")
    return command
