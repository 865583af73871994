"""Objects of any type on a lab in this process: declared, planned, written, undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from intent import Drift, load_environment
from live.avi.snapshot import Live
from remediate.plan.model import Plan
from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import JournalRecord, load
from remediate.write.results import AppliedStep
from remediate.write.undo import UndoResult, undo_run
from remediate.write.writer import Writer
from tests.remediate.inprocess import Bench

SERVICE: list[dict[str, Any]] = [
    {
        "type": "virtualservice",
        "name": "web",
        "fields": {
            "pool_ref": "web",
            "vsvip_ref": "web-vip",
            "vrf_context_ref": "VRF_AZ1",
            "services": [{"port": 443, "enable_ssl": True}, {"port": 80}],
            "ssl_key_and_certificate_refs": ["web-cert"],
            "application_profile_ref": "System-Secure-HTTP",
            "http_policies": [{"index": 11, "http_policy_set_ref": "web-policy"}],
        },
    },
    {
        "type": "pool",
        "name": "web",
        "fields": {
            "health_monitor_refs": ["web-8080"],
            "vrf_ref": "VRF_AZ1",
            "servers": [{"ip": {"addr": f"10.20.0.{n}", "type": "V4"}, "port": 8080} for n in (1, 2)],
        },
    },
    {
        "type": "healthmonitor",
        "name": "web-8080",
        "fields": {
            "type": "HEALTH_MONITOR_HTTP",
            "send_interval": 5,
            "http_monitor": {"http_request": "GET /healthz HTTP/1.1", "http_response_code": ["HTTP_2XX"]},
        },
    },
    {
        "type": "vsvip",
        "name": "web-vip",
        "fields": {
            "vrf_context_ref": "VRF_AZ1",
            "vip": [{"vip_id": "1", "ip_address": {"addr": "10.10.25.99", "type": "V4"}}],
        },
    },
    {
        "type": "httppolicyset",
        "name": "web-policy",
        "fields": {
            "http_request_policy": {
                "rules": [
                    {
                        "index": index,
                        "name": name,
                        "enable": True,
                        "match": {"path": {"match_criteria": "BEGINS_WITH", "match_str": [f"/{name}"]}},
                        "redirect_action": {"port": 443, "protocol": "HTTPS"},
                    }
                    for index, name in enumerate(("old", "older"), 1)
                ]
            }
        },
    },
    {
        "type": "sslkeyandcertificate",
        "name": "web-cert",
        "fields": {
            "type": "SSL_CERTIFICATE_TYPE_VIRTUALSERVICE",
            "certificate": {"self_signed": True, "subject": {"common_name": "web.example.com"}},
        },
    },
]
"""A service with VIP, pool, monitor, policy and certificate; each stands before what it refers to."""


class ObjectsBench(Bench):
    """A lab and a file of objects."""

    def __init__(self, folder: Path, objects: list[dict[str, Any]], state: str = "conforming") -> None:
        super().__init__(state)
        self.folder = folder
        self.record: JournalRecord | None = None
        self.declare(objects)

    def declare(self, objects: list[dict[str, Any]]) -> None:
        """Declare these objects from now on."""
        path = self.folder / "objects.yaml"
        site = {"name": "o", "controller": {"address": "controller.test"}, "objects": objects}
        path.write_text(yaml.safe_dump(site), encoding="utf-8")
        self.environment = load_environment(path)

    def found(self, live: Live | None = None) -> list[tuple[Drift, str]]:
        """(drift, check) as the checks find them."""
        drifts: list[tuple[Drift, str]] = self.drifts(live)
        absent = {want.key for want in self.environment.objects if want.absent}
        return [each for each in drifts if each[0].key not in absent]

    def paths(self) -> list[str]:
        """What is not as declared: `-` before what is missing, `+` before what is there beside it."""
        signs = []
        for drift, _ in self.found():
            sign = "+" if drift.want is None else "-" if drift.have is None else ""
            signs.append(f"{drift.key.name} {sign}{drift.path}".strip())
        return signs

    def plan(self, **options: Any) -> Plan:
        """The plan for all of it."""
        site = self.site()
        return build(site, self.found(site.live), **options)

    def remediate(self, **options: Any) -> list[AppliedStep]:
        """Carry the plan out."""
        site = self.site()
        plan = build(site, self.found(site.live), **options)
        journal = Journal.begin(self.folder, "o", "c", "d")
        writer = Writer(self.gateway, journal, sleep=lambda _seconds: None)  # type: ignore[arg-type]
        results = Applier(writer, site, **options).apply(plan)
        journal.end("done")
        self.record = load(journal.path)
        return list(results)

    def undo(self, **options: Any) -> list[UndoResult]:
        """Undo the last run."""
        assert self.record is not None
        journal = Journal.begin(self.folder, "o", "c", "d", undoes=self.record.path.name)
        writer = Writer(self.gateway, journal, sleep=lambda _seconds: None)  # type: ignore[arg-type]
        return list(undo_run(self.record, writer, self.site(), **options))

    def raw(self, api: str, name: str = "") -> dict[str, Any]:
        """An object as the Controller has it."""
        answer: dict[str, Any] = self.gateway.read(api, {"name": name} if name else {})
        return answer["results"][0] if name else answer

    def edit(self, api: str, name: str, **members: Any) -> None:
        """Somebody else's change of these members."""
        obj = self.raw(api, name) | members
        path = f"{api}/{obj['uuid']}" if name else api
        self.gateway.write("PUT", path, obj)
