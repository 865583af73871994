"""`--why`: one object or check explained, by what was read; a wrong name, no history and a site that cannot be read."""

from __future__ import annotations

from tests import lengths
from tests.runs.harness import run

GROUP = "test_ha_mode[S1-AZ1-SE-Group]"


def explained(ran):
    """The lines of the explanation, by their label; of several with one label, all."""
    lines: dict[str, list[str]] = {}
    for line in ran.out.partition("= why ")[2].partition("\n=====")[0].splitlines()[1:]:
        if line.startswith("    "):
            label, _, text = (
                line[4:].partition("  ")
                if line[4:13].strip() != "stands on"
                else ("stands on", "", line[14:])
            )
            lines.setdefault(label.strip(), []).append(text.strip())
    return lines


@lengths.WHOLE_RUN
def test_an_object_and_a_check_are_explained(lab, tmp_path):
    group = lab.one("serviceenginegroup", "S1-AZ1-SE-Group")
    declared = lab.declared(tmp_path)
    run(tmp_path, declared, "-k", "S1-AZ1-SE-Group", **lab.credentials)
    lab.api(
        "PATCH", f"/api/serviceenginegroup/{group['uuid']}", {"replace": {"ha_mode": "HA_MODE_SHARED_PAIR"}}
    )
    ran = run(tmp_path, declared, "--why", GROUP, **lab.credentials)
    assert ran.code == 1, ran.out
    assert list(ran.cases) == [f"test_se_groups.py::{GROUP}"]
    told = explained(ran)
    assert "cloud Default-Cloud" in told["stands on"][0]
    assert told["event"][0].startswith("changed by ")
    assert told["event"][0].endswith(": ha_mode")
    assert told["who"][0].endswith("(n+m -> active-active)")
    assert told["remedy"] == ["ha_mode: guarded: --remediate puts it right"]
    assert told["waiver"] == ["none"]
    assert "high-availability" in told["do"][0]
    assert told["history"][0].startswith("not as declared since ")
    assert "judged in 2 runs, in 1 of them not as declared, changed sides 1 time" in told["history"][0]

    ran = run(tmp_path / "other", declared, "--why=Network/AVI_FRONTEND_3025", **lab.credentials)
    assert ran.code == 0, ran.out
    assert {name.partition("[")[2] for name in ran.cases} == {"AVI_FRONTEND_3025]"}
    told = explained(ran)
    assert "DNS service local-dns-site1" in told["on it"][0]
    assert "vsvip vsvip-local-dns-site1" in told["on site"][0]
    assert set(told["history"]) == {"none: this is the first run that has judged it"}


@lengths.WHOLE_RUN
def test_what_is_not_there_has_its_nearest_name(lab, tmp_path):
    ran = run(tmp_path, lab.declared(tmp_path), "--why=network/AVI_FRONTEND_302", **lab.credentials)
    assert ran.code == 4
    assert "did you mean 'network/AVI_FRONTEND_302" in ran.out
    ran = run(tmp_path, lab.declared(tmp_path), "--why=network/AVI_F", **lab.credentials)
    assert ran.code == 4
    assert "these begin so: network/AVI_FRONTEND_3025, network/AVI_FRONTEND_3026" in ran.out
    ran = run(
        tmp_path, lab.declared(tmp_path), "--why=network/AVI_FRONTEND_3025", "--remediate", **lab.credentials
    )
    assert (ran.code, ran.cases) == (4, {})
    assert (
        "--why does not go with --remediate: it writes: look at what --why tells, and run it then" in ran.out
    )
    ran = run(tmp_path, lab.declared(tmp_path), "--why=network/AVI_FRONTEND_3025", "-n2", **lab.credentials)
    assert (ran.code, ran.cases) == (4, {})
    assert (
        "--why does not go with -n: what is explained is known where the checks run: leave it out" in ran.out
    )


def test_a_site_that_cannot_be_read_is_explained_by_its_declaration(lab, tmp_path):
    ran = run(tmp_path, lab.declared(tmp_path), "--why", GROUP, AVI_USERNAME="admin", AVI_PASSWORD="wrong")
    assert ran.code == 6, ran.out
    told = explained(ran)
    assert "cloud Default-Cloud" in told["stands on"][0]
    assert "it was not read" in told["on site"][0]
    assert told["events"] == ["none are known: the Controller's log was not to be had, or has none of it"]
    assert "refused the login" in told["reason"][0]
    ran = run(tmp_path, lab.declared(tmp_path), "--why=AVI_FRONTEND_3025", **lab.credentials)
    assert ran.code == 4
    assert "say which kind is meant: network/AVI_FRONTEND_3025" in ran.out


@lengths.WHOLE_RUN
def test_objects_of_one_name_are_explained_each_by_itself_with_its_cloud(lab, tmp_path):
    lab.reset("conforming+bare")

    def two_groups(data):
        for section in set(data) - {"name", "controller"}:
            del data[section]
        clouds = ("bare-east", "bare-west")
        data["se_groups"] = [
            {"name": "seg-prod", "cloud": cloud, "ha_mode": "n+m", "max_se": 10} for cloud in clouds
        ]

    ran = run(tmp_path, lab.declared(tmp_path, two_groups), "--why=SE-group/seg-prod", **lab.credentials)
    heads = [line for line in ran.out.splitlines() if line.startswith("SE group seg-prod")]
    assert heads == ["SE group seg-prod (cloud bare-east)", "SE group seg-prod (cloud bare-west)"], ran.out
