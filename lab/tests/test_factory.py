"""Factory objects against the configuration export of a 20.1.6 Controller, by name and content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.tests.controller_client import Client, make

EXPORT = Path(__file__).resolve().parents[3] / "shared" / "avi-api" / "factory-20.1.6.json"
pytestmark = pytest.mark.skipif(not EXPORT.is_file(), reason="the export is not beside the project")
OWN = {
    # programs and dates, which are the lab's own
    "HealthMonitor": {"external_monitor"},
    "Scheduler": {"start_date_time"},
}
SITE = {"welcome_workflow_complete", "tenant_ref", "cloud_ref"}
"""Settings of the exported site."""


@pytest.fixture(scope="module")
def client():
    return Client(make("20.1.6"))


@pytest.fixture(scope="module")
def types(client):
    return {kind.model: name for name, kind in client.lab.site.schema.types.items()}


def export(part):
    return json.loads(EXPORT.read_text(encoding="utf-8"))[part] if EXPORT.is_file() else {}


@pytest.mark.evidence("EXP", "§3.11")
@pytest.mark.parametrize("model", sorted(export("names")))
def test_names(client, types, model):
    rows = client.get(f"/api/{types[model]}?page_size=200")
    shown = {row["name"] for row in rows.get("results", [rows])}
    assert shown == set(export("names")[model])


@pytest.mark.evidence("EXP", "§3.11")
@pytest.mark.parametrize("model", sorted(export("objects")))
def test_contents(client, types, model):
    rows = client.get(f"/api/{types[model]}?page_size=200&include_name")
    shown = {row.get("name", ""): row for row in rows.get("results", [rows])}
    for body in export("objects")[model]:
        if model == "ServiceEngineGroup" and body.get("buffer_se") == 0:
            continue  # a second cloud's, as its owner set it
        row = shown[body.get("name", "")]
        if model == "Role":
            body["privileges"] = [{"resource": k, "type": v} for k, v in sorted(body["privileges"].items())]
            known = {right["resource"] for right in body["privileges"]}
            rights = [right for right in row["privileges"] if right["resource"] in known]
            row["privileges"] = sorted(rights, key=lambda right: right["resource"])
        left_out = SITE | OWN.get(model, set())
        wrong = {
            member: (value, plain(row.get(member)))
            for member, value in body.items()
            if member not in left_out and not within(value, plain(row.get(member)))
        }
        assert not wrong, body.get("name")


def within(value, shown):
    """Whether everything of the export is shown; secrets and site settings were taken out of it."""
    if isinstance(value, dict):
        return isinstance(shown, dict) and all(within(each, shown.get(key)) for key, each in value.items())
    if isinstance(value, list):
        pairs = (
            zip(value, shown, strict=True)
            if isinstance(shown, list) and len(shown) == len(value)
            else [(1, 2)]
        )
        return all(within(each, known) for each, known in pairs)
    return value == shown


def plain(value):
    """A value with references as the export has them, by name."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, str) and "/api/" in value and "#" in value:
        path, _, name = value.partition("#")
        return f"/api/{path.partition('/api/')[2].partition('/')[0]}?name={name}"
    return value
