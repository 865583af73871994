"""The way of one drift through the code, counted: `python -m benchmarks.one_drift`.

It runs `pytest --lab --remediate -k "test_vrf and REGIONB_VMS_3023"`: one network of the drifted lab lies in another
VRF context than declared. What is counted lies between the raise of its `Drifted` and the first byte of the PUT that
puts it right; the lab is a process of its own and not part of it.

*Entered* is every file of this project of which a line runs in between, in any thread: frames that were there already
count where the exception passes through them or they go on.

*To be read* is an entered file in which a frame reads or changes the drift. A frame has the drift in hand when one of
these is or holds it at one of its lines in between: an argument, another local variable, or an attribute of `self`
that the frame's code names. It reads or changes it when its code takes a member or an element of it by name, compares
it, tests it, or sets something in it. Whatever else it does hands the drift on: as an argument, a returned value,
another name, an element of a container, or member by member whatever they are (as who copies or encodes any data).
A frame that returns the drift and had it from nowhere has made it, which is a change. The drift is, in every form
that it takes on its way:

* the Drift itself, or the exception that carries it;
* data about the same field of the same object: frozen data with a `path` and a `want`, or the JSON of it (a change of
  a plan, what a report keeps);
* the object as it should become: JSON of the network, or a part of it, as a mapping or encoded, in which the changed
  member has another value than was read; of such an object only the changed member is a look at the drift;
* frozen data, or a container, that holds one of these at most four levels down (a step, a plan, a request).

A text for people, the declared network and the network as read are not the drift. Files that only hand it on are
listed with `>`, those to be read with `*`, and below each its functions.

*Hops* are the moves of control from one file of this project to another.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import json
import os
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from pydantic import BaseModel

from benchmarks.command import command
from intent.drift import Drift, Drifted
from live.avi.shapes import Unclear

ROOT = Path(__file__).parents[1]
OUTSIDE = ("benchmarks", "tests", ".")
"""Folders that are no part of the product; `.tox` and `.venv` are found by their dot."""
GROUND = "avi_schema/"
"""The vendor's facts as data, which imports nothing of ours: no frame there has a drift in hand."""
CHECK = "test_vrf and REGIONB_VMS_3023"
MEMBER = "vrf_context_ref"
"""The member of the Controller's object that the declared field is kept in."""
SENDER = "remediate/write/writer.py"
"""Where the way ends: a trace that was lost before is none."""
DEPTH, WIDTH = 4, 300
LONG = 0.002
"""Seconds of processor time of a look through a value after which it is a large one."""
GOALS = {"entered": 30, "read": 14, "lines": 3200}


@dataclass
class Trail:
    """What was seen of one drift, file by file, in the order of the first line that ran."""

    entered: dict[str, None] = field(default_factory=dict)
    in_hand: dict[str, dict[str, bool]] = field(default_factory=dict)
    """By file, the functions that had the drift in hand, in order, and whether they read or changed it."""
    hops: int = 0
    ended: bool = False

    @property
    def read(self) -> list[str]:
        """The files in which it was read or changed."""
        return [name for name, functions in self.in_hand.items() if any(functions.values())]

    @property
    def lines(self) -> int:
        """Lines of the files to be read."""
        return sum(length(name) for name in self.read)


def length(name: str) -> int:
    """Lines of a file of the project."""
    return len((ROOT / name).read_text(encoding="utf-8").splitlines())


def project_file(code: CodeType) -> str:
    """The path of a file of the product in this folder, or nothing."""
    path = Path(code.co_filename)
    if not path.is_relative_to(ROOT):
        return ""
    name = path.relative_to(ROOT).as_posix()
    return "" if name.startswith(OUTSIDE) else name


class Carried:
    """Tells whether a value is the drift in one of its forms, or holds it."""

    def __init__(self, drift: Drift, before: str) -> None:
        self.drift = drift
        self.before = before
        self._large: dict[int, Any] = {}
        """Large values that do not hold it, such as a snapshot of the site: looked through once."""

    def by(self, value: Any, depth: int = DEPTH) -> bool:
        """Whether the value is or holds the drift."""
        if isinstance(value, Drift | Drifted):
            return True
        if id(value) in self._large:
            return False
        if isinstance(value, str | bytes):
            return self._encoded(value)
        if depth == 0 or value is None or isinstance(value, int | float | type | Unclear):
            return False  # an object that was not understood refuses to be looked through
        if isinstance(value, list | tuple | set | frozenset) and not hasattr(value, "_fields"):
            return self._any(list(value), depth)
        members = value if isinstance(value, Mapping) else _members(value)
        about = members.get("path") == self.drift.path and "want" in members
        return about or self.as_object(value) or self._any(list(members.values()), depth)

    def _any(self, values: list[Any], depth: int) -> bool:
        return any(self.by(each, depth - 1) for each in values[:WIDTH])

    def by_local(self, value: Any) -> bool:
        """The same of a variable of a frame, of which a large one is not looked through twice."""
        began = time.thread_time()
        held = self.by(value)
        if not held and time.thread_time() - began > LONG:
            self._large[id(value)] = value
        return held

    def as_object(self, value: Any) -> bool:
        """Whether it is JSON of the object, or a part of it, with the changed member."""
        if not isinstance(value, Mapping) or value.get("name", self.drift.key.name) != self.drift.key.name:
            return False
        after = value.get(MEMBER)
        return isinstance(after, str) and _uuid(after) != _uuid(self.before)

    def _encoded(self, value: str | bytes) -> bool:
        text = value if isinstance(value, bytes) else value.encode(errors="replace")
        if (
            not text.startswith(b"{")
            or MEMBER.encode() not in text
            or self.drift.key.name.encode() not in text
        ):
            return False
        try:
            return self.by(json.loads(text))
        except ValueError:
            return False


def _members(value: Any) -> dict[str, Any]:
    """The members of frozen data; nothing of any other object."""
    if isinstance(value, BaseModel):
        return {name: vars(value).get(name) for name in type(value).model_fields}
    if isinstance(value, tuple):
        return value._asdict()  # type: ignore[attr-defined]
    if is_dataclass(value) and not isinstance(value, type) and value.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return {each.name: getattr(value, each.name, None) for each in fields(value)}
    return {}


class Tracer:
    """A trace function of Python, from the raise of the drift to the first byte of the PUT."""

    def __init__(self) -> None:
        self.trail = Trail()
        self._carried: Carried | None = None
        self._uses = Uses()
        self._files: dict[CodeType, str] = {}
        self._last: dict[int, str] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[Trail]:
        """Wait for the drift, and for the PUT."""
        made, sent = Drifted.__init__, ssl.SSLSocket.sendall

        def raised(exception: Drifted, drifts: Any) -> None:
            made(exception, drifts)
            if self._carried is None:
                self._begin(exception.drifts[0], inspect.currentframe())

        def sending(socket: ssl.SSLSocket, data: Any, flags: int = 0) -> None:
            if self._carried is not None and bytes(data[:4]) == b"PUT ":
                self._end()
            sent(socket, data, flags)

        Drifted.__init__, ssl.SSLSocket.sendall = raised, sending  # type: ignore[method-assign]
        try:
            yield self.trail
        finally:
            self._end()
            Drifted.__init__, ssl.SSLSocket.sendall = made, sent  # type: ignore[method-assign]

    def _begin(self, drift: Drift, frame: FrameType | None) -> None:
        self._carried = Carried(drift, _as_read(frame))
        while frame is not None:
            frame.f_trace = self._line
            frame = frame.f_back
        threading.settrace(self._call)
        sys.settrace(self._call)

    def _end(self) -> None:
        if self._carried is not None and not self.trail.ended:
            self.trail.ended = True
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]

    def _file(self, code: CodeType) -> str:
        name = self._files.get(code)
        if name is None:
            name = self._files[code] = project_file(code)
        return name

    def _call(self, frame: FrameType, _event: str, _value: Any) -> Any:
        return self._line if not self.trail.ended and self._file(frame.f_code) else None

    def _line(self, frame: FrameType, event: str, value: Any) -> Any:
        if self.trail.ended:
            return None
        if name := self._file(frame.f_code):
            self._seen(name)
            if name.startswith(GROUND):
                return self._line
            functions = self.trail.in_hand.setdefault(name, {})
            function = frame.f_code.co_qualname
            if not functions.get(function):
                names = self._in_hand(frame)
                if names:
                    functions[function] = self._uses.of(frame.f_code, names)
                elif event == "return" and self._carried.by(value):
                    functions[function] = True
        return self._line

    def _seen(self, name: str) -> None:
        self.trail.entered.setdefault(name)
        thread = threading.get_ident()
        if self._last.get(thread) not in (None, name):
            self.trail.hops += 1
        self._last[thread] = name

    def _in_hand(self, frame: FrameType) -> dict[str, bool]:
        """The names by which a frame has the drift in hand, `change` or `self.plan`, and whether it is the object."""
        assert self._carried is not None
        held = {}
        for name, each in frame.f_locals.items():
            if name == "self" and not _members(each):
                own = getattr(each, "__dict__", {})
                held |= {f"self.{known}": own[known] for known in frame.f_code.co_names if known in own}
            else:
                held[name] = each
        return {
            name: self._carried.as_object(each) for name, each in held.items() if self._carried.by_local(each)
        }


class Uses:
    """Tells from a function's source whether it does more with a name than to hand it on."""

    _DOES = (
        *((node, "value") for node in (ast.Attribute, ast.FormattedValue)),
        *((node, "test") for node in (ast.If, ast.While, ast.IfExp, ast.Assert)),
        (ast.Compare, ""),
        (ast.BoolOp, ""),
        (ast.BinOp, ""),
        (ast.UnaryOp, ""),
        (ast.Match, ""),
    )
    _ANY_DATA = frozenset({"copy", "get", "items", "keys", "pop", "setdefault", "update", "values"})
    """Methods of a mapping: only with a member's name is it a look at the drift."""

    _SCOPES = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

    def __init__(self) -> None:
        self._trees: dict[str, ast.Module] = {}

    def of(self, code: CodeType, names: dict[str, bool]) -> bool:
        """Whether a function reads or changes what it knows by one of these names."""
        tree = self._trees.get(code.co_filename)
        if tree is None:
            tree = self._trees[code.co_filename] = ast.parse(
                Path(code.co_filename).read_text(encoding="utf-8")
            )
        return any(
            self._does(node, names)
            for scope in ast.walk(tree)
            if isinstance(scope, self._SCOPES) and _is_of(scope, code)
            for node in ast.walk(scope)
        )

    def _does(self, node: ast.AST, names: dict[str, bool]) -> bool:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in self._ANY_DATA
        ):
            return bool(node.args) and self._takes(node.func.value, node.args[0], names)
        if isinstance(node, ast.Subscript):
            return self._takes(node.value, node.slice, names)
        if isinstance(node, ast.Attribute) and (ast.unparse(node) in names or node.attr in self._ANY_DATA):
            return False  # `self.plan` is the name itself
        for kind, member in self._DOES:
            if isinstance(node, kind):
                parts = [getattr(node, member)] if member else list(ast.iter_child_nodes(node))
                return any(ast.unparse(part) in names for part in parts if isinstance(part, ast.expr))
        return False

    def _takes(self, holder: ast.expr, member: ast.expr, names: dict[str, bool]) -> bool:
        """Whether `holder[member]` is a look at the drift: of the object, only the changed member is."""
        name = ast.unparse(holder)
        if name not in names:
            return False
        if isinstance(holder, ast.Name | ast.Attribute) and names[name] and isinstance(member, ast.Constant):
            return member.value == MEMBER
        return not names[name] or isinstance(member, ast.Name | ast.Subscript)


def _is_of(scope: ast.AST, code: CodeType) -> bool:
    """Whether this is the source of a code object."""
    if isinstance(scope, ast.FunctionDef):
        lines = [scope.lineno, *(each.lineno for each in scope.decorator_list)]
        return scope.name == code.co_name and min(lines) == code.co_firstlineno
    return code.co_name.startswith("<") and getattr(scope, "lineno", 0) == code.co_firstlineno


def _uuid(reference: str) -> str:
    """The uuid of a reference: with a host or without, with a name or without, it is the same."""
    return reference.partition("#")[0].rpartition("/")[2]


def _as_read(frame: FrameType | None) -> str:
    """The changed member's value as it was read, from the check that raises."""
    while frame is not None:
        known = frame.f_locals
        if "live" in known and "network" in known:
            return str(known["live"].raw(known["network"])[MEMBER])
        frame = frame.f_back
    raise RuntimeError("no check of a network has raised this")


def run(folder: Path) -> Trail:
    """One run of pytest in this process. Raises RuntimeError when it did not send the PUT."""
    tracer = Tracer()
    output = io.StringIO()
    options = ["--lab", "--lab-state", "drifted", "--remediate", "-k", CHECK, "-p", "no:cacheprovider"]
    keep = [f"--rootdir={ROOT}", f"--journals={folder}/journals", f"--report-dir={folder}/reports"]
    with tracer.watching() as trail, contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = pytest.main([*options, *keep])
    if code != 0 or not trail.ended or SENDER not in trail.entered:
        raise RuntimeError(f"the run ended with exit code {int(code)}:\n{output.getvalue()[-3000:]}")
    return trail


def report(trail: Trail) -> Iterator[str]:
    """What was counted, as text."""
    yield f"entered: {len(trail.entered)} files (goal {GOALS['entered']}), {trail.hops} hops"
    yield f"to be read: {len(trail.read)} files (goal {GOALS['read']}), {trail.lines} lines (goal {GOALS['lines']})"
    yield ""
    for name in trail.entered:
        functions = trail.in_hand.get(name, {})
        mark = "*" if any(functions.values()) else ">" if functions else " "
        yield f"  {length(name):4} {mark} {name}"
        yield from (f"         {'*' if reads else '>'} {function}" for function, reads in functions.items())


def main() -> int:
    """Count, and print. Returns 1 where a goal is missed."""
    command("one_drift", __doc__, failed="a goal is missed").parse_args()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        trail = run(Path(folder))
    for line in report(trail):
        print(line)
    met = (
        len(trail.entered) <= GOALS["entered"]
        and len(trail.read) <= GOALS["read"]
        and trail.lines <= GOALS["lines"]
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
