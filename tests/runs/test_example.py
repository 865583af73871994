"""The example that is shipped, `environments/iberia.yaml`: the tests that read it."""

import json

import jsonschema
import yaml

from intent import Environment
from tests import lengths
from tests.runs.harness import ROOT, run

EXAMPLE = "environments/iberia.yaml"
TEXT = (ROOT / EXAMPLE).read_text(encoding="utf-8")


def test_it_names_its_schema_and_obeys_it():
    assert TEXT.startswith("# yaml-language-server: $schema=schema.json\n")
    jsonschema.validate(yaml.safe_load(TEXT), json.loads(Environment.schema_text()))


def test_it_holds_no_credentials():
    words = yaml.safe_dump(yaml.safe_load(TEXT)).replace(":", " ").split()
    assert not {"password", "username", "token"} & set(words)


@lengths.WHOLE_RUN
def test_the_lab_conforms_to_it(tmp_path):
    ran = run(tmp_path, "--lab", "--lab-state", "conforming", f"--environment={EXAMPLE}")
    assert ran.code == 0, ran.out
    assert set(ran.counts) == {"passed"}
    assert len(ran.cases) > 100
