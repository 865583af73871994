"""Semantics of members: every list has a meaning, every row of the table names members that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from avi_schema import load
from avi_schema.semantics import Meaning, When, meaning, meaning_of, rows_of

SCHEMA = load()
GATHERED = Path(__file__).with_name("data") / "list_modes.tsv"
"""What was gathered of each list, from documentation, clients and release notes, before the table was written."""


def test_every_list_has_a_meaning() -> None:
    """Each list is a set, ordered, keyed, a sequence, the server's or secret; none is one value."""
    lists = [
        (message, field.name)
        for message in SCHEMA.messages()
        for field in SCHEMA.message(message).fields.values()
        if field.many
    ]
    assert len(lists) >= 700
    assert {each.mode for pair in lists for each in meaning_of(*pair)} == {
        *("set", "ordered", "keyed", "sequence", "server", "secret")
    }


def test_every_member_has_one_meaning_without_a_condition() -> None:
    """The last one holds where no condition does."""
    for message in SCHEMA.messages():
        for name in SCHEMA.message(message).fields:
            *conditional, last = meaning_of(message, name)
            assert last.when is None, f"{message}.{name}"
            assert all(each.when for each in conditional), f"{message}.{name}"


def test_every_row_names_members_that_there_are() -> None:
    """A row for nothing, a key of nothing, or a form of what is no text would never be noticed."""
    for name, meanings in rows_of().items():
        message, _, member = name.partition(".")
        field = SCHEMA.message(message).fields[member]
        for means in meanings:
            if means.mode in ("keyed", "sequence"):
                assert field.message, name
                members = SCHEMA.message(field.message).fields
                assert {part for key in means.key for part in key} <= members.keys(), name
            if means.mode in ("set", "ordered") and not means.form:
                assert field.many, name
            assert not means.form or field.kind == "string", name


@pytest.mark.parametrize(
    ("member", "mode", "key"),
    [
        ("VirtualService.services", "keyed", "port"),
        ("VrfContext.static_routes", "keyed", "prefix"),
        ("ClusterNode.static_routes", "keyed", "prefix"),
        ("DNSConfiguration.server_list", "ordered", ""),
        ("HTTPRequestPolicy.rules", "sequence", "index"),
        ("Role.privileges", "keyed", "resource"),
        ("Pool.health_monitor_refs", "set", ""),
        ("VirtualService.markers", "keyed", "key"),
        ("Vip.discovered_networks", "server", ""),
        ("SSLKeyAndCertificate.key", "secret", ""),
        ("AwsConfiguration.access_key_id", "secret", ""),
        ("Pool.created_by", "server", ""),
        ("BgpProfile.community", "set", ""),
    ],
)
def test_modes(member: str, mode: str, key: str) -> None:
    """Each kind of rule, and each kind of row."""
    (means,) = meaning_of(*member.split("."))
    assert (means.mode, means.key[0][0] if means.key else "") == (mode, key)


def test_a_condition_is_asked_of_the_nearest_message_that_has_the_member() -> None:
    """An address that the Controller chooses is its own; one that is declared is not."""
    assert meaning("Vip", "ip_address", ({"auto_allocate_ip": True},)).mode == "server"
    assert meaning("Vip", "ip_address", ({}, {"auto_allocate_ip": False})).mode == "value"
    networks = "IpamDnsInternalProfile", "usable_networks"
    assert meaning(*networks, ({}, {"allocate_ip_in_vrf": True})).mode == "keyed"
    assert meaning(*networks, ({}, {})).mode == "ordered"
    assert When.parse("!vtype=CLOUD_VCENTER").holds([{"vtype": "CLOUD_NONE"}])


def test_what_nothing_tells_apart_is_marked() -> None:
    """Elements of which nobody knows a key count as a whole."""
    assert meaning_of("vNIC", "vlan_interfaces") == (Meaning("set", whole=True),)
    assert not meaning_of("AlertRule", "metrics_rule")[0].whole


def test_each_list_means_what_was_gathered() -> None:
    """Where what was gathered says ordered, keyed, sequence or the server's, it is; what is open there is a set."""
    words = {"seq": "sequence", "keyed+owned": "keyed", "set?": "set", "keyed?": "set"}
    decided_since = {
        *("IpamDnsInternalProfile.usable_networks", "PKIProfile.ca_certs"),
        *("SSLCertificate.subject_alt_names", "VirtualService.discovered_subnet"),
    }
    for line in GATHERED.read_text(encoding="utf-8").splitlines()[1:]:
        name, mode = line.split("\t")
        means = meaning_of(*name.split("."))[-1].mode
        if name not in decided_since and means != "secret":
            assert means == words.get(mode, mode), name
