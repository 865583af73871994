"""`python -m live`: import other tools' declarations, compare two sites, keep a whole site in a file."""

from __future__ import annotations

import argparse
import json
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avi_schema.command_line import BAD_USAGE, CommandParser, required

with required():
    import yaml

    from intent import Environment, Invalid, load_environment
    from intent.file_kinds import not_written
    from intent.files import contents, whole_or_gone
    from intent.installation import typed
    from intent.stop_signals import StopSignals
    from intent.words import counted, harmless_line
    from live import deadlines, side_by_side
    from live.avi.snapshot import NotASnapshot
    from live.environment_text import access, file_text
    from live.imports import ansible, terraform
    from live.imports.declaration import Declaration
    from live.imports.outlook import outlook
    from live.imports.written import Import, NotImported
    from live.undeclared import some_of

_IMPORT = (
    "An environment file out of what Terraform or Ansible declares; no site is asked. FILE is what "
    "`terraform show -json` writes of a state or of a plan, or a playbook, task list or vars of Ansible's. Several "
    "files are taken together. What was not taken over is listed with its reason; secrets never are."
)
_EXAMPLES = (
    "python -m live import state.json --out environments/north.yaml   of `terraform show -json`, or Ansible's YAML",
    "python -m live compare environments/north.yaml north.json        two sites, each live or as it was kept",
    "python -m live snapshot environments/north.yaml --out north.json every configurable object of a site",
)
_CODES = {
    0: "done; compare: both are the same",
    1: "compare: they differ",
    2: "interrupted",
    4: "bad usage, or a file that cannot be used",
    6: "compare, snapshot: something could not be read, and what could is the same or is kept",
}
PLACEHOLDER = "avi.example.com"
SHOW = "give what `terraform show -json` writes"


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0, or 4 where a file is nothing that can be imported or the result cannot be used.

    `compare` has 1 and 6 too, and `snapshot` 6; all have 2 where they are told to stop: see `--help`.
    """
    given = sys.argv[1:] if arguments is None else arguments
    parser = CommandParser(
        prog=typed("python -m live"),
        description=typed(__doc__ or ""),
        examples=[typed(example) for example in _EXAMPLES],
        codes=_CODES,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    importing = commands.add_parser(
        "import", help="an environment file out of Terraform's or Ansible's", description=_IMPORT
    )
    importing.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="JSON of Terraform's, YAML of Ansible's"
    )
    importing.add_argument(
        "--out", type=Path, metavar="NEW", help="the environment file to write (default: standard output)"
    )
    importing.add_argument(
        "--environment",
        type=Path,
        metavar="FILE",
        help="an environment file whose name and Controller are taken over (default: what the files say of it)",
    )
    side_by_side.add_commands(commands)
    options = parser.parse_args(given)
    deadlines.go_on()
    with StopSignals(hurry=deadlines.stop):
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        if options.command == "compare":
            return side_by_side.run_compare(options)
        if options.command == "snapshot":
            return side_by_side.run_snapshot(options)
        return _imported(options.files, options.out, options.environment)
    except (NotImported, NotASnapshot, Invalid) as why:
        sys.stderr.write(f"{why}\n")
    except OSError as why:
        sys.stderr.write(f"{why.filename}: cannot be used: {why.strerror}\n" if why.filename else f"{why}\n")
    except KeyboardInterrupt:
        out = getattr(options, "out", None)
        written = f"{out} is written, and whole" if out and out.exists() else ""
        return side_by_side.last_words(written or "nothing was written; give the same command again")
    return BAD_USAGE


def _imported(files: list[Path], out: Path | None, environment: Path | None) -> int:
    if out is not None and (why := not_written(out, None)):
        raise NotImported(f"{out}: {why}")
    imports = [_read(path) for path in files]
    declaration = Declaration(imports)
    if not declaration.sections:
        raise NotImported(f"{', '.join(map(str, files))}: nothing in it can be declared")
    remarks = [harmless_line(line) for line in _notes_on(imports, declaration)]
    own = load_environment(environment) if environment else None
    names = ", ".join(path.name for path in files)
    notes = [
        f"Imported from {names}. Read it before you rely on it: a field left out is never compared",
        "and never written.",
    ]
    sections = _access(imports, own, out) | declaration.sections
    text = file_text([*notes, *([""] if remarks else []), *remarks], sections, out.parent if out else Path())
    if out is None:
        sys.stdout.write(text)
    else:
        with whole_or_gone(out):
            out.write_text(text, encoding="utf-8")
    sys.stderr.writelines(f"{line}\n" for line in remarks)
    if out is None:
        return 0
    loaded, lacking = load_environment(out), sum(len(each.missing) for each in imports)
    missing = f", {counted(lacking, 'value')} missing" if lacking else ""
    sys.stderr.write(
        f"{out}: {counted(loaded.object_count, 'object')}{missing}; read it before you rely on it\n"
    )
    return 0


def _read(path: Path) -> Import:
    try:
        raw = contents(path)
        # Windows' PowerShell writes what it redirects as UTF-16.
        text = raw.decode("utf-16" if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except OSError as error:
        raise NotImported(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NotImported(f"{path}: is no text") from error
    if path.suffix == ".tf":
        raise NotImported(f"{path}: is Terraform's source; {SHOW}")
    try:
        data: Any = json.loads(text) if text.lstrip().startswith("{") else ansible.parse(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise NotImported(
            f"{path}: is neither JSON of Terraform's nor YAML: {str(error).splitlines()[0]}"
        ) from error
    if isinstance(data, dict) and "terraform_version" in data and not terraform.is_terraform(data):
        raise NotImported(f"{path}: is Terraform's state as it keeps it; {SHOW}")
    try:
        one_file = terraform.read(data) if terraform.is_terraform(data) else ansible.read(data)
    except (AttributeError, LookupError, TypeError, RecursionError) as error:
        raise NotImported(f"{path}: is not of the form that Terraform or Ansible writes") from error
    if not one_file.objects and not one_file.missing and not one_file.left_out:
        raise NotImported(f"{path}: holds no object of an Avi Controller")
    return one_file


def _notes_on(imports: list[Import], declaration: Declaration) -> Iterator[str]:
    for one_file in imports:
        yield from (f"not taken over: {each}" for each in one_file.left_out)
        if foreign := one_file.foreign:
            what = "is not an object" if len(foreign) == 1 else "are not objects"
            yield f"not taken over: {counted(len(foreign), 'resource')}: {some_of(foreign)} {what} of a Controller"
        yield from (f"value missing: {each}" for each in one_file.missing)
    yield from (f"not taken over: {each}" for each in declaration.left_out)
    for one_file in imports:
        if one_file.terraform:
            yield from outlook(one_file)


def _access(imports: list[Import], own: Environment | None, out: Path | None) -> dict[str, Any]:
    if own is not None:
        return access(own, out.parent if out else Path())
    address = next((each.address for each in imports if each.address), PLACEHOLDER)
    host, _, port = address.partition(":") if address.count(":") == 1 else (address, "", "")
    return {
        "name": "imported",
        "controller": {"address": host, **({"port": int(port)} if port.isdecimal() else {})},
    }


if __name__ == "__main__":
    sys.exit(main())
