"""`python -m intent`: check environment files, write their JSON Schema, or begin a repository of one's own.

`python -m intent new DIR` writes such a repository: an environment, a check, and files for tox and CI.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from avi_schema import Version, dotted, load, parse_version
from avi_schema.command_line import CommandParser
from intent import Controller, Environment, Invalid, Vcenter, installation, load_environment
from intent.cloud_types import CLOUD_TYPES, coverage, declared_types
from intent.environment import DECLARED
from intent.exact import Lists, lists, says_all
from intent.installation import typed
from intent.repository import CI, NotWritten, Repository
from intent.words import counted

_EXAMPLES = (
    "python -m intent environments/north.yaml              is it right, and what does it cover",
    "python -m intent --schema > environments/schema.json  for editors that know YAML schemas",
    "python -m intent new my-sites --name north            a repository of one's own",
)
_CODES = {0: "every file can be used", 4: "bad usage, or a file that cannot be used"}


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0, or 4 for an environment file that cannot be used, or none."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["new"]:
        return new(given[1:])
    parser = CommandParser(
        prog=typed("python -m intent"),
        description=typed(__doc__ or ""),
        examples=[typed(example) for example in _EXAMPLES],
        codes=_CODES,
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="environment files to check")
    parser.add_argument("--schema", action="store_true", help="write the JSON Schema to standard output")
    parser.add_argument(
        "--objects-of",
        metavar="VERSION",
        type=_model,
        help="with --schema: also the members of every type of object, in the Controller's model of this version",
    )
    version = f"avi-compliance {installation.version()}" if "--version" in given else ""
    parser.add_argument(
        "--version", action="version", version=version, help="say which version and commit this is"
    )
    options = parser.parse_args(given)
    if not options.files and not options.schema:
        sys.stderr.write(f"{parser.format_usage()}give environment files to check, --schema, or new DIR\n")
        return 4
    if options.schema:
        sys.stdout.write(Environment.schema_text(options.objects_of))
    status = 0
    for path in options.files:
        try:
            environment = load_environment(path)
        except Invalid as problems:
            sys.stderr.write(f"{problems}\n")
            status = 4
        else:
            sys.stdout.write(
                f"{path}: {environment.name}, {counted(environment.object_count, 'declared object')}\n"
            )
            sys.stdout.writelines(f"  {line}\n" for line in _covered(environment))
            sys.stdout.writelines(f"  {line}\n" for line in _exact(environment))
            sys.stdout.writelines(f"  note: {note}\n" for note in _missing(environment))
    return status


def _model(text: str) -> Version:
    """The version of a model. Raises ArgumentTypeError for what is none, or is older than all that are known."""
    try:
        version = parse_version(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not load().types["pool"].lives(version) or len(version) != len(load().model):
        raise argparse.ArgumentTypeError(f"{text!r} is no version such as {dotted(load().model)}")
    return version


def new(arguments: list[str]) -> int:
    """Write a repository of one's own. Returns 0, or 4 where that cannot be."""
    parser = CommandParser(
        prog=typed("python -m intent new"),
        description="Begin a repository of one's own sites and rules.",
        examples=[typed("python -m intent new my-sites --name north --address avi.example.com --ci github")],
        codes={0: "it is written", 4: "bad usage, or a file of it is there already; nothing is written"},
    )
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="where it is to be; none of its files may be there"
    )
    parser.add_argument("--name", metavar="NAME", help="name of the first environment (default: that of DIR)")
    parser.add_argument(
        "--address", default="avi.example.com", metavar="HOST", help="its Controller (default: %(default)s)"
    )
    parser.add_argument(
        "--ci", choices=tuple(CI), default="gitlab", help="the CI system (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        repository = Repository.of(options.folder, options.name, options.address, options.ci)
        written = repository.write()
    except NotWritten as why:
        sys.stderr.write(f"{why}\n")
        return 4
    sys.stdout.writelines(f"{path}\n" for path in written)
    sys.stdout.write(f"next: read {options.folder / 'README.md'}\n")
    return 0


def _covered(environment: Environment) -> Iterator[str]:
    """What is covered of each declared cloud, by its type."""
    types = declared_types(environment.clouds)
    for name, word in types.items():
        if word:
            topics = "; ".join(f"{topic}: {text}" for topic, text in coverage(word, DECLARED).items())
            yield f"cloud {name} ({CLOUD_TYPES[word].title}): {topics}"


def _exact(environment: Environment) -> Iterator[str]:
    """How many of the declared lists say all that there may be, where some could say so and do not."""
    declared = [
        (want, path)
        for want in environment
        if isinstance(want, Lists)
        for path in lists(type(want))
        if want.declares(path)
    ]
    all_said = [(want, path) for want, path in declared if says_all(want, path)]
    if len(all_said) < len(declared):
        lists_of = counted(len(declared), "declared list")
        yield (
            f"{len(all_said)} of {lists_of} say all that may be there (`exact`): anything else in these is drift, "
            "and in the others it is only counted"
        )


def _missing(environment: Environment) -> Iterator[str]:
    """What a run on the live site would miss on this machine; the file itself is right."""
    sides: tuple[Controller | Vcenter, ...] = (environment.controller, *environment.each(Vcenter))
    for side in sides:
        if side.ca_file is not None and getattr(side, "verify_tls", True):
            path = environment.path.parent / side.ca_file
            if not path.is_file():
                yield f"{side.section}.ca_file {path} is not there; without it nothing of the {side.kind} can be read"


if __name__ == "__main__":
    sys.exit(main())
