"""No code reads a sentence to decide something: messages are made from typed facts at the edge, and never read back.

What is looked for in the syntax trees:

* a text with a blank between words, or the end of one (`"blocked: "`), written there or behind a constant's name, that is
  compared (`==`, `in`), is a `case`, or is what `startswith`, `removeprefix`, `partition`, a regular expression and their
  like look for;
* words looked for in the text of an exception, or in what `str()` makes of a member that is made for people to read.
"""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.framework.source import imports_of, modules, tree

FOLDERS = ("avi_schema", "intent", "live", "fixtures", "remediate", "reports", "fleet")
FOREIGN = {
    ("intent/sensitive.py", "'PRIVATE KEY-----' in text"): "PEM is written so",
    ("intent/sensitive.py", "'PRIVATE KEY-----' in inner"): "PEM is written so",
    (
        "live/avi/session.py",
        "'-----BEGIN CERTIFICATE-----' not in path.read_text(encoding='ascii', errors='replace')",
    ): "PEM is written so",
    (
        "fixtures/outcomes.py",
        r"str(error).partition('\nassert ')",
    ): "pytest puts its explanation of an assert there",
    (
        "fixtures/outcomes.py",
        "text.removeprefix('assert ')",
    ): "pytest puts its explanation of an assert there",
    ("intent/source.py", "'nesting depth' in str(error.problem)"): "PyYAML has no other word for it",
    (
        "live/avi/config_log.py",
        "description.rpartition(f' by {user} from ')",
    ): "the Controller's event of an update has no member for the client's address",
    (
        "live/avi/http_answers.py",
        "'CERTIFICATE_VERIFY_FAILED' in str(error)",
    ): "urllib3 wraps what ssl raised in a text",
    (
        "live/sources/host_script.py",
        "line.endswith('No such file or directory')",
    ): "a shell on a host says it",
    (
        "live/sources/host_script.py",
        "text.removeprefix('bash: ')",
    ): "shown, not decided: a shell's text without the shell's name",
    (
        "live/sources/host_script.py",
        "text.removeprefix('bash: ').removeprefix('connect: ')",
    ): "shown, not decided: a shell's text without the shell's name",
    ("live/sources/host_script.py", r"re.search('status: (\\w+)', text)"): "dig prints it",
    (
        "reports/plugin.py",
        "reason.startswith('stopping after')",
    ): "pytest keeps no other mark of -x and --maxfail",
}
"""Texts of other programs, which say it in no other way; and why."""

STILL = {
    ("fleet/run.py", "line.removeprefix('ERROR: ')"),
    ("live/vcenter/inventory.py", "f'datacenter {name}' in self.unread"),
    ("live/vcenter/inventory.py", "'standard switches' in self.inventory.unread"),
}
"""Sentences of ours that are read today: none may be added, and one that is mended is struck out."""

SENTENCE = re.compile(r"[A-Za-z][:,]? ")
WORD = re.compile(r"[A-Za-z]{2}")
SEARCHES = frozenset(
    {
        "count",
        "endswith",
        "find",
        "findall",
        "finditer",
        "fullmatch",
        "index",
        "match",
        "partition",
        "removeprefix",
    }
    | {"removesuffix", "rfind", "rindex", "rpartition", "rsplit", "search", "split", "startswith"}
)


@cache
def constants(name: str) -> frozenset[str]:
    """The names in a file of constants that are sentences: its own, and those that it imports."""
    own = {
        target.id
        for node in tree(name).body
        if isinstance(node, ast.Assign) and _says(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    files = frozenset(modules(*FOLDERS))
    taken = {
        alias.asname or alias.name
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.isupper()
        for file in imports_of(node, name, files)
        if alias.name in constants(file)
    }
    return frozenset(own | taken)


def _says(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SENTENCE.search(node.value) is not None
    )


def sentences(node: ast.expr, names: frozenset[str] = frozenset()) -> bool:
    """Whether an expression is a sentence, holds one, or is one of these names."""
    parts = [node] if isinstance(node, ast.Constant | ast.Name) else _written(node)
    return any(_says(part) or (isinstance(part, ast.Name) and part.id in names) for part in parts)


def _written(node: ast.expr) -> list[ast.expr]:
    """The parts of a tuple, a list, a set, an f-string: what calls make is no text that is written there."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts
    return node.values if isinstance(node, ast.JoinedStr) else []


def message_of(node: ast.expr) -> bool:
    """Whether an expression is the text of something that was raised, or that is said to people: `str(error)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "str"
        and bool(node.args)
        and isinstance(node.args[0], ast.Name | ast.Attribute)
    )


def reads(node: ast.AST, names: frozenset[str] = frozenset()) -> bool:
    """Whether this node decides by a sentence; `names`: constants that are one."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if any(sentences(side, names) for side in sides):
            return True
        pairs = zip(node.ops, node.comparators, strict=True)
        within = [right for op, right in pairs if isinstance(op, ast.In | ast.NotIn)]
        return any(message_of(right) for right in within) and any(_word(side) for side in sides)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SEARCHES:
        return any(sentences(argument, names) for argument in node.args)
    return isinstance(node, ast.MatchValue) and sentences(node.value, names)


def _word(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.search(node.value) is not None
    )


@cache
def readers() -> tuple[tuple[str, int, str], ...]:
    """(file, line, expression) of every place that decides by a sentence."""
    return tuple(
        (name, node.lineno, ast.unparse(node))
        for name in modules(*FOLDERS)
        for node in ast.walk(tree(name))
        if reads(node, constants(name))
    )


@pytest.mark.parametrize(
    ("text", "reads_it"),
    [
        ("'stands on it' in why", True),
        ("why == 'there are several'", True),
        ("remark.endswith(' stays and waits')", True),
        ("text.startswith(('blocked: ', 'ERROR'))", True),
        ("re.match('stopping after', text)", True),
        ("'several' in str(drift.have)", True),
        ("'FAILED' in str(error)", True),
        ("case_of(x) == 'drift'", False),
        ("'uuid' in row", False),
        ("text.partition(', ')", False),
        ("'/' in str(path)", False),
        ("say('there are several of them')", False),
        ("uuid.startswith('vsvip-')", False),
    ],
)
def test_what_reading_a_sentence_is(text, reads_it):
    assert any(reads(node) for node in ast.walk(ast.parse(text))) == reads_it


def test_no_code_reads_a_sentence():
    new = [
        f"{name}:{line}: {text}"
        for name, line, text in readers()
        if (name, text) not in STILL and (name, text) not in FOREIGN
    ]
    assert not new, "carry what is decided as a typed fact:\n" + "\n".join(new)


@pytest.mark.parametrize("place", [*FOREIGN, *sorted(STILL)], ids=" ".join)
def test_what_is_listed_is_still_there(place):
    assert place in {(name, text) for name, _, text in readers()}, "strike it out of the list"
