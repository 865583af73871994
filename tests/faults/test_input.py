"""Whatever a file holds, the answer is a sentence with a place: no traceback, no hang, no huge allocation."""

from __future__ import annotations

import functools
import json
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intent import Invalid, load_environment
from intent.waivers import load as load_waivers
from live.avi.snapshot import NotASnapshot, Snapshot
from remediate.plan.model import BadPlan, Plan
from remediate.write.record import BadJournal
from remediate.write.record import load as load_journal
from tests import lengths
from tests.runs.harness import IBERIA, ZYGOTE, surroundings

ROOT = Path(__file__).parents[2]
IBERIAS = yaml.safe_load(IBERIA.read_text(encoding="utf-8"))
FAST = settings(
    max_examples=lengths.of(25, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=20), st.dates(), st.binary(max_size=8)
)  # fmt: skip
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4), max_leaves=12
)  # fmt: skip
JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def paths(value, at=()):
    """Every place in a tree."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from paths(one, (*at, key))


def changed(tree, at, value):
    """A tree with another value at one place."""
    if not at:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[at[0]] = changed(tree[at[0]], at[1:], value)
    return copy


def says(error):
    text = str(error)
    assert text.strip()
    assert "Traceback" not in text
    return text


@FAST
@given(at=st.sampled_from(sorted(paths(IBERIAS), key=str)), value=TREES)
def test_environment_with_anything_anywhere(tmp_path, at, value):
    path = tmp_path / "site.yaml"
    with suppress(yaml.YAMLError):
        path.write_text(yaml.safe_dump(changed(IBERIAS, at, value), allow_unicode=True), encoding="utf-8")
    try:
        load_environment(path)
    except Invalid as problem:
        assert "site.yaml" in says(problem)  # noqa: PT017 -- most files are good, or bad in another way


@FAST
@given(
    data=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_files_of_anything(tmp_path, data):
    path = tmp_path / "any"
    path.write_bytes(data)
    for load, problems in (
        (load_environment, Invalid),
        (Snapshot.load, NotASnapshot),
        (load_journal, BadJournal),
        (Plan.load, BadPlan),
        (load_waivers, Invalid),
    ):
        with suppress(problems):
            load(path)


@FAST
@given(tree=TREES)
def test_waivers(tmp_path, tree):
    path = tmp_path / "site.waivers.yaml"
    with suppress(yaml.YAMLError):
        path.write_text(yaml.safe_dump({"waivers": tree}, allow_unicode=True), encoding="utf-8")
    try:
        load_waivers(path)
    except Invalid as problem:
        assert "site.waivers.yaml" in says(problem)  # noqa: PT017 -- most files are good, or bad in another way


HEAD = {"line": "begin", "avi-compliance-journal": 1, "environment": "iberia"}
WRITE = {
    "line": "write", "number": 1, "key": ["network", "n", "", "admin"], "sent": {}, "before": None, "at": "now",
    "request": {"method": "PUT", "api": "network", "uuid": "u", "name": "n", "body": {}, "changed": []},
}  # fmt: skip
ANSWER = {"line": "answer", "number": 1, "fate": "done", "after": {}, "text": ""}
JOURNAL = [HEAD, WRITE, ANSWER, {"line": "end", "result": "1 done"}]


@FAST
@given(at=st.sampled_from(sorted(paths(JOURNAL), key=str)), value=JSONS)
def test_journal_with_anything_anywhere(tmp_path, at, value):
    path = tmp_path / "iberia-1.jsonl"
    lines = changed(JOURNAL, at, value)
    lines = lines if isinstance(lines, list) else [lines]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    try:
        record = load_journal(path)
    except BadJournal as problem:
        assert "iberia-1.jsonl" in says(problem)  # noqa: PT017 -- most files are good, or bad in another way
    else:
        assert all(str(entry) for entry in record.entries)
        assert record.uncertain is not None
        assert record.head.environment is not None
        assert record.head.who


@functools.cache
def plan():
    """A real plan. No fixture: Hypothesis writes out every argument of a failing test, and this one is long."""
    from tests.remediate.inprocess import Bench

    bench = Bench("drifted")
    from remediate.plan.planner import build

    return build(bench.site(), bench.drifts()).to_json()


@FAST
@given(place=st.integers(min_value=0, max_value=100_000), value=JSONS)
def test_plan_with_anything_anywhere(tmp_path, place, value):
    every = list(paths(plan()))
    at = every[place % len(every)]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(changed(plan(), at, value)), encoding="utf-8")
    try:
        Plan.load(path)
    except BadPlan as problem:
        assert "plan.json" in says(problem)  # noqa: PT017 -- most files are good, or bad in another way


@FAST
@given(
    tree=JSONS,
    objects=st.dictionaries(st.sampled_from(["network", "cloud", "vrfcontext"]), JSONS, max_size=3),
)
def test_snapshot_with_anything(tmp_path, tree, objects):
    path = tmp_path / "site.json"
    for value in (
        tree,
        {"objects": objects},
        {"avi-compliance-snapshot": 1, "objects": objects, "failures": tree},
    ):
        path.write_text(json.dumps(value), encoding="utf-8")
        try:
            Snapshot.load(path)
        except NotASnapshot as problem:
            assert "site.json" in says(problem)  # noqa: PT017 -- most files are good, or bad in another way


BOMB = (
    "a0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    + "name: [*a59]\n"
)
FILES = {
    "alias bomb": lambda path: path.write_text(BOMB, encoding="utf-8"),
    "deep nesting": lambda path: path.write_text("[" * 100_000, encoding="utf-8"),
    "deep mapping": lambda path: path.write_text("{a: " * 50_000, encoding="utf-8"),
    "100 MB": lambda path: path.write_bytes(b"name: iberia # " + b"x" * 100_000_000),
    "100 MB of list": lambda path: path.write_bytes(b"networks: [" + b"1," * 50_000_000),
    "zero bytes": lambda path: path.write_bytes(b"\0" * 4096),
    "a folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "not UTF-8": lambda path: path.write_bytes("name: español".encode("latin-1")),
    "a pipe": os.mkfifo,
    "a tag of Python": lambda path: path.write_text("name: !!python/object/apply:os.system [true]", encoding="utf-8"),
}  # fmt: skip


OTHERS = ("--waivers={}", "--apply-plan={}", "--rollback={}", "--from-snapshot={}")
SAMPLE = [("--environment={}", kind) for kind in sorted(FILES)] + [
    (option, kind)
    for option in OTHERS
    for kind in ("100 MB", "deep nesting", "not UTF-8", "a pipe", "a folder")
]


@lengths.sampled(4)
@pytest.mark.parametrize(("option", "kind"), SAMPLE)
def test_the_command_ends_in_a_sentence(tmp_path, option, kind):
    path = tmp_path / "bad.file"
    FILES[kind](path)
    given = [option.format(path)] + ([] if "environment" in option else [f"--environment={IBERIA}"])
    given += [f"--report-dir={tmp_path}/reports", f"--journals={tmp_path}/journals", "-p", "no:cacheprovider"]
    begun = time.monotonic()
    ended = ZYGOTE.run(
        [*given, "-k", "test_vrf"],
        surroundings(AVI_USERNAME="u", AVI_PASSWORD="p4ssword"),
        tmp_path / "out",
        60,
    )
    out = (tmp_path / "out").read_text(encoding="utf-8")
    assert "Traceback" not in out, out[-3000:]
    assert "INTERNALERROR" not in out, out[-3000:]
    assert ended.code == 4, (ended, out[-2000:])
    assert "bad.file" in out, out[-2000:]
    assert time.monotonic() - begun < 45
    assert ended.kilobytes < 800_000
