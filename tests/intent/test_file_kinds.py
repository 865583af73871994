"""Files given in place of others: each is told for what it is, by whatever reads another kind."""

from __future__ import annotations

import json

import pytest

from intent import Invalid, file_kinds, load_environment
from intent.side_by_side import load_differences
from intent.waivers import load as load_waivers
from live.avi.snapshot import NotASnapshot, Snapshot
from remediate.plan.model import BadPlan, Plan
from remediate.write.record import BadJournal
from remediate.write.record import load as load_journal

EXAMPLES = {
    "a plan": '{"avi-compliance-plan": 3, "digest": "x", "changes": []}',
    "a journal": '{"line": "begin", "avi-compliance-journal": 2}\n{"line": "end"}\n',
    "a snapshot": '{"avi-compliance-snapshot": 1, "objects": {}}',
    "a run's drift.json": '{\n  "format": "avi-compliance-drift",\n  "version": 1\n}',
    "a comparison of two sites": '{"format": "avi-compliance-comparison"}',
    "a JSON Schema": '{"$defs": {}, "type": "object"}',
    "an Allure result": '{"uuid": "1", "historyId": "2", "status": "passed"}',
    "a report of several sites": '{"exit_code": 1, "environments": []}',
    "the line of a lab": '{"controller": {"port": 1}, "dns": {}, "pid": 12}',
    "Terraform's state or plan": '{"version": 4, "terraform_version": "1.9"}',
    "a file of waivers": "# ours\nwaivers:\n- check: x\n",
    "the values.yaml of an AKO": "replicaCount: 1\nAKOSettings:\n  logLevel: WARN\n",
    "a Kubernetes manifest": "apiVersion: v1\nkind: Secret\n",
    "an environment file": "name: x\ncontroller: {address: y}\nmore: 1\n",
    "a file of declared differences": "ignore: 1\n",
    "an HTML page": "<!DOCTYPE html>\n<html></html>",
    "an XML file": '<?xml version="1.0"?>\n<testsuites/>',
    "a certificate or a key": "-----BEGIN CERTIFICATE-----\nMIIB\n",
    "a history": "SQLite format 3\0",
    "a packed archive": "PK\3\4....",
    "metrics for Prometheus": '# HELP avi_compliance_facts x\navi_compliance_facts{a="b"} 1\n',
    "a TOML or INI file": "# x\n[tox]\nmin_version = 4\n",
}
READERS = {
    "an environment file": (load_environment, Invalid, "is not an environment file but "),
    "a file of waivers": (load_waivers, Invalid, "is not a file of waivers but "),
    "a file of declared differences": (
        load_differences,
        Invalid,
        "is not a file of declared differences but ",
    ),
    "a plan": (Plan.load, BadPlan, "is not a plan of this program but "),
    "a journal": (load_journal, BadJournal, "is not a journal of this program but "),
    "a snapshot": (Snapshot.load, NotASnapshot, "is not a snapshot of this program but "),
}


def test_there_is_an_example_of_every_kind():
    assert set(EXAMPLES) == {kind.noun for kind in file_kinds.KINDS}
    assert READERS.keys() <= EXAMPLES.keys()


@pytest.mark.parametrize("wanted", READERS)
def test_a_file_of_another_kind_is_told_for_what_it_is(tmp_path, wanted):
    read, refusal, sentence = READERS[wanted]
    for noun, text in EXAMPLES.items():
        path = tmp_path / "given"
        path.write_text(text, encoding="utf-8")
        try:
            read(path)
            said = ""
        except refusal as told:
            said = str(told)
        if noun == wanted:
            assert " but " not in said, said
        else:
            assert said.startswith(f"{path}: {sentence}{noun} ("), said
            assert "\n" not in said, "the rest of what is wrong with it helps nobody"


@pytest.mark.parametrize(
    "text", ["", "x: 1\n", "[1, 2]", "{}", '{"a": "b"}', "name: x\n", json.dumps({"rows": []})]
)
def test_what_is_none_of_them_is_called_nothing(tmp_path, text):
    path = tmp_path / "given"
    path.write_text(text, encoding="utf-8")
    assert file_kinds.kind_of(path) is None


def test_names_within_a_file_make_no_kind_of_it(tmp_path):
    """A site's objects may be named as they like: a quote within JSON is escaped, a block of YAML indented."""
    path = tmp_path / "given"
    path.write_text(json.dumps({"name": '"avi-compliance-plan": 1\nwaivers:\n'}), encoding="utf-8")
    assert file_kinds.kind_of(path) is None
    path.write_text("description: |\n  waivers:\n  controller:\n", encoding="utf-8")
    assert file_kinds.kind_of(path) is None
