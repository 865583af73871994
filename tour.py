"""The guided run: check the simulated site, and say what was seen and what to try next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from avi_schema.command_line import CommandParser

ROOT = Path(__file__).parent

MEANS = {
    0: "Exit code 0: the site is as declared.",
    1: "Exit code 1: the site has drifted from its declaration. Here that is planned: faults were planted, and each "
    "failure above names what one of them did.",
}

NEXT = """
Next, in this folder:
  {python} -m reports.html               the results as a page for the browser; it says where
  {pytest} --lab --lab-state conforming   the same site, as declared: everything passes
  {pytest} --lab --plan                   what would be changed to put it right
  {pytest} --lab --remediate              put it right, and prove it by the same checks
  {pytest} --environment=FILE             your own site, declared like environments/iberia.yaml
"""


def _beside(name: str) -> str:
    """A program beside this interpreter, as one types it in this folder."""
    found = Path(sys.executable).parent / name
    return str(found.relative_to(ROOT)) if found.is_relative_to(ROOT) else name


def steps() -> list[str]:
    """What may be typed next, each as it is typed in this folder."""
    lines = NEXT.format(pytest=_beside("pytest"), python=_beside("python")).splitlines()[2:]
    return [line.strip().split("   ")[0] for line in lines]


def main(arguments: list[str] | None = None) -> int:
    """Run the checks on the simulated site. Returns 0 when they ran to a verdict, else pytest's exit code."""
    parser = CommandParser(
        prog="python tour.py",
        description=__doc__,
        examples=["python tour.py", "python tour.py --lab-state fresh"],
        codes={
            0: "the checks ran to a verdict, conforming or drifted",
            2: "interrupted",
            3: "internal error",
            4: "bad usage",
        },
        epilog="\nOptions of pytest's are handed on to it: `pytest --help` lists them.",
    )
    _, arguments = parser.parse_known_args(arguments)
    command = [sys.executable, "-m", "pytest", "--lab", *arguments]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 -- our own command
    print()  # noqa: T201 -- speaking to a person is what this is for
    print(MEANS.get(code, f"pytest ended with exit code {code}: see above."))  # noqa: T201
    print(NEXT.format(pytest=_beside("pytest"), python=_beside("python")) if code in MEANS else "")  # noqa: T201
    return 0 if code in MEANS else code


if __name__ == "__main__":
    sys.exit(main())
