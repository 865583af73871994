"""Upkeep of a site: certificates, backups, licences and alerts, each told where somebody has to look after it."""

from __future__ import annotations

import pytest

from live.illness.diagnosis import illness
from live.illness.notices import notices
from tests.live.ill_site import certificate, engine, obj, ref, root, roots, schedule, service, site


@pytest.mark.parametrize(("used", "severity"), [(True, "critical"), (False, "minor")])
def test_certificates_that_have_expired(used, severity):
    expired = certificate("2026-11-01 00:00:00")
    refs = [ref("sslkeyandcertificate", expired["uuid"])] if used else []
    row = service("s0", ssl_key_and_certificate_refs=refs)
    only = root(site(services=1, virtualservice=[row], sslkeyandcertificate=[expired]))
    assert (only.severity, only.topic) == (severity, "upkeep")
    user = "virtual service s0" if used else "nothing that was read"
    assert only.reason == f"it has expired on 2026-11-01 00:00:00; {user} shows it"


def test_certificates_that_are_good_or_not_signed_yet():
    rows = [
        certificate("2026-12-01 00:00:00"),
        obj("sslkeyandcertificate", "csr", certificate={}),
    ]
    assert notices(site(sslkeyandcertificate=rows)) == ()


def test_a_certificate_of_the_portal():
    expired = certificate("2026-11-01 00:00:00")
    portal = {"sslkeyandcertificate_refs": [ref("sslkeyandcertificate", expired["uuid"])]}
    system = [{"uuid": "default", "portal_configuration": portal}]
    only = root(site(sslkeyandcertificate=[expired], systemconfiguration=system))
    assert "the Controller's portal shows it" in only.reason


@pytest.mark.parametrize(
    ("times", "enabled", "words"),
    [
        (["2026-11-28T11:00:00"], True, "the newest is 49 hours old"),
        (["2026-11-28T11:00:00", "2026-11-29T20:00:00"], True, ""),
        ([], True, "there is none"),
        ([], False, ""),
    ],
)
def test_backups(times, enabled, words):
    rows = [obj("backup", str(at), timestamp=at) for at in times]
    told = roots(site(scheduler=[schedule(enabled=enabled)], backup=rows))
    assert [each.reason for each in told if words in each.reason] == [each.reason for each in told]
    assert bool(told) is bool(words)


def test_a_new_schedule_has_had_no_time():
    now = 1796040000000000
    assert notices(site(scheduler=[schedule(_last_modified=str(now))])) == ()


@pytest.mark.parametrize(
    ("until", "severity", "words"),
    [
        ("2026-12-30T00:00:00", "normal", "counts until 2026-12-30"),
        ("2026-11-20T00:00:00", "critical", "expired on"),
    ],
)
def test_a_licence_and_its_grace(until, severity, words):
    licence = {"uuid": "l1", "name": "Eval", "valid_until": "2026-11-10T00:00:00", "cores": 40}
    status = {"license_state_info": [{"name": "Eval", "grace_until": until}]}
    only = root(site(license=[licence], **{"licensing/status": [status]}))
    assert only.severity == severity
    assert words in only.reason


def test_alerts_that_are_on():
    rows = [
        {
            "uuid": f"a{n}",
            "name": name,
            "state": oper,
            "level": level,
            "obj_uuid": about,
            "summary": "seen",
        }
        for n, (name, oper, level, about) in enumerate(
            [
                ("Disk", "ALERT_STATE_ON", "ALERT_HIGH", "node1"),
                ("Disk", "ALERT_STATE_ON", "ALERT_HIGH", "node1"),
                ("Note", "ALERT_STATE_ON", "ALERT_LOW", ""),
                ("Past", "ALERT_STATE_OFF", "ALERT_HIGH", ""),
                ("SE_DOWN", "ALERT_STATE_ON", "ALERT_MEDIUM", "serviceengine-se-2"),
            ]
        )
    ]
    engines = [engine("se-1"), engine("se-2", "OPER_DOWN")]
    told = notices(site(alert=rows, serviceengine_inventory=engines))
    assert [(each.type, each.name, bool(each.cause)) for each in told] == [
        ("serviceengine", "se-2", False),
        ("alert", "SE_DOWN serviceengine-se-2", True),
        ("alert", "Disk node1", False),
    ]


def test_alerts_do_not_change_what_is_ill():
    assert not illness(site()).ailments
