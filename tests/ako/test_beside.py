"""What stands beside one AKO's own start: names that may be meant, its other container, further instances, versions."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from intent.ako import values
from intent.ako.case import OtherCluster
from intent.ako.resources import InfraSetting, Resources, load
from intent.ako.seen import AkoObject
from intent.ako.settings import NetworkGiven, Settings
from intent.ako.verdict import verdict_on
from live.ako.seen import seen
from tests.ako.lab_ako import restored, started
from tests.ako.site import CLOUD, GROUP, NODES, TENANT, VIP, VRF, judged, labelled, live_of, verdict


@pytest.fixture(scope="module")
def live():
    return live_of(labelled("conforming"))


@pytest.mark.parametrize(
    ("changes", "step", "hint"),
    [
        ({CLOUD: "Default-Clout"}, "V2", "0 clouds of this name are seen; did you mean 'Default-Cloud'?"),
        ({TENANT: "Admin"}, "V1", "the Controller refuses every call in it; did you mean 'admin'?"),
        ({VRF: "VRF-AZ1"}, "V3", "; did you mean 'VRF_AZ1'?"),
        ({VIP: [{"networkName": "AVI_FRONTEND3025"}]}, "V4d", "; did you mean 'AVI_FRONTEND_3025'?"),
        ({NODES: [{"networkName": "REGIONB_VM_3024"}]}, "V6e", "; did you mean 'REGIONB_VMS_3024'?"),
        ({VRF: "VRF_AZ2"}, "V4d", "; one is in cloud Default-Cloud, VRF context VRF_AZ1, tenant admin"),
        ({CLOUD: "nosuch"}, "V6e", "; one is in cloud Default-Cloud, VRF context VRF_AZ1, tenant admin"),
        ({GROUP: "S1-AZ1-SE-Grup"}, "H1", "; did you mean 'S1-AZ1-SE-Group'?"),
        ({CLOUD: "nosuch"}, "V2", "0 clouds of this name are seen"),
    ],
)
def test_what_may_be_meant(live, tmp_path, changes, step, hint):
    (result,) = verdict(live, tmp_path, changes).of(step)
    assert result.why.endswith(hint)


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ({}, (("Default-Group", "s1az1"),)),
        ({"L7Settings.serviceType": "NodePort"}, ()),
        ({GROUP: "nosuch"}, ()),
    ],
)
def test_labels_of_the_gateway_container(live, tmp_path, changes, labels):
    """It is not given disableStaticRouteSync, and looks at labels where AKO itself does not."""
    given = {
        "featureGates.GatewayAPI": True,
        "AKOSettings.disableStaticRouteSync": True,
        GROUP: "Default-Group",
    }
    verdict_ = verdict(live, tmp_path, given | changes)
    assert verdict_.writes.labels == labels
    assert not verdict(live, tmp_path, given | changes | {"featureGates.GatewayAPI": False}).writes.labels


@pytest.mark.parametrize(
    ("version", "nearest"), [("1.9.3", "1.10.1"), ("2.2.1", None), ("1.13.3", None), ("9.0.1", "2.2.1")]
)
def test_a_version_that_is_not_known_is_judged_as_its_neighbour(live, tmp_path, version, nearest):
    unseen = [
        each.why for each in verdict(live, tmp_path, {}, version).of("S2") if each.outcome == "not seen"
    ]
    assert unseen == ([f"what it does is not known here: it is judged as {nearest} is"] if nearest else [])


@pytest.mark.parametrize(
    ("version", "kubernetes", "outcome"),
    [
        ("2.2.1", (1, 34), "passed"),
        ("2.2.1", (1, 35), "failed"),
        ("2.1.2", (1, 35), "failed"),
        ("2.3.1", (1, 34), "passed"),
        ("2.3.1", (1, 35), "unknown"),
        ("1.10.1", (1, 27), "unknown"),
    ],
)
def test_what_kubernetes_a_version_takes(live, tmp_path, version, kubernetes, outcome):
    """Of a version that is newer than all that is known, only that it takes what is known."""
    (result,) = verdict(live, tmp_path, {}, version, kubernetes=kubernetes).of("B0")
    assert result.outcome == outcome


@pytest.mark.parametrize(("version", "known"), [("2.2.1", True), ("2.3.1", False)])
def test_what_controllers_a_version_takes(live, tmp_path, version, known):
    site = replace(seen(live), version=(32, 1, 1))
    whys = [each.why for each in judged(site, tmp_path, {}, version).of("S2") if each.outcome == "warning"]
    newer = "32.1.1 is newer than what this AKO is made for, up to 31.2.1"
    assert whys == ([newer] if known else [])


@pytest.mark.parametrize(("version", "most"), [("1.11.1", "22.1.3"), ("1.12.1", ""), ("2.2.1", "")])
def test_the_newest_model_that_a_version_asks_for(tmp_path, version, most):
    client = restored("conforming")
    (result,) = verdict(live_of(client), tmp_path, {}, version, kubernetes=()).of("B4")
    assert result.text == (most and f"Overwriting the controller version 30.2.1 to max Avi version {most}")
    lines = [line.partition("\t")[2] for line in started(client, {}, version)["log"]]
    assert (result.text in lines) is bool(most)


def test_networks_of_aws_are_not_looked_for(tmp_path):
    client = restored("conforming")
    site = seen(live_of(client))
    aws = replace(site, clouds=(replace(site.clouds[0], type="CLOUD_AWS"),))
    infra = Resources((InfraSetting("infra", vip_networks=(NetworkGiven("subnet-1"),)),))
    assert [judged(each, tmp_path, resources=infra).of("D5")[0].outcome for each in (site, aws)] == [
        "warning",
        "passed",
    ]


@pytest.mark.parametrize(
    ("version", "name"),
    [("1.12.1", "my net"), ("1.12.2", "my+net"), ("1.13.1", "my+net"), ("2.2.1", "my+net")],
)
def test_names_in_addresses(live, tmp_path, version, name):
    """A name with a blank was put into an address as it is, up to 1.12.1; that of the tenant up to 1.13.1."""
    changes = {TENANT: "my net", NODES: [{"networkName": "my net"}]}
    verdict_ = verdict(live, tmp_path, changes, version, kubernetes=())
    assert f"&name={name}&cloud_ref.name=Default-Cloud: HTTP" in verdict_.of("V6e")[0].text
    tenant = "my net" if version < "1.13.2" else name
    assert verdict_.of("V1")[0].text.startswith(
        f"get uri /api/tenant/?include_name&name={tenant} returned err"
    )


BLANK = "my site"


@pytest.mark.parametrize(("version", "starts"), [("1.13.1", False), ("1.13.4", True), ("2.2.1", True)])
def test_a_tenant_with_a_blank(tmp_path, version, starts):
    """Up to 1.13.1 the Controller cannot read the address in which its name stands as it is."""
    client = restored("conforming")
    client.post("tenant", name=BLANK)
    foretold = verdict(live_of(client), tmp_path, {TENANT: BLANK}, version)
    real = started(client, {TENANT: BLANK}, version)
    assert (foretold.word, real["verdict"]) == (("starts",) * 2 if starts else ("does not start",) * 2)
    assert foretold.logged == real["logged"].partition("; error from")[0]
    assert starts or foretold.logged.endswith(f"&name={BLANK}: HTTP code: 400")


@pytest.mark.parametrize(("version", "steps"), [("1.12.1", ["V2", "V4d", "V5", "V6e"]), ("1.12.2", [])])
def test_a_cloud_with_a_blank(live, tmp_path, version, steps):
    """Up to 1.12.1 no search that names the cloud can be read."""
    site = seen(live)
    moved = {
        member: tuple(replace(each, cloud=BLANK) for each in getattr(site, member))
        for member in ("networks", "vrfs", "groups")
    }
    site = replace(site, clouds=(replace(site.clouds[0], name=BLANK),), **moved)
    verdict_ = judged(site, tmp_path, {CLOUD: BLANK}, version, kubernetes=())
    assert [each.step for each in verdict_.steps if each.outcome == "failed"] == steps


@pytest.mark.parametrize(("own", "other"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_further_instance_bears_its_clusters_name(live, tmp_path, own, other):
    changes = {"AKOSettings.primaryInstance": own}
    (result,) = verdict(live, tmp_path, changes, others=(OtherCluster("s1az1", primary=other),)).of("H15")
    assert result.outcome == ("failed" if own and other else "passed")


def test_what_a_further_instance_removes(live, tmp_path):
    made = tuple(AkoObject("pool", name, f"ako-{name}") for name in ("s1az1", "s1az1-red", "s1az1-blue"))
    site = replace(seen(live), of_ako=made)
    changes = {"AKOSettings.primaryInstance": False, "AKOSettings.deleteConfig": "true"}
    group = "the label of SE group S1-AZ1-SE-Group"
    removes = judged(site, tmp_path, changes).writes.removes
    assert removes == ("whatever bears created_by ako-s1az1-<namespace>", group)
    given = values.load(tmp_path / "values.yaml", (2, 2, 1))
    settings = Settings(replace(given, namespace="red"), (2, 2, 1))
    assert verdict_on("s1az1", settings, Resources(), site).writes.removes == ("pool s1az1-red", group)


def test_each_certificate_of_a_host_rule_has_its_own_type(tmp_path):
    """The name of a Secret is none of the Controller's."""
    second = {"name": "b", "type": "ref"}
    certificate = {"name": "a", "type": "secret", "alternateCertificate": second}
    rule = {"kind": "HostRule", "spec": {"virtualhost": {"tls": {"sslKeyCertificate": certificate}}}}
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rule))
    assert [each.name for each in load([tmp_path / "rules.yaml"]).references] == ["b"]
