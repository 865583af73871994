"""Environment files: what a good one gives, and the words for everything that can be wrong with one."""

import json
import time
from pathlib import Path

import jsonschema
import pytest
import yaml

from intent import (
    Cloud,
    DnsProfile,
    Environment,
    Intent,
    Invalid,
    IpRange,
    Lookup,
    Network,
    Size,
    VcenterAccount,
    graph,
    load_environment,
    source,
)
from intent.environment import SECTIONS
from intent.plain_data import FORMS
from intent.salvage import STAND_INS
from tests.intent.small_file import GOOD
from tests.site import IBERIA

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def iberia():
    return load_environment(IBERIA)


@pytest.fixture
def problems(tmp_path):
    """The problems of a text, as `line: words`."""

    def of(text):
        path = tmp_path / "site.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            load_environment(path)
        except Invalid as invalid:
            for line in str(invalid).splitlines():
                assert line.startswith(f"{path}:"), line
            return [f"{problem.line}: {problem.text}" for problem in invalid.problems]
        return []

    return of


class TestIberia:
    def test_it_declares_the_blog(self, iberia):
        assert [str(network.key) for network in iberia.networks] == [
            "network REGIONB_MGMT_3020", "network AVI_FRONTEND_3025", "network REGIONB_VMS_3024", "network AVI_FRONTEND_3026", "network REGIONB_VMS_3023",
        ]  # fmt: skip
        assert iberia.controller.size == Size(cpus=8, memory_gb=24, disk_gb=128)
        assert iberia.networks[1].subnets[0].pools[0].range == IpRange.model_validate(
            "10.10.25.40-10.10.25.59"
        )
        assert iberia.networks[0].subnets[0].pools[0].range.size == 6
        assert iberia.each(DnsProfile)[0].ttl == 30
        assert [(name.name, name.addresses is None) for name in iberia.each(Lookup)] == [
            ("local-dns-site1.avi.iberia.local", True), ("test.avi.iberia.local", False),
        ]  # fmt: skip

    def test_every_need_is_declared_or_built_in(self, iberia):
        for found in iberia:
            for reference in graph.references(found):
                known = reference.refers.builtin or graph.meant(iberia, found, reference)
                assert known, (found, reference)

    def test_find(self, iberia):
        for found in iberia:
            assert iberia.find(found.key) is found
        assert iberia.find(Cloud(name="other").key) is None


def test_the_schema_refuses_what_the_models_refuse():
    schema = json.loads(Environment.schema_text())
    for change in (
        {"nmae": "x"},
        {"networks": [{"name": "n", "dhpc": True}]},
        {"controller": {}},
        {"name": ""},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(yaml.safe_load(GOOD) | change, schema)


def test_a_good_file(problems):
    assert problems(GOOD) == []
    assert problems("\ufeff" + GOOD) == []
    assert problems(GOOD.replace("\n", "\r\n")) == []


def edited(*changes):
    text = GOOD
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


BAD = {
    "unknown key": ([("dhcp: false", "dchp: false")], ["17: unknown key 'dchp'; did you mean 'dhcp'?"]),
    "unknown key, nothing near": (
        [("    ttl: 30", "    zzz: 30")],
        ["11: unknown key 'zzz'; known: domains, exact, name, tenant, ttl, type"],
    ),
    "unknown section": ([("vrfs:", "vrf:")], ["12: unknown key 'vrf'; did you mean 'vrfs'?"]),
    "duplicate key": (
        [("    dhcp: false", "    dhcp: false\n    dhcp: true")],
        ["18: 'dhcp' stands here a second time (first in line 17); keep one"],
    ),
    "missing address": ([("  address: 10.10.20.10", "  port: 443")], ["2: controller.address: is required and not there"]),
    "missing controller": ([("controller:\n  address: 10.10.20.10\n", "")], ["1: controller: is required and not there"]),
    "missing name": ([("- name: front\n    vrf", "- vrf")], ["15: networks.name: is required and not there", "33: no network 'front' is declared in cloud Default-Cloud; known: back"]),
    "empty name": ([("name: front", "name: ''")], ["15: networks.name: must not be empty (found '')", "34: no network 'front' is declared in cloud Default-Cloud; known: back"]),
    "dangling VRF": ([("name: front\n    vrf: VRF_AZ1", "name: front\n    vrf: VRF_AZ")], ["16: no VRF context 'VRF_AZ' is declared in cloud Default-Cloud; did you mean 'VRF_AZ1'?"]),
    "dangling profile": ([("dns_profile: DNS_Default", "dns_profile: DNS")], ["6: no DNS profile 'DNS' is declared; known: DNS_Default"]),
    "dangling network": ([("network: front", "network: frnt")], ["34: no network 'frnt' is declared in cloud Default-Cloud; did you mean 'front'?"]),
    "dangling SE group": ([("se_group: DNS-SE-Group", "se_group: Default")], ["31: no SE group 'Default' is declared in cloud Default-Cloud; known: DNS-SE-Group"]),
    "dangling DNS service": ([("dns_services: [dns]", "dns_services: [dns, other]")], ["39: no DNS service 'other' is declared; known: dns"]),
    "dangling cloud": ([("name: DNS-SE-Group", "name: DNS-SE-Group\n    cloud: Other")], ["29: no cloud 'Other' is declared; known: Default-Cloud", "32: no SE group 'DNS-SE-Group' is declared in cloud Default-Cloud; one is declared elsewhere: write {name: DNS-SE-Group, cloud: Other}"]),
    "two of one name": ([("name: back", "name: front")], ["23: network front is declared a second time; give each object one entry"]),
    "outside its subnet": ([("10.10.25.40-10.10.25.59", "10.10.25.40-10.10.26.59")], ["21: pool 10.10.25.40-10.10.26.59 lies outside its subnet 10.10.25.0/24"]),
    "reserved address": ([("10.10.25.40-10.10.25.59", "10.10.25.0-10.10.25.255")], ["21: pool 10.10.25.0-10.10.25.255 holds the network address 10.10.25.0 and the broadcast address 10.10.25.255, which no host can use"]),
    "overlap in one subnet": (
        [("            use: vip", "            use: vip\n          - range: 10.10.25.59-10.10.25.60")],
        ["23: pool 10.10.25.59-10.10.25.60 overlaps 10.10.25.40-10.10.25.59"],
    ),
    "overlap in one VRF context": (
        [("      - prefix: 10.10.24.0/24", "      - prefix: 10.10.25.0/24\n        pools: [{range: 10.10.25.50}]")],
        ["27: pool 10.10.25.50-10.10.25.50 overlaps 10.10.25.40-10.10.25.59 of front in the same VRF context"],
    ),
    "one pool twice": (
        [("            use: vip", "            use: vip\n          - range: 10.10.25.40 - 10.10.25.59")],
        ["23: 10.10.25.40-10.10.25.59 is declared a second time in pools; keep one", "23: pool 10.10.25.40-10.10.25.59 overlaps 10.10.25.40-10.10.25.59"],
    ),
    "host bits": ([("prefix: 10.10.24.0/24", "prefix: 10.10.24.1/24")], ["26: networks.subnets.prefix: 10.10.24.1/24 has host bits set; the subnet is 10.10.24.0/24"]),
    "no prefix length": ([("prefix: 10.10.24.0/24", "prefix: 10.10.24.0")], ["26: networks.subnets.prefix: a subnet is written as address/length, such as 10.10.25.0/24 (found '10.10.24.0')"]),
    "backwards": ([("10.10.25.40-10.10.25.59", "10.10.25.59-10.10.25.40")], ["21: networks.subnets.pools.range: 10.10.25.59-10.10.25.40 ends before it begins"]),
    "no address": ([("10.10.25.40-10.10.25.59", "10.10.25.400")], ["21: networks.subnets.pools.range.begin: '10.10.25.400' is not an IP address; write it in full, such as 10.10.24.10", "21: networks.subnets.pools.range.end: '10.10.25.400' is not an IP address; write it in full, such as 10.10.24.10"]),
    "no prefix length that is possible": ([("prefix: 10.10.24.0/24", "prefix: 10.10.24.0/33")], ["26: networks.subnets.prefix: '10.10.24.0/33' is not an IP subnet; write it as 10.10.25.0/24"]),
    "the end of a range by its last number": ([("10.10.25.40-10.10.25.59", "10.10.25.40-59")], ["21: networks.subnets.pools.range.end: '59' is not an IP address; write it in full, such as 10.10.24.10"]),
    "a choice that YAML takes for a truth value": ([("use: vip", "use: no")], ["22: networks.subnets.pools.use: false is not one of vip-and-se, vip, se; YAML takes no, off, yes and on for truth values: write it in quotes"]),
    "a truth value and nothing in a list": ([("name: back", "name: [yes, ~]")], ["23: networks.name: is not text (found [true, nothing])"]),
    "TTL 0": ([("ttl: 30", "ttl: 0")], ["11: dns_profiles.ttl: has to be at least 1 (found 0)"]),
    "TTL too large": ([("ttl: 30", "ttl: 604801")], ["11: dns_profiles.ttl: has to be at most 604800 (found 604801)"]),
    "TTL text": ([("ttl: 30", "ttl: 30s")], ["11: dns_profiles.ttl: is not a whole number (found '30s')"]),
    "a port in an address": ([("address: 10.10.20.10", "address: avi.iberia.local:8443")], ["3: controller.address: give the host alone, such as avi.iberia.local; the port 8443 has a key of its own, `port` (found 'avi.iberia.local:8443')"]),
    "a URL for an address": ([("address: 10.10.20.10", "address: https://10.10.20.10/")], ["3: controller.address: give the host alone, without https://, such as 10.10.20.10 (found 'https://10.10.20.10/')"]),
    "an address with a number too large": ([("address: 10.10.20.10", "address: 10.10.20.300")], ["3: controller.address: '10.10.20.300' is neither a host name nor an IP address"]),
    "no host in an address": ([("address: 10.10.20.10", "address: the controller")], ["3: controller.address: 'the controller' is neither a host name nor an IP address"]),
    "a choice": ([("use: vip", "use: vips")], ["22: networks.subnets.pools.use: 'vips' is not one of vip-and-se, vip, se; did you mean 'vip'?"]),
    "no domain": ([("name: avi.iberia.local", "name: avi..local")], ["10: dns_profiles.domains.name: 'avi..local' is not a domain name"]),
    "no address in a record": ([("[10.10.24.10]", "[]")], ["37: dns_services.records.addresses: needs at least 1 element (found [])"]),
    "a mapping for a list": ([("clouds:\n  - name", "clouds:\n    name"), ("    dns_profile", "    dns_profile")], ["4: clouds: is not a list (found {'dns_profile': 'DNS_Default', 'name': 'Default-Cloud'})"]),
    "a date": ([("name: back", "name: 2026-11-23")], ["23: networks.name: is not text (found '2026-11-23'); write it in quotes"]),
    "a name that YAML takes for a truth value": ([("name: back", "name: no")], ["23: networks.name: is not text (found false); YAML takes no, off, yes and on for truth values: write it in quotes"]),
    "a name that is left empty": ([("name: back", "name:")], ["23: networks.name: is not text (found nothing)"]),
    "a name of another form": ([("name: site", "name: site/1")], ["1: name: has to be letters, digits, dots, underscores and hyphens, such as north-1 (found 'site/1')"]),
    "a password": ([("address: 10.10.20.10", "address: 10.10.20.10\n  password: secret")], ["4: controller.password: credentials never stand in this file; give AVI_USERNAME and AVI_PASSWORD, or AVI_TOKEN, as environment variables"]),
    "an impossible date": ([("name: back", "name: 2026-13-45")], ["23: '2026-13-45' is not a value of type timestamp; quote it if it is text"]),
    "an alias": ([("name: back", "name: &n back"), ("network: front", "network: *n")], ["23: YAML aliases (*name) are not supported; write it out"]),
    "a tag": ([("ttl: 30", "ttl: !!python/object:os.system 30")], ["11: '30' is not a value of type python/object:os.system; quote it if it is text"]),
    "a tab": ([("    ttl: 30", "\tttl: 30")], ["11: is not YAML: found a tab character that violates indentation; a tab stands there, and YAML is indented with blanks only"]),
    "a tab after blanks": ([("    ttl: 30", "    \tttl: 30")], ["11: is not YAML: found a tab character that violates indentation; a tab stands there, and YAML is indented with blanks only"]),
    "a key too far to the right": ([("    ttl: 30", "     ttl: 30")], ["11: is not YAML: did not find expected key; look at brackets, quotes, colons and indentation from line 8 on"]),
    "a dash too far to the right": ([("  - name: back", "   - name: back")], ["23: is not YAML: did not find expected '-' indicator; look at brackets, quotes, colons and indentation from line 15 on"]),
    "an open quote": ([("name: back", 'name: "back')], ["40: is not YAML: found unexpected end of stream; look at brackets, quotes, colons and indentation from line 23 on"]),
    "a reserved character": ([("name: back", "name: @back")], ["23: is not YAML: found character that cannot start any token; quote what begins with @"]),
    "no blank after a colon": ([("    ttl: 30", "    ttl:30")], ["12: is not YAML: could not find expected ':'; look at brackets, quotes, colons and indentation from line 11 on"]),
    "an open bracket": ([("[10.10.24.10]", "[10.10.24.10")], ["38: is not YAML: did not find expected ',' or ']'; look at brackets, quotes, colons and indentation from line 37 on"]),
    "two documents": ([("system:", "---\nsystem:")], ["38: a second document begins (---); a file holds one, so leave this line out or begin another file"]),
    "a control character": ([("name: back", "name: ba\x07ck")], ["23: holds a character that YAML does not allow"]),
    "form and relations at once": (
        [("dhcp: false", "dchp: false"), ("dns_profile: DNS_Default", "dns_profile: DNS"), ("10.10.25.40-10.10.25.59", "10.10.25.40-10.10.26.59"), ("ttl: 30", "ttl: 0"), ("name: back", "nmae: back")],
        [
            "6: no DNS profile 'DNS' is declared; known: DNS_Default",
            "11: dns_profiles.ttl: has to be at least 1 (found 0)",
            "17: unknown key 'dchp'; did you mean 'dhcp'?",
            "21: pool 10.10.25.40-10.10.26.59 lies outside its subnet 10.10.25.0/24",
            "23: networks.name: is required and not there",
            "23: unknown key 'nmae'; did you mean 'name'?",
        ],
    ),
    "an element before another is wrong": (
        [("  - name: front\n", "  - name: 5\n"), ("name: back\n    vrf: VRF_AZ1", "name: back\n    vrf: VRF_AZ9")],
        ["15: networks.name: is not text (found 5); write it in quotes", "24: no VRF context 'VRF_AZ9' is declared in cloud Default-Cloud; did you mean 'VRF_AZ1'?", "34: no network 'front' is declared in cloud Default-Cloud; known: back"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_every_problem_has_its_line_and_its_words(problems, case):
    changes, expected = BAD[case]
    assert problems(edited(*changes)) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1: is empty; start from environments/iberia.yaml"),
        ("# only a comment\n", "1: is empty; start from environments/iberia.yaml"),
        ("~", "1: is empty; start from environments/iberia.yaml"),
        ("- a\n- b\n", "1: is not a mapping of keys to values"),
        ("just text", "1: is not a mapping of keys to values"),
        (b"name: \xff\xfe", "1: is not UTF-8 text; save it as UTF-8"),
        (b"name: x\nb: \xe9", "2: is not UTF-8 text; save it as UTF-8"),
        (b"\x00" * 64, "1: holds a character that YAML does not allow"),
        (bytes(range(256)) * 8, "2: is not UTF-8 text; save it as UTF-8"),
        ("[" * 100_000, "1: is nested too deeply"),
        ("a: " + "{a: " * 100_000, "1: is nested too deeply"),
        ("- " * 100_000, "1: is nested too deeply"),
        ("a:\n" + "".join(" " * n + "a:\n" for n in range(1, 200)), "41: is nested too deeply"),
        ("name: !!bool maybe", "1: 'maybe' is not a value of type bool; quote it if it is text"),
        ("name: !!timestamp soon", "1: 'soon' is not a value of type timestamp; quote it if it is text"),
        ("name: !!int ''", "1: '' is not a value of type int; quote it if it is text"),
        ("name: " + "9" * 5000, "1: '" + "9" * 60 + "' is not a value of type int; quote it if it is text"),
        ("? [a]\n: b\n", "1: unknown key '?'"),
        ("<<: {a: b}", "1: unknown key '<<'"),
    ],
)  # fmt: skip
def test_what_is_no_environment(problems, text, words):
    assert any(found.startswith(words) for found in problems(text)), problems(text)


def test_a_file_of_more_parts_than_it_may_have(problems, monkeypatch):
    assert source.MAX_PARTS == 3_000_000
    monkeypatch.setattr(source, "MAX_PARTS", 30_000)  # of which a tenth of a second is enough
    assert "1: has more than 30000 parts; split it" in problems("networks: [" + "1, " * 30_500 + "]")
    assert "1: has more than 30000 parts; split it" not in problems("networks: [" + "1, " * 29_500 + "]")


def test_a_bomb_of_aliases(problems):
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert problems(text) == ["1: YAML aliases (*name) are not supported; write it out"]


def test_too_many_problems_are_counted(problems):
    found = problems(GOOD + "junk: 1\n" + "".join(f"k{n}: 1\n" for n in range(5000)))
    assert len(found) <= 102
    assert "more" in found[-1]


def test_a_large_wrong_file_takes_no_age(problems):
    begin = time.monotonic()
    many = "".join(
        f"  - {{name: n{n}, vrf: V{n}, subnets: [{{prefix: 10.0.0.0/8, pools: [{{range: 10.1.0.1-10.9.9.9}}]}}]}}\n"
        for n in range(2000)
    )
    assert problems("name: x\ncontroller: {address: a}\nnetworks:\n" + many)
    assert problems("name: x\ncontroller: {address: a}\nnetworks: [" + "x, " * 90_000 + "]")
    assert time.monotonic() - begin < 60


def test_files_that_are_none(tmp_path):
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(100 * 1024**2)
    for path, words in [
        (large, "is larger than 32 MiB; split it into one file a site"),
        (tmp_path, "is not a file; give the path of a YAML file"),
        (Path("/dev/zero"), "is not a file; give the path of a YAML file"),
        (tmp_path / "none.yaml", "cannot be read: No such file or directory"),
        (tmp_path / ("x" * 300), "cannot be read: File name too long"),
    ]:
        with pytest.raises(Invalid) as caught:
            load_environment(path)
        assert str(caught.value) == f"{path}: {words}"


def test_every_section_takes_part_in_the_laws():
    listed = {name for name, field in Environment.model_fields.items() if "tuple" in str(field.annotation)}
    assert listed == {
        *SECTIONS,
        "vcenters",
        "observe",
    }  # whose laws are their own: tests/intent/test_vcenters.py
    required = {name for name, field in Environment.model_fields.items() if field.is_required()}
    assert required == set(STAND_INS)


def test_identities():
    network = Network(name="n", vrf="v", tenant="t")
    assert (repr(network), str(network), str(network.key)) == ("network n", "n", "network n (tenant t)")
    assert isinstance(network, Intent)
    with pytest.raises(ValueError, match="frozen"):
        network.vrf = "w"


ACCOUNT = """
name: x
controller: {{address: 10.0.0.1}}
vcenter:
  address: vc
  datacenter: REGIONB
  account:
    name: svc-avi@vsphere.local
    privileges: {privileges}
"""


@pytest.mark.parametrize(
    ("privileges", "parts"),
    [
        ("[Folder.Create, Network.Assign]", [(None, ("Folder.Create", "Network.Assign"))]),
        ("[{on: /REGIONB/vm/AVI K8S, names: [Folder.Create]}]", [("/REGIONB/vm/AVI K8S", ("Folder.Create",))]),
        ("[Task.Create, {on: /, names: [Folder.Create]}, Task.Update]",
         [(None, ("Task.Create", "Task.Update")), ("/", ("Folder.Create",))]),
    ],
)  # fmt: skip
def test_privileges_by_entity_beside_a_flat_list(tmp_path, privileges, parts):
    path = tmp_path / "site.yaml"
    path.write_text(ACCOUNT.format(privileges=privileges))
    (account,) = load_environment(path).each(VcenterAccount)
    assert [(part.on, part.names) for part in account.privileges] == parts


@pytest.mark.parametrize(
    ("privileges", "said"),
    [
        (
            "[{on: REGIONB, names: [Folder.Create]}]",
            "privileges.on: has to be a path that begins with / (found 'REGIONB')",
        ),
        ("[{on: /REGIONB, names: []}]", "privileges.names: needs at least 1 element (found [])"),
        ("[{on: /REGIONB}]", "privileges.names: is required and not there"),
        ("[{on: /REGIONB, privs: [Folder.Create]}]", "unknown key 'privs'; known: names, on"),
        ("[5]", "privileges: is not a mapping of keys to values (found 5)"),
        ("Folder.Create", "privileges: is not a list (found 'Folder.Create')"),
    ],
)
def test_what_is_wrong_with_privileges(tmp_path, privileges, said):
    path = tmp_path / "site.yaml"
    path.write_text(ACCOUNT.format(privileges=privileges))
    with pytest.raises(Invalid) as told:
        load_environment(path)
    assert said in str(told.value)


def test_no_regular_expression_is_shown_for_a_form():
    """Of every pattern in a field of an environment file there are words."""

    def patterns(schema):
        if isinstance(schema, dict):
            yield from [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []
            schema = [*schema.values()]
        if isinstance(schema, list):
            for inner in schema:
                yield from patterns(inner)

    prefix = r"^[0-9A-Fa-f:.]+/\d+$"  # ipaddress reads it, and has words of its own
    assert {*patterns(json.loads(Environment.schema_text()))} - {prefix} <= FORMS.keys()
