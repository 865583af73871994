"""What a run costs the Controller: it does not grow with the checks, and it changes nothing."""

from __future__ import annotations

from copy import deepcopy

from tests import lengths
from tests.runs.harness import run


def declared(lab, folder, count):
    """An environment of so many networks in their VRF contexts, and nothing else; only the first is live."""

    def change(data):
        first = next(network for network in data["networks"] if network["name"] == "AVI_FRONTEND_3025")
        for section in ("system", "clouds", "dns_profiles", "ipam_profiles", "se_groups"):
            data.pop(section)
        data["dns_services"].clear()
        data.pop("dns_services")
        data["networks"] = [first]
        for number in range(1, count):
            pool = {"range": f"10.20.{number}.5-10.20.{number}.9"}
            subnet = {"prefix": f"10.20.{number}.0/24", "pools": [pool]}
            data["networks"].append(deepcopy(first) | {"name": f"NET_{number}", "subnets": [subnet]})

    return lab.declared(folder, change)


@lengths.WHOLE_RUN
def test_requests_do_not_grow_with_the_checks(lab, tmp_path):
    """Nor do the files of its reports; as many tests are made as are run. Both have drift, whose author is asked for."""
    spent, files = {}, {}
    for count in (2, 200):
        lab.forget()
        folder = tmp_path / str(count)
        folder.mkdir()
        ran = run(folder, declared(lab, folder, count), **lab.credentials)
        assert ran.code == 1, ran.out
        assert ran.of("unknown") == {}
        heard = lab.heard
        spent[count] = (len(ran.cases), heard["count"])
        files[count] = sorted(path.name for path in (folder / "reports").iterdir())
        assert f"collected {len(ran.cases)} items" in ran.out
        assert f"{heard['count']} requests" in ran.out, "the summary counts as the Controller does"
        assert heard["logins"] == 1
    for count, (checks, requests) in spent.items():
        print(f"{count} declared networks: {checks} checks, {requests} HTTP requests")  # noqa: T201 -- it is asked for
    assert spent[2][1] == spent[200][1]
    assert spent[200][0] > 1000
    assert files[2] == files[200]


def test_one_check_reads_only_what_it_needs(lab, tmp_path):
    ran = run(tmp_path, lab.declared(tmp_path), "-k", "test_system and test_dns_services", **lab.credentials)
    assert ran.code == 0, ran.out
    assert sorted(lab.paths) == [
        "GET /api/systemconfiguration",
        "GET /api/virtualservice",
        "POST /login",
        "POST /logout",
    ]


@lengths.WHOLE_RUN
def test_a_run_changes_nothing(lab, tmp_path):
    """Whatever it finds: GET only, one login and its logout, and the site is byte for byte as before."""
    lab.reset("drifted")
    before = lab.ask("GET", "/lab/export")
    lab.forget()
    ran = run(tmp_path, lab.declared(tmp_path), **lab.credentials)
    heard = lab.heard
    assert ran.code == 1, ran.out
    assert heard["writes"] == 0
    assert {each["method"] for each in heard["requests"]} == {"GET", "POST"}
    assert [path for path in lab.paths if path.startswith("POST")] == ["POST /login", "POST /logout"]
    assert len(set(lab.paths)) == len(lab.paths), "no collection is read twice"
    assert lab.ask("GET", "/lab/export") == before
    assert lab.ask("GET", "/lab/state")["sessions"] == 0, "it logs out"
