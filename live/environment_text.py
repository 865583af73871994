"""Text of an environment file that is written from what a site holds, or from what others declare."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from intent import Environment
from intent.installation import HOME
from intent.words import harmless_line
from live.bootstrap import Bootstrap

SCHEMA = HOME / "environments" / "schema.json"
ACCESS = {"name", "remediation", "controller", "vcenter", "vcenters", "hosts"}
"""Members that no Controller knows: they are taken over from the file that the run was started with."""
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def bootstrap_text(environment: Environment, bootstrap: Bootstrap, folder: Path) -> str:
    """The file of a bootstrap: how to reach the site, from `environment`, then what was read there."""
    snapshot = bootstrap.live.snapshot
    controller = f"{snapshot.address} (version {snapshot.version})"
    notes = [
        f"What was on the Controller {controller} at {snapshot.read_at}: what is, not what",
        "should be. Read it, correct it, and delete what is not yours to decide: a field left out is never compared",
        "and never written.",
    ]
    if left_out := [*bootstrap.unread, *bootstrap.left_out]:
        notes += ["", "There, and not in this file:", *(f"- {why}" for why in left_out)]
    return file_text(notes, access(environment, folder) | bootstrap.sections, folder)


def file_text(notes: Iterable[str], sections: Mapping[str, Any], folder: Path) -> str:
    """An environment file with a comment before it. `folder` is where it will stand."""
    beside = folder / SCHEMA.name
    schema = beside if beside.is_file() else SCHEMA  # in a `.venv` it is that of one machine
    lines = [f"# yaml-language-server: $schema={_from(folder, schema)}", "#"]
    # A name from the site must not end a comment.
    lines += [harmless_line(f"# {note}".rstrip()) for note in notes]
    return "\n".join([*lines, "", *(_dump(name, value) for name, value in sections.items())])


def access(environment: Environment, folder: Path) -> dict[str, Any]:
    """How a site is reached; paths as seen from a folder."""
    members = environment.model_dump(mode="json", exclude_unset=True, include=ACCESS)
    for side in (members.get("controller"), members.get("vcenter"), *members.get("vcenters", ())):
        if side and (ca_file := side.get("ca_file")):
            side["ca_file"] = _from(folder, environment.path.parent / ca_file)
    return members


def _from(folder: Path, path: Path) -> str:
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()


def _dump(name: str, value: Any) -> str:
    flow = None if isinstance(value, dict | list) else False
    text: str = yaml.dump(
        {name: value}, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=110
    )
    return text
