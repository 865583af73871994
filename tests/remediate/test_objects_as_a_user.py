"""A whole service under `objects:`, as a user builds it, finds it and takes it away: by the options themselves."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import yaml

from tests import lengths
from tests.remediate.objects_site import SERVICE
from tests.remediate.site import Runs

CHECKS = tuple(f"checks/test_objects.py::test_{name}" for name in ("exists", "member"))
"""Whether all is there and as declared; a Controller that was just installed has no Service Engine for it to serve."""


def service() -> list[dict[str, Any]]:
    """A service with VIP, pool, monitor, policy and certificate, in the VRF context that every cloud has."""
    objects = deepcopy(SERVICE)
    for each in objects:
        for member in ("vrf_context_ref", "vrf_ref"):
            each["fields"].pop(member, None)
    return objects


@lengths.WHOLE_RUN
def test_a_service_is_built_from_nothing_found_unchanged_and_removed(lab, tmp_path):
    """`--plan-out`, `--apply-plan`, a second run, `--rollback`."""
    lab.reset("empty")
    objects = service()
    file = lab.environment_file(tmp_path)
    site = {
        "name": "service",
        "controller": yaml.safe_load(file.read_text())["controller"],
        "objects": objects,
    }
    file.write_text(yaml.safe_dump(site))
    runs = Runs(lab, tmp_path, file)
    plan = tmp_path / "plan.json"
    code, said = runs(f"--plan-out={plan}", checks=CHECKS)
    assert (code, lab.writes()) == (1, []), said
    code, said = runs(f"--apply-plan={plan}", checks=CHECKS)
    assert code == 0, said
    assert {(method, status) for method, _, status in lab.writes()} == {("POST", 201)}
    made = {path.removeprefix("/api/") for _, path, _ in lab.writes()}
    assert made == {each["type"] for each in objects}

    lab.forget()
    code, said = runs("--remediate", checks=CHECKS)
    assert (code, lab.writes()) == (0, []), said
    assert f"{len(objects)} objects (0 with drift)" in said

    code, said = runs(f"--rollback={runs.journal()}", checks=())
    assert code == 0, said
    assert [method for method, _, _ in lab.writes()] == ["DELETE"] * len(objects)
