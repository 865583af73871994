"""What an AKO would stumble over is put right: a VIP network that is not usable, a domain, a label left behind."""

from __future__ import annotations

from tests import lengths
from tests.ako.site import declared
from tests.runs.harness import run


def put(lab, row, **members):
    return lab.api("PUT", f"/api/{row['url'].rpartition('/api/')[2]}", row | members)


def broken(lab):
    """Another network alone is usable, and a failed start has left its label."""
    put(
        lab,
        lab.one("serviceenginegroup", "S1-AZ1-SE-Group"),
        labels=[{"key": "clustername", "value": "a.b"}],
    )
    profile = lab.one("ipamdnsproviderprofile", "IPAM_Default")
    other = lab.one("network", "AVI_FRONTEND_3026")["url"]
    inner = profile["internal_profile"] | {"usable_networks": [{"nw_ref": other}]}
    put(lab, profile, internal_profile=inner)


@lengths.WHOLE_RUN
def test_put_right_and_taken_back(lab, tmp_path):
    broken(lab)
    changes = {"NetworkSettings.defaultDomain": "shop.example"}
    site = declared(lab, tmp_path, (changes, "2.2.1"))
    before = run(tmp_path, site, "--ako-verdict", **lab.credentials)
    assert before.code == 1
    assert "does not start" in before.out
    assert (
        "SE group S1-AZ1-SE-Group: its label clustername=a.b was left behind by a failed start" in before.out
    )
    lab.forget()
    after = run(
        tmp_path, site, "--ako-verdict", "--remediate", f"--journals={tmp_path}/journals", **lab.credentials
    )
    assert after.code == 0, after.out
    assert "AKO 2.2.1 of s1az1: starts\n" in after.out
    assert {path.split("?")[0].rsplit("/", 1)[0] for path in lab.paths if path.startswith("PUT")} == {
        "PUT /api/serviceenginegroup",
        "PUT /api/ipamdnsproviderprofile",
    }
    assert not lab.one("serviceenginegroup", "S1-AZ1-SE-Group").get("labels")
    usable = lab.one("ipamdnsproviderprofile", "IPAM_Default")["internal_profile"]["usable_networks"]
    assert len(usable) == 2
    (journal,) = (tmp_path / "journals").glob("*.jsonl")
    undone = run(
        tmp_path, site, f"--rollback={journal}", f"--journals={tmp_path}/journals", **lab.credentials
    )
    assert undone.code == 0, undone.out
    usable = lab.one("ipamdnsproviderprofile", "IPAM_Default")["internal_profile"]["usable_networks"]
    assert len(usable) == 1


def test_label_of_a_cluster_at_work_stays(lab, tmp_path):
    put(
        lab,
        lab.one("serviceenginegroup", "S1-AZ1-SE-Group"),
        labels=[{"key": "clustername", "value": "other"}],
    )
    pool = {"name": "other--web", "created_by": "ako-other", "cloud_ref": "/api/cloud?name=Default-Cloud"}
    lab.api("POST", "/api/pool", pool)
    ran = run(
        tmp_path,
        declared(lab, tmp_path, ({}, "2.2.1")),
        "--ako-verdict",
        "--remediate",
        f"--journals={tmp_path}/journals",
        **lab.credentials,
    )
    assert ran.code == 1, ran.out
    assert lab.one("serviceenginegroup", "S1-AZ1-SE-Group")["labels"][0]["value"] == "other"
    assert not [path for path in lab.paths if path.startswith(("PUT /api/serviceenginegroup", "PATCH"))][1:]


@lengths.WHOLE_RUN
def test_label_of_what_may_be_a_new_cluster_stays_without_the_option(lab, tmp_path):
    """It has made nothing yet; a file that lists the clusters would tell."""
    group = lab.one("serviceenginegroup", "S1-AZ1-SE-Group")
    put(lab, group, labels=[{"key": "clustername", "value": "newcomer"}])
    site = declared(lab, tmp_path, ({}, "2.2.1"))
    ran = run(
        tmp_path, site, "--remediate", "-k", "ako", f"--journals={tmp_path}/journals", **lab.credentials
    )
    assert "cluster newcomer, if there is one" in ran.out
    assert lab.one("serviceenginegroup", "S1-AZ1-SE-Group")["labels"][0]["value"] == "newcomer"
    lists = tmp_path / "site.yaml"
    lists.write_text(lists.read_text() + "clusters: [{name: s1az1}]\n")
    ran = run(
        tmp_path, site, "--remediate", "-k", "ako", f"--journals={tmp_path}/journals", **lab.credentials
    )
    assert not lab.one("serviceenginegroup", "S1-AZ1-SE-Group").get("labels"), ran.out
