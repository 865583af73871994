"""The bulk read: whole or not at all, whatever happens between two pages."""

import re
import threading

import pytest

from intent import DnsProfile, Unknown
from intent.kinds.accounts import Tenant
from live.avi import gateway as gateway_module
from live.avi import reader
from live.avi.reader import read_snapshot
from live.avi.snapshot import Live, Snapshot
from tests.live.stub import PRIVATE, Changing, Fault, hang_up, objects, status, whole


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    monkeypatch.setattr(gateway_module.time, "sleep", lambda _seconds: None)


@pytest.mark.parametrize(
    ("count", "requests"), [(0, 1), (1, 1), (199, 1), (200, 1), (201, 4), (400, 4), (1001, 12)]
)
def test_every_page_is_followed(stub, gateway, count, requests):
    stub.objects["network"] = objects(count)
    found = read_snapshot(gateway, ["network"])
    assert found.objects["network"] == objects(count)
    assert found.requests == requests == len(stub.calls("/api/network"))
    assert {seen.query["page_size"] for seen in stub.calls("/api/network")} == {"200"}
    assert "include_name" in stub.calls("/api/network")[0].query
    assert sum("fields" in seen.query for seen in stub.calls("/api/network")) == (
        requests // 2 if count > 200 else 0
    )


@pytest.mark.parametrize("page", [1, 25, 100])
def test_a_controller_that_gives_smaller_pages(stub, gateway, page):
    stub.objects["network"], stub.page = objects(60), page
    assert read_snapshot(gateway, ["network"]).objects["network"] == objects(60)


def test_singletons_are_one_row(stub, gateway):
    stub.objects |= {
        "systemconfiguration": {"uuid": "default"},
        "cluster": {"uuid": "c"},
        "cluster/runtime": {"x": 1},
    }
    found = read_snapshot(gateway, ["systemconfiguration", "cluster", "cluster/runtime"])
    assert found.objects == {
        "systemconfiguration": [{"uuid": "default"}],
        "cluster": [{"uuid": "c"}],
        "cluster/runtime": [{"x": 1}],
    }
    assert all("page_size" not in seen.query for seen in stub.seen)


def test_what_is_recorded_of_the_read(stub, gateway):
    stub.objects["cloud"], stub.version = [], "31.1.1"
    found = read_snapshot(gateway, ["cloud", "cloud"])
    assert (found.address, found.version, found.api_version, found.requests) == (
        gateway.name,
        "31.1.1",
        "30.2.1",
        1,
    )
    assert found.read_at.endswith("+00:00")


def test_one_failure_does_not_harm_the_others(stub, gateway):
    stub.objects |= {"cloud": objects(3), "network": objects(450), "tenant": objects(1)}
    stub.faults += [
        Fault("/api/cloud", status(403, {"error": "no permission"}), times=99),
        Fault("/api/tenant", hang_up, times=99),
    ]
    said = []
    found = read_snapshot(gateway, ["cloud", "network", "tenant", "vrfcontext"], said.append)
    assert len(found.objects["network"]) == 450
    assert set(found.failures) == {"cloud", "tenant", "vrfcontext"}
    assert "may not read cloud" in found.failures["cloud"]
    assert "closed without an answer" in found.failures["tenant"]
    assert set(said) == {"cloud: not read", "network: 450", "tenant: not read", "vrfcontext: not read"}
    with pytest.raises(Unknown, match="may not read cloud"):
        Live(found).rows("cloud")


def test_a_page_that_fails_fails_the_collection(stub, gateway, monkeypatch):
    stub.objects["network"] = objects(1000)
    read = gateway.read

    def broken(path, params=None, **how):
        if (params or {}).get("page") == "3":
            raise Unknown("page 3 is broken")
        return read(path, params, **how)

    monkeypatch.setattr(gateway, "read", broken)
    found = read_snapshot(gateway, ["network"])
    assert found.objects == {}
    assert found.failures == {"network": "page 3 is broken"}


CHANGES = {
    "removed before": lambda rows: rows[1:],
    "added before": lambda rows: [whole(uuid=f"new{len(rows)}-{rows[0]['uuid']}"), *rows],
    "removed behind": lambda rows: rows[:-1],
    "added behind": lambda rows: [*rows, whole(uuid=f"new{len(rows)}")],
    "one for another": lambda rows: [whole(uuid=f"new{rows[0]['uuid']}"), *rows[:-1]],
    "one slips through": lambda rows: [*rows[1:], whole(uuid=f"new{rows[0]['uuid']}")],
    "emptied": lambda rows: rows[:150],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_pages_is_read_anew(stub, gateway, change):
    collection = stub.objects["network"] = Changing(CHANGES[change], times=1)
    found = read_snapshot(gateway, ["network"])
    assert found.objects["network"] == collection.rows
    assert not found.failures


def test_a_collection_that_never_rests_is_a_failure(stub, gateway):
    stub.objects["network"] = Changing(CHANGES["added behind"], times=10_000)
    found = read_snapshot(gateway, ["network"])
    assert found.objects == {}
    assert "network could not be read whole in 4 attempts" in found.failures["network"]
    assert len(stub.calls("/api/network")) <= 6 * reader.ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"count": 3, "results": objects(2)},
            "an object came on two pages|4 objects came where 3 were announced",
        ),
        ({"count": 10**12, "results": objects(2)}, "1000000000000 objects were announced, 2 a page"),
        ({"count": 3, "results": objects(5)}, "5 objects came where 3 were announced"),
        ({"count": 2, "results": objects(1) * 2}, "an object came on two pages"),
        ({"count": 3, "results": objects(3), "next": "more"}, "more pages than were announced"),
        ({"count": 3, "results": []}, "0 objects came where 3 were announced"),
        ({"count": "3", "results": objects(3)}, "does not say how many"),
        ({"results": objects(3)}, "does not say how many"),
        ({"count": 1, "results": ["x"]}, "with no list of objects"),
        ({"count": 1, "results": {"a": 1}}, "with no list of objects"),
        ({"count": 1, "results": None}, "with no list of objects"),
        ({"count": 1, "results": objects(1), "error": "busy"}, "an error beside a list of objects: 'busy'"),
        ({"count": 0, "results": [], "error": "busy"}, "an error beside a list of objects: 'busy'"),
    ],
)
def test_a_list_that_does_not_add_up(stub, gateway, answer, words):
    stub.objects["network"] = lambda _query: answer
    found = read_snapshot(gateway, ["network"])
    assert found.objects == {}
    assert re.search(words, found.failures["network"])


def test_an_error_in_the_shape_of_an_object_is_no_list(stub, gateway):
    """A collection that answers with a bare object is one row: it must say that it is no singleton."""
    stub.objects["network"] = {"error": "temporarily without a database"}
    found = read_snapshot(gateway, ["network"])
    assert "temporarily without a database" in found.failures["network"]


def test_time_is_limited_as_a_whole(stub, gateway):
    stub.objects |= {"network": objects(3), "cloud": objects(1)}
    found = read_snapshot(gateway, ["network", "cloud"], seconds=-1)
    assert found.objects == {}
    assert "time was up before its turn" in found.failures["cloud"]


def test_the_session_may_expire_in_mid_read(stub, gateway):
    stub.objects |= {f"kind{number}": objects(3) for number in range(30)}
    stub.faults.append(Fault("/api/kind7", status(401, "expired"), times=1))
    stub.faults.append(Fault("/api/kind21", status(419, "error"), times=1))
    found = read_snapshot(gateway, stub.objects)
    assert not found.failures
    assert len(found.objects) == 30


def test_requests_do_not_grow_with_the_passes_over_it(stub, gateway):
    stub.objects |= {f"kind{number}": objects(3) for number in range(12)}
    first = read_snapshot(gateway, stub.objects).requests
    second = read_snapshot(gateway, stub.objects).requests
    assert first == second == 12
    assert len(stub.calls("/login")) == 1


def test_secrets_are_not_stored(stub, gateway, tmp_path):
    key = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"
    stub.objects["cloud"] = [
        whole(
            uuid="c1",
            vtype="CLOUD_VCENTER",
            vcenter_configuration={
                "username": "avi",
                "password": PRIVATE,
                "vcenter_url": "v",
                "privilege": "WRITE_ACCESS",
            },
        )
    ]
    stub.objects["sslkeyandcertificate"] = [
        whole(uuid="s", key=PRIVATE, certificate={"certificate": "PEM"}, note=key)
    ]
    stub.objects["virtualservice"] = [
        whole(
            uuid="v",
            tls_ticket_key=[{"name": PRIVATE, "aes_key": PRIVATE}],
            markers=[{"key": "site", "values": ["x"]}],
        )
    ]
    found = read_snapshot(gateway, ["cloud", "sslkeyandcertificate", "virtualservice"])
    found.save(tmp_path / "snapshot.json")
    text = (tmp_path / "snapshot.json").read_text()
    assert PRIVATE not in text
    assert "BEGIN RSA" not in text
    assert found.objects["cloud"][0]["vcenter_configuration"] == {
        "username": "avi",
        "password": "<sensitive>",
        "vcenter_url": "v",
        "privilege": "WRITE_ACCESS",
    }
    assert found.objects["virtualservice"][0]["markers"] == [{"key": "site", "values": ["x"]}]
    assert (tmp_path / "snapshot.json").stat().st_mode & 0o777 == 0o600
    assert Snapshot.load(tmp_path / "snapshot.json").objects == found.objects


def test_told_to_stop_it_asks_for_no_further_page(stub, gateway, monkeypatch):
    """Nor does it wait for those that were asked for: nobody will look at them."""
    stub.objects["network"], stub.page = objects(60), 1
    release = threading.Event()
    real = reader.wait

    def held(handler):
        release.wait(5)
        hang_up(handler)

    def told(work, **options):
        if len(work) > 1:
            stub.faults.append(Fault("/api/network", held, times=100))
            raise KeyboardInterrupt
        return real(work, **options)

    monkeypatch.setattr(reader, "wait", told)
    monkeypatch.setattr(gateway_module, "PAUSES", ())
    with pytest.raises(KeyboardInterrupt):
        read_snapshot(gateway, ["network"])
    assert not release.is_set()
    release.set()
    assert len(stub.calls("/api/network")) < 60


OWN = tuple(
    {"name": name, "uuid": uuid, "url": f"https://x/api/tenant/{uuid}"}
    for name, uuid in (("admin", "admin"), ("blue", "tenant-b"))
)
"""What a login tells of the user's tenants."""


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        (lambda _query: {"count": 0, "results": []}, "not in the list of tenants"),
        (lambda _query: {"count": 1, "results": [whole(uuid="admin")]}, "not in the list of tenants"),
        (None, "it has no tenant"),
    ],
)
def test_a_tenant_that_only_the_login_tells_of_is_there_and_its_settings_are_unknown(
    stub, gateway, tmp_path, listed, why
):
    """Else it would be absent, and made; or all of its settings would be taken for defaults."""
    if listed:
        stub.objects["tenant"] = listed
    gateway.connect()
    gateway.tenants = OWN
    read_snapshot(gateway, ["tenant"]).save(tmp_path / "site.json")
    live, blue = Live(Snapshot.load(tmp_path / "site.json")), Tenant(name="blue")
    assert [row["uuid"] for row in live.found(blue)] == ["tenant-b"]
    assert live.names.tenant_of({"tenant_ref": OWN[1]["url"]}) == "blue"
    with pytest.raises(Unknown, match=why):
        live[blue]


@pytest.mark.parametrize("listed", [True, False], ids=["the list", "its objects alone"])
def test_a_tenant_that_was_renamed_since_the_login_is_the_one_of_now(stub, gateway, listed):
    """By its former name nothing is there that could be absent: whether an object of it is there, nobody knows."""
    blue = OWN[1]
    group = whole(uuid="g1", tenant_ref=f"{blue['url']}#azure")
    stub.objects["ipamdnsproviderprofile"] = []
    stub.objects["serviceenginegroup"] = [group]
    if listed:
        stub.objects["tenant"] = [whole(uuid=blue["uuid"], name="azure", url=blue["url"])]
    gateway.connect()
    gateway.tenants = OWN
    snapshot = read_snapshot(
        gateway, ["tenant", "serviceenginegroup", "ipamdnsproviderprofile"], every_tenant=True
    )
    assert set(snapshot.tenants) == {"azure", *(row["name"] for row in OWN if row is not blue)}
    live = Live(snapshot)
    assert live.names.tenant_of(group) == "azure"
    with pytest.raises(Unknown, match="no tenant blue is seen on the Controller"):
        live.found(DnsProfile(name="p", tenant="blue"))
