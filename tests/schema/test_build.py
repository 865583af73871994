"""From swagger to the table: what is taken from the prose, what the overlay adds, what one version remembers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from avi_schema import MISSING, SCHEMA, dotted, load, parse_version
from avi_schema.__main__ import main
from avi_schema.build.prose import branch_spans, facts_in
from avi_schema.model import lives

V = parse_version
ROOT = Path(__file__).resolve().parents[2]
SWAGGER = ROOT.parent / "shared" / "avi-api" / "swagger"

needs_swagger = pytest.mark.skipif(
    not SWAGGER.is_dir(), reason="the vendor's swagger folder is not beside the project"
)


@needs_swagger
def test_the_table_is_what_the_swagger_gives(tmp_path):
    again = tmp_path / "table.json"
    assert main([str(SWAGGER), "-o", str(again)]) == 0
    assert again.read_text(encoding="utf-8") == SCHEMA.read_text(encoding="utf-8")


@needs_swagger
def test_what_is_emitted_is_what_clients_and_recordings_say():
    """Seventeen types were checked, every default of theirs. Two more we know from recordings alone."""
    schema = load()
    checked = json.loads((SWAGGER.parent / "controller-api-fields.json").read_text(encoding="utf-8"))
    wrong = []
    for messages in checked.values():
        for model, fields in messages.items():
            for name, known in fields.items():
                default = schema.message(model).fields[name].default
                if default != known.get("emit", MISSING):
                    wrong.append((model, name, default))
    assert sorted({entry[:2] for entry in wrong}) == [("Tenant", "config_settings"), ("Vip", "vip_id")]


def test_the_table_is_small_and_free_of_prose():
    text = SCHEMA.read_text(encoding="utf-8")
    assert len(text) < 2**20
    assert "ntroduced in" not in text
    assert "description" not in json.loads(text)["specs"][0]
    assert not [spec for spec in json.loads(text)["specs"] if set(spec) - SPEC_MEMBERS]


SPEC_MEMBERS = {
    *(
        "kind",
        "message",
        "many",
        "required",
        "enum",
        "low",
        "high",
        "special",
        "choices",
        "min_items",
        "max_items",
    ),
    *("ref", "read_only", "secret", "enterprise", "deprecated", "required_until", "spans", "defaults"),
}


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Of no interest.", {}),
        ("TTL. Allowed values are 1-604800. Unit is SEC.", {"low": 1, "high": 604800}),
        ("Allowed values are -90.0-+90.0.", {"low": -90, "high": 90}),
        (
            "Allowed values are 0 - 100. Special values are 0- disable.",
            {"low": 0, "high": 100, "special": [0]},
        ),
        ("Special values are 0 - Immediate, -1 - Infinite.", {"special": [0, -1]}),
        ("Special values are MAX - Passthrough.", {}),
        ("Allowed values are 0,1,2,4,8,16.", {"choices": [0, 1, 2, 4, 8, 16]}),
        (
            "Enum options - V4, DNS, V6. Allowed in Basic edition(Allowed values- V4).",
            {"enum": ["V4", "DNS", "V6"]},
        ),
        ("It is a reference to an object of type VrfContext.", {"ref": "VrfContext"}),
        ("Minimum of 1 items required. Maximum of 4 items allowed.", {"min_items": 1, "max_items": 4}),
        ("Maximum of number of pages.", {}),
        (
            "Allowed in Enterprise edition with any value, Enterprise with Cloud Services edition.",
            {"enterprise": True},
        ),
        (
            "Allowed in Enterprise edition with any value, Basic, Enterprise with Cloud Services edition.",
            {},
        ),
        ("Field introduced in 20.1.1.", {"spans": [["20.1.1", None]]}),
        ("Field introduced in 17.2.14, 18.2.5.", {"spans": [["17.2.14", "17.3"], ["18.2.5", None]]}),
        (
            "Field deprecated in 30.1.1. Field introduced in 20.1.5.",
            {"deprecated": "30.1.1", "spans": [["20.1.5", None]]},
        ),
    ],
)
def test_what_prose_states(text, facts):
    assert facts_in(text) == facts


def test_backports_leave_gaps():
    spans = tuple(branch_spans([V("21.1.3"), V("20.1.7"), V("21.1.5")]))
    alive = [
        text for text in ("20.1.6", "20.1.7", "20.1.9", "21.1.1", "21.1.3", "30.2.1") if lives(spans, V(text))
    ]
    assert alive == ["20.1.7", "20.1.9", "21.1.3", "30.2.1"]


@pytest.mark.parametrize("text", ["20.1.6", "20_1_6", "v20_1_6", " 20.1.6-9046 "])
def test_versions_parse(text):
    assert V(text) == (20, 1, 6)
    assert dotted(V(text)) == "20.1.6"


@pytest.mark.parametrize("text", ["", "latest", "-1"])
def test_what_is_no_version(text):
    with pytest.raises(ValueError, match="not a version"):
        V(text)


# --- another swagger folder


def swagger(folder, version, properties, required=("name",), **more):
    """Write a folder with one collection, of type `thing`."""
    body = {"in": "body", "name": "body", "schema": {"$ref": "#/definitions/Thing"}}
    listed = {"name": "page_size", "in": "query"}
    document = {
        "info": {"version": version},
        "paths": {
            "/thing": {"get": {"parameters": [listed]}, "post": {"parameters": [body]}},
            "/thing/{uuid}": {"get": {}, "put": {}, "delete": {}},
            "/thing/{uuid}/runtime/detail/": {"get": {}},
        },
        "definitions": {"Thing": {"required": list(required), "properties": properties}} | more,
    }
    folder.mkdir()
    (folder / "Thing.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


TEXT = {"type": "string", "description": ""}


def test_another_version_builds_and_loads(tmp_path):
    folder = swagger(
        tmp_path / "a",
        "31.1.1",
        {
            "name": TEXT,
            "on": {"type": "boolean", "description": "Words."},
            "count": {
                "type": "integer",
                "format": "uint32",
                "default": 3,
                "description": "Allowed values are 1-9.",
            },
            "part": {"$ref": "#/definitions/Part"},
            "thing_refs": {
                "type": "array",
                "items": {"type": "string"},
                "description": "reference to an object of type Thing.",
            },
        },
        Part={"type": "object", "properties": {"url": TEXT | {"readOnly": True}}},
        Unused={"properties": {"name": TEXT}},
    )
    table = tmp_path / "table.json"
    assert main([str(folder), "-o", str(table)]) == 0
    schema = load(table)
    thing = schema.types["thing"]
    assert schema.model == (31, 1, 1)
    assert (thing.model, thing.methods, thing.object_methods) == (
        "Thing",
        ("GET", "POST"),
        ("GET", "PUT", "DELETE"),
    )
    assert (thing.subresources, thing.queries) == (("runtime/detail",), ("page_size",))
    fields = thing.message.fields
    assert fields["on"].default is False
    assert (fields["count"].low, fields["count"].high, fields["count"].default) == (1, 9, 3)
    assert (fields["thing_refs"].ref, fields["thing_refs"].many) == ("thing", True)
    assert schema.message("Part").fields["url"].read_only
    assert set(schema.messages()) == {"Thing", "Part"}


def test_a_newer_table_remembers_the_older(tmp_path):
    number = {"type": "integer", "description": "", "default": 1}
    old = swagger(tmp_path / "old", "30.2.1", {"name": TEXT, "gone": TEXT, "changed": number, "same": number})
    new = swagger(
        tmp_path / "new",
        "31.1.1",
        {
            "name": TEXT,
            "came": TEXT,
            "dated": TEXT | {"description": "Field introduced in 30.3.1."},
            "changed": number | {"default": 2},
            "same": number,
        },
    )
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    assert main([str(old), "-o", str(before)]) == 0
    assert main([str(new), "-o", str(after), "--previous", str(before)]) == 0
    fields = load(after).types["thing"].message.fields
    alive = {
        name: [text for text in ("30.2.1", "30.3.1", "31.1.1") if each.lives(V(text))]
        for name, each in fields.items()
    }
    assert alive["gone"] == ["30.2.1", "30.3.1"]
    assert alive["came"] == ["31.1.1"]
    assert alive["dated"] == ["30.3.1", "31.1.1"]
    assert [fields["changed"].default_at(V(text)) for text in ("30.2.1", "31.1.1")] == [1, 2]
    assert [fields["same"].default_at(V(text)) for text in ("30.2.1", "31.1.1")] == [1, 1]


def test_a_type_that_went_keeps_its_end(tmp_path):
    old = swagger(tmp_path / "old", "30.2.1", {"name": TEXT})
    new = swagger(tmp_path / "new", "31.1.1", {"name": TEXT})
    document = (new / "Thing.json").read_text(encoding="utf-8").replace("/thing", "/other")
    (new / "Thing.json").write_text(document, encoding="utf-8")
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    main([str(old), "-o", str(before)])
    main([str(new), "-o", str(after), "--previous", str(before)])
    types = load(after).types
    assert [types["thing"].lives(V(text)) for text in ("30.2.1", "31.1.1")] == [True, False]


def test_useless_input_is_told(tmp_path, capsys):
    assert main([str(tmp_path), "-o", str(tmp_path / "out")]) == 4
    assert "no swagger document" in capsys.readouterr().err
    folder = swagger(tmp_path / "a", "20.1.1", {"name": TEXT})
    assert main([str(folder), "-o", "-", "--previous", str(SCHEMA)]) == 4
    assert "not older than 20.1.1" in capsys.readouterr().err
    assert main([str(folder), "-o", "-", "--previous", str(folder / "Thing.json")]) == 4
    assert "not a schema file" in capsys.readouterr().err
    with pytest.raises(ValueError, match="no schema file"):
        load(folder / "Thing.json")


def test_help_teaches_and_the_table_goes_to_standard_output(tmp_path):
    def run(*arguments):
        command = [sys.executable, "-m", "avi_schema", *arguments]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        ).stdout

    assert "--previous avi_schema/schema.json" in run("--help")
    assert (
        json.loads(run(str(swagger(tmp_path / "a", "31.1.1", {"name": TEXT})), "-o", "-"))["model"]
        == "31.1.1"
    )
