"""A generated site as files: an export that the lab loads, and the environment file that declares it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.sites.declared import environment
from benchmarks.sites.exported import export
from benchmarks.sites.layout import Json, Site

ROOT = Path(__file__).parents[2]


def write_export(site: Site, path: Path) -> None:
    """Write the export for `python -m lab --import`."""
    path.write_text(json.dumps(export(site, empty_export()), separators=(",", ":")), encoding="utf-8")


def write_environment(site: Site, path: Path, controller: Json, resolve_via: str = "127.0.0.1:53") -> None:
    """Write the environment file; `controller` says where the Controller is."""
    data = environment(site, controller, resolve_via)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    path.write_text(yaml.dump(data, Dumper=dumper, sort_keys=False, width=200), encoding="utf-8")


def empty_export() -> Json:
    """What a Controller holds that was just installed, asked of the lab: it is a process to us, never a module."""
    with tempfile.TemporaryDirectory(prefix="avi-bench-") as folder:
        path = Path(folder) / "empty.json"
        command = [sys.executable, "-m", "lab", "--state", "empty", "--with-parent", "--export", str(path)]
        # Its standard input is at its end at once: it comes up, and goes down again as one whose parent has ended.
        subprocess.run(command, cwd=ROOT, input=b"", capture_output=True, check=True, timeout=60)
        found: Json = json.loads(path.read_text(encoding="utf-8"))
        return found
