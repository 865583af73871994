"""Values of AKO: from values.yaml, from the ConfigMap, and as AKO's code reads them."""

from __future__ import annotations

import base64

import pytest
import yaml

from intent import Invalid, load_environment
from intent.ako import values
from intent.ako.settings import Settings, is_cidr, is_cidr6, is_whole
from intent.kinds.ako import Ako
from tests.ako.site import given

NEWEST = (2, 2, 1)


def read(folder, text, version=NEWEST):
    path = folder / "given.yaml"
    path.write_text(text if isinstance(text, str) else yaml.safe_dump(text))
    return Settings(values.load(path, version), version)


def test_defaults_of_the_version(tmp_path):
    settings = read(tmp_path, "AKOSettings: {}\n")
    assert settings.cluster == "my-cluster"
    assert settings.shards == 8
    assert settings.vip_networks("CLOUD_VCENTER").networks == ()
    assert "vpcMode" in settings.values.texts
    assert "vpcMode" not in read(tmp_path, "AKOSettings: {}\n", (1, 13, 1)).values.texts


def test_config_map_says_the_same(tmp_path):
    of_values = read(tmp_path, given({"AKOSettings.disableStaticRouteSync": True}))
    secret = {name: base64.b64encode(text.encode()).decode() for name, text in
              (("username", "admin"), ("password", "never-shown-ako"))}  # fmt: skip
    manifests = [
        {"kind": "Namespace", "metadata": {"name": "avi-system"}},
        {"kind": "ConfigMap", "metadata": {"name": "avi-k8s-config"}, "data": dict(of_values.values.texts)},
        {"kind": "Secret", "metadata": {"name": "avi-secret"}, "data": secret},
    ]
    settings = read(tmp_path, yaml.safe_dump_all(manifests))
    assert settings.values.texts == of_values.values.texts
    assert settings.login == of_values.login
    assert not settings.static_routes
    listed = read(tmp_path, {"kind": "List", "items": manifests})
    assert listed.values.texts == of_values.values.texts


@pytest.mark.parametrize(
    ("text", "on"), [("true", True), ('"true"', True), ("1", True), ('"T"', True), ("yes", True), ('"yes"', False), ("", False)]
)  # fmt: skip
def test_switches_as_go_reads_them(tmp_path, text, on):
    assert read(tmp_path, f"NetworkSettings: {{enableRHI: {text}}}\n").switch("enableRHI") is on


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *[("999999", "999999"), ("1000000", "1e+06"), ("1234567", "1.234567e+06"), ("1_000", "1000")],
        *[("0123", "83"), ("0o17", "15"), ("0x1F", "31"), ("09", "9"), ("1.10", "1.1"), ("1e3", "1000")],
        *[("12345678901234567890", "1.2345678901234567e+19"), ("0.00001", "1e-05"), ("9" * 9000, "9" * 9000)],
        *[("y", "true"), ("N", "false"), ("tRUE", "tRUE"), ("1:30", "1:30"), ("2026-01-01", "2026-01-01")],
        *[
            ("=", "="),
            ("_1", "_1"),
            ("._5", "._5"),
            ("-_1", "-1"),
            ("!!int 1000000", "1e+06"),
            ("!!float 0x10", "16"),
            ("!!str 1000000", "1000000"),
            ("~", ""),
            ("'1000000'", "1000000"),
            (".inf", ".inf"),
            ("0x" + "f" * 17, "0x" + "f" * 17),
        ],
    ],
)
def test_scalars_as_helm_reads_and_writes_them(tmp_path, written, text):
    """Go's YAML; every number is a float64 to Helm, so that a cluster that is named by a million is another."""
    assert read(tmp_path, f"AKOSettings: {{clusterName: {written}}}\n").cluster == text


@pytest.mark.parametrize(
    "written", ["!!int " + "1" * 400, "!!float .nan", "!!float .inf", "!!int y", "!!int 1:30", "!!int ''"]
)
def test_what_is_no_number_to_go(tmp_path, written):
    """Helm refuses it, whose numbers go through JSON."""
    with pytest.raises(Invalid, match=r"given.yaml:1: .*is not a value of type (int|float); quote it"):
        read(tmp_path, f"AKOSettings: {{clusterName: {written}}}\n")


@pytest.mark.parametrize(
    ("given_list", "problem"),
    [
        ("null", "unset"),
        ("[{networkName: 3025}]", "json"),
        ("[{networkName: a}, {networkName: b}]", "several"),
        ("[{NETWORKNAME: a}]", ""),
        ("[{networkNames: a}]", None),
        ("[{networkName: a, cidr: null}]", ""),
        ("not a list", "json"),
        ("'[]'", "json"),
        ("''", "json"),
    ],
)
def test_lists_as_go_reads_them(tmp_path, given_list, problem):
    text = f"NetworkSettings:\n  vipNetworkList: {given_list}\n"
    if problem is None:
        with pytest.raises(
            Invalid, match=r"given.yaml:2: .*unknown key 'networkNames'; did you mean 'networkName'"
        ):
            read(tmp_path, text)
        return
    assert read(tmp_path, text).vip_networks("CLOUD_VCENTER").problem == problem


def test_members_of_a_list_that_nobody_reads(tmp_path):
    """A member that AKO passes over is no error of the file: hole H22 names it."""
    settings = read(tmp_path, "NetworkSettings: {vipNetworkList: [{NetworkName: a, comment: front}]}\n")
    assert settings.vip_networks("CLOUD_VCENTER").networks[0].name == "a"
    assert settings.values.ignored == ("NetworkSettings.vipNetworkList.comment",)


def test_a_section_beside_ako_s_that_has_a_key_of_its_name(tmp_path):
    """`replicaCount` is a key of many charts: no sign that the values are those of a chart around AKO's."""
    text = "AKOSettings: {clusterName: a}\nmonitoring: {replicaCount: 1}\n"
    assert read(tmp_path, text).values.ignored == ("monitoring",)


def test_namespace_of_a_config_map(tmp_path):
    manifest = {
        "kind": "ConfigMap",
        "metadata": {"name": "avi-k8s-config", "namespace": "red"},
        "data": {"clusterName": "c", "primaryInstance": "false"},
    }
    assert read(tmp_path, manifest).creator == "ako-c-red"
    assert read(tmp_path, manifest | {"metadata": {"name": "avi-k8s-config"}}).creator == "ako-c-<namespace>"


def test_lists_of_a_config_map_in_any_case(tmp_path):
    data = {"clusterName": "c", "vipNetworkList": '[{"NETWORKNAME": "a", "other": 1}]'}
    manifest = {"kind": "ConfigMap", "metadata": {"name": "avi-k8s-config"}, "data": data}
    (network,) = read(tmp_path, manifest).vip_networks("CLOUD_VCENTER").networks
    assert network.name == "a"


@pytest.mark.parametrize(
    ("key", "text", "networks"),
    [
        ("vipNetworkList", '[{"networkName": "a", "cidrs": 3}]', [("a", ())]),
        ("nodeNetworkList", '[{"networkName": "a", "cidr": 3}]', [("a", ())]),
        ("nodeNetworkList", '[{"networkName": "a", "cidrs": [null, "x"]}]', [("a", ("", "x"))]),
        ("nodeNetworkList", '[{"networkName": "a", "cidrs": "x"}]', "json"),
        ("vipNetworkList", '[{"networkName": "a", "NetworkName": "b"}]', [("b", ())]),
        ("vipNetworkList", '[{"networkName": "a", "networkName": null}]', [("a", ())]),
        ("vipNetworkList", '[{"networkName": NaN}]', "json"),
        ("vipNetworkList", '[{"other": Infinity}]', "json"),
        ("vipNetworkList", '[{"networkName": "\\ud83d\\ude00\\ud83d"}]', [("\U0001f600\ufffd", ())]),
        ("vipNetworkList", "[null]", [("", ())]),
        ("vipNetworkList", " null", []),
        ("vipNetworkList", "[3]", "json"),
        ("nodeNetworkList", "[" * 200_000, "json"),
    ],
)
def test_lists_of_a_config_map_as_go_reads_them(tmp_path, key, text, networks):
    manifest = {
        "kind": "ConfigMap",
        "metadata": {"name": "avi-k8s-config"},
        "data": {"vipNetworkList": "[]", key: text},
    }
    settings = read(tmp_path, manifest)
    known = settings.node_networks if key == "nodeNetworkList" else settings.vip_networks("CLOUD_VCENTER")
    assert known.problem or [(each.name, each.cidrs) for each in known.networks] == networks
    assert (known.problem == networks) is bool(known.problem)


@pytest.mark.parametrize(
    ("text", "by_go", "by_pattern"),
    [
        ("2001:db8::/64", True, True),
        ("2001:db8::/064", True, False),
        ("2001:db8::/0000064", True, False),
        ("2001:db8::/129", False, False),
        ("2001:db8::/", False, False),
        ("2001:db8::/+4", False, False),
        ("2001:db8::/6४", False, False),
        ("fe80::1%eth0/64", False, False),
        ("10.0.0.0/0024", True, False),
        ("10.0.0.0/33", False, False),
        ("10.0.0.0/255.0.0.0", False, False),
        ("10.0.0.01/24", False, False),
        ("10.0.0.0", False, False),
    ],
)
def test_ranges_as_go_reads_them(text, by_go, by_pattern):
    assert (is_cidr(text), is_cidr6(text)) == (by_go, by_pattern)


@pytest.mark.parametrize(
    ("text", "whole"),
    [("1800", True), ("+5", True), ("--5", False), ("٣", False), ("²", False), ("9" * 19, False), ("9" * 9000, False), ("0" * 9000, True), ("", False)],
)  # fmt: skip
def test_whole_numbers_as_go_reads_them(text, whole):
    assert is_whole(text) is whole


@pytest.mark.parametrize(
    ("text", "primary"), [("true", True), ("F", False), ('"0"', False), ("'no'", True), ("", True)]
)
def test_primary_instance_as_go_reads_it(tmp_path, text, primary):
    assert read(tmp_path, f"AKOSettings: {{primaryInstance: {text}}}\n").primary is primary


def test_vpc_mode_of_versions_that_know_it(tmp_path):
    data = {"clusterName": "c", "vipNetworkList": "[]", "vpcMode": "true"}
    manifest = {"kind": "ConfigMap", "metadata": {"name": "avi-k8s-config"}, "data": data}
    assert [read(tmp_path, manifest, (1, 13, n)).vpc for n in (1, 2, 3, 4)] == [False, False, True, True]


def test_a_label_of_null_counts(tmp_path):
    assert read(tmp_path, "NetworkSettings: {bgpPeerLabels: [null]}\n").bgp_labels == ("",)


def test_several_networks_are_for_aws(tmp_path):
    settings = read(tmp_path, "NetworkSettings: {vipNetworkList: [{networkName: a}, {networkName: b}]}\n")
    assert len(settings.vip_networks("CLOUD_AWS").networks) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("AKOSettings: 5\n", "a mapping of keys to values is wanted"),
        ("AKOSettings: {clusterName: [a]}\n", "a text is wanted here"),
        (
            "ako: {AKOSettings: {clusterName: a}}\n",
            "ako: holds the sections of AKO's chart: put those into a file",
        ),
        ("NetworkSetings: {}\n", "did you mean 'NetworkSettings'"),
        ("NetworkSettings: {vipNetworkList: {}}\n", "a list is wanted here"),
        ("replicaCount: 3\n", "Helm refuses more than 2"),
        (
            "{replicaCount: 2, AKOSettings: {primaryInstance: false}}\n",
            "Helm refuses more than 1 where primaryInstance is false",
        ),
        ("- a\n", "is neither a values.yaml of AKO's chart nor its ConfigMap"),
        ("kind: Deployment\n", "holds no ConfigMap avi-k8s-config"),
    ],
)
def test_problems_have_a_line(tmp_path, text, problem):
    with pytest.raises(Invalid, match=r"given.yaml:1: ") as error:
        read(tmp_path, text)
    assert problem in str(error.value)


def test_aliases_are_taken_and_bombs_are_not(tmp_path):
    text = "a: &a {networkName: front}\nNetworkSettings: {vipNetworkList: [*a]}\n"
    (network,) = read(tmp_path, text).vip_networks("CLOUD_VCENTER").networks
    assert network.name == "front"
    bomb = "x0: &x0 [a, b]\n" + "".join(
        f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    with pytest.raises(Invalid, match="aliases"):
        read(tmp_path, bomb)
    with pytest.raises(Invalid, match="aliases"):
        read(tmp_path, "a: &a [*a]\n")


def test_merge_keys(tmp_path):
    """Helm merges before AKO reads: a mapping's own keys go first, then those of earlier merges."""
    path = tmp_path / "values.yaml"
    path.write_text(
        "image: &one {clusterName: one, cniPlugin: calico}\nresources: &two {clusterName: two, ipFamily: V4}\n"
        "AKOSettings:\n  <<: [*one, *two]\n  cniPlugin: antrea\n"
    )
    loaded = values.load(path, (2, 2, 1))
    keys = ("clusterName", "cniPlugin", "ipFamily")
    assert [loaded.texts[key] for key in keys] == ["one", "antrea", "V4"]
    assert not loaded.ignored
    path.write_text("AKOSettings:\n  <<: 3\n")
    with pytest.raises(values.Invalid) as refused:
        values.load(path, (2, 2, 1))
    assert str(refused.value).endswith(
        "values.yaml:2: a merge key (<<) takes a mapping, or a list of mappings"
    )


CONFIG = "kind: ConfigMap\nmetadata: {name: avi-k8s-config}\ndata: {clusterName: a}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\n---\nb: 2\n", "1: holds 2 documents: a values.yaml is one, and manifests each have a kind"),
        ("avicredentials: {password: [a]}\n", "1: avicredentials.password: a text is wanted here"),
        (f"{CONFIG}---\nkind: Secret\nmetadata: {{name: avi-secret}}\ndata: [a]\n", "7: data: a mapping"),
        (
            f"{CONFIG}---\nkind: Secret\nmetadata: {{name: avi-secret}}\nstringData: x\n",
            "7: stringData: a mapping",
        ),
        (
            f"{CONFIG}---\nkind: Secret\nmetadata: {{name: avi-secret}}\ndata: {{username: ä}}\n",
            "7: data.username: is not base64 of a text",
        ),
    ],
)
def test_shapes_that_are_none(tmp_path, text, problem):
    path = tmp_path / "values.yaml"
    path.write_text(text)
    with pytest.raises(values.Invalid) as refused:
        values.load(path, (2, 2, 1))
    assert f"values.yaml:{problem}" in str(refused.value)


def test_nodes_of_a_cluster(tmp_path):
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(given({})))
    status = {
        "addresses": [{"type": "Hostname", "address": "n1"}, {"type": "InternalIP", "address": "10.0.0.1"}]
    }
    node = {
        "kind": "Node",
        "metadata": {"name": "n1"},
        "spec": {"podCIDRs": ["10.244.0.0/24"]},
        "status": status,
    }
    (tmp_path / "nodes.yaml").write_text(yaml.safe_dump({"kind": "List", "items": [node]}))
    path = tmp_path / "site.yaml"
    path.write_text(
        "name: mine\ncontroller: {address: 10.0.0.1}\n"
        "ako: [{values: values.yaml, version: 2.2.1, nodes: nodes.yaml}]\n"
    )
    (ako,) = load_environment(path).each(Ako)
    (known,) = ako.files.nodes
    assert (known.name, known.address, [str(each) for each in known.pods]) == (
        "n1",
        "10.0.0.1",
        ["10.244.0.0/24"],
    )
    assert ako.name == "s1az1"
