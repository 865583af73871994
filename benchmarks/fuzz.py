"""`python -m benchmarks.fuzz LOADER [libFuzzer's options]`: a file of a person's, guided by coverage (atheris).

LOADER: environment, waivers, plan, journal, snapshot. A loader may refuse what it is given with its own error; whatever
else it raises is a finding, and libFuzzer keeps the input. `-max_total_time=120` ends it after so many seconds.
Needs `pip install atheris`, which is no dependency; docs/faults.md says what it found.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.command import command

if __name__ == "__main__":  # before what is imported below: only who fuzzes needs atheris
    PARSER = command("fuzz", __doc__, "environment -max_total_time=120")
    PARSER.add_argument("loader", choices=("environment", "waivers", "plan", "journal", "snapshot"))
    GIVEN, LIBFUZZERS = PARSER.parse_known_args()
    if unknown := [option for option in LIBFUZZERS if option.startswith("--")]:
        PARSER.error(f"unknown: {' '.join(unknown)}; libFuzzer's options have one dash")

import atheris

with atheris.instrument_imports(include=["intent", "live.avi.snapshot", "remediate", "yaml"]):
    from intent import Environment, Invalid
    from intent.waivers import load as load_waivers
    from live.avi.snapshot import NotASnapshot, Snapshot
    from remediate.plan.model import BadPlan, Plan
    from remediate.write.record import BadJournal
    from remediate.write.record import load as load_journal

ROOT = Path(__file__).parents[1]
LOADERS: dict[str, tuple[Callable[[Path], Any], type[Exception], str]] = {
    "environment": (Environment.load, Invalid, "site.yaml"),
    "waivers": (load_waivers, Invalid, "site.waivers.yaml"),
    "plan": (Plan.load, BadPlan, "plan.json"),
    "journal": (load_journal, BadJournal, "site-1.jsonl"),
    "snapshot": (Snapshot.load, NotASnapshot, "site.json"),
}
KEY, REQUEST = (
    ["network", "n", "", "admin"],
    {"method": "PUT", "api": "network", "uuid": "u", "name": "n", "body": {}, "changed": []},
)
SEEDS: dict[str, list[bytes]] = {
    "environment": [
        (ROOT / "environments" / "iberia.yaml").read_bytes(),
        b"name: a\ncontroller: {address: c}\n",
    ],
    "waivers": [
        b"waivers:\n- check: test_vrf\n  object: network n\n  until: 2027-01-01\n  reason: because\n"
    ],
    "plan": [json.dumps(Plan("a", "c", "30.2.1").to_json()).encode()],
    "journal": [
        b"\n".join(
            json.dumps(line).encode()
            for line in (
                {"line": "begin", "avi-compliance-journal": 1, "environment": "iberia"},
                {
                    "line": "write",
                    "number": 1,
                    "key": KEY,
                    "request": REQUEST,
                    "sent": {},
                    "before": None,
                    "at": "now",
                },
                {"line": "answer", "number": 1, "fate": "done", "after": {}, "text": ""},
                {"line": "end", "result": "done"},
            )
        )
    ],
    "snapshot": [
        json.dumps(
            {
                "avi-compliance-snapshot": 1,
                "address": "c",
                "version": "30.2.1",
                "api_version": "30.2.1",
                "objects": {"network": [{"uuid": "u", "name": "n"}]},
                "failures": {},
            }
        ).encode()
    ],
}


def main(name: str, options: list[str]) -> None:
    """Fuzz one loader until libFuzzer is told to stop."""
    load, refusal, called = LOADERS[name]
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[name]):
        (corpus / str(number)).write_bytes(seed)
    path = folder / called

    def one(data: bytes) -> None:
        path.write_bytes(data)
        try:
            load(path)
        except refusal as why:
            assert str(why).strip()  # noqa: PT017 -- a refusal without a word is a finding too

    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(GIVEN.loader, LIBFUZZERS)
