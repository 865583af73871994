"""Lists: envelope, paging, filters, search, sort, the graph of references, projections."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from lab.tests.controller_client import BASE, Client, make, path_of


@pytest.fixture(scope="module")
def client():
    client = Client(make("20.1.6"))
    for n in range(45):
        client.post("/api/pool", {"name": f"pool-{n:02}", "description": "even" if n % 2 == 0 else "odd"})
    client.post("/api/pool", {"name": "Needle, (odd) #1", "enabled": False, "created_by": "ako-one"})
    cloud = client.post("/api/cloud", {"name": "second", "vtype": "CLOUD_NONE"})
    client.post("/api/network", {"name": "net", "cloud_ref": cloud["url"]})
    client.post("/api/network", {"name": "net", "vrf_context_ref": "/api/vrfcontext?name=management"})
    vip = {"ip_address": {"addr": "10.0.0.1", "type": "V4"}}
    client.post("/api/vsvip", {"name": "v", "vip": [vip]})
    body = {"name": "vs", "services": [{"port": 80}], "vsvip_ref": "/api/vsvip?name=v"}
    client.post("/api/virtualservice", body | {"pool_ref": "/api/pool?name=pool-00"})
    return client


def names(client, path):
    return [each["name"] for each in client.get(path)["results"]]


@pytest.mark.evidence("REC", "§2.5")
def test_the_envelope_and_its_pages(client):
    first = client.get("/api/pool?fields=name")
    assert (first["count"], len(first["results"])) == (46, 25)
    assert list(first) == ["count", "results", "next"]
    assert first["next"] == f"{BASE}/api/pool?fields=name&page=2"
    second = client.get("/api/pool?fields=name&page=2")
    assert (second["count"], len(second["results"])) == (46, 21)
    assert "next" not in second
    assert "previous" not in second
    assert client.get("/api/pool?name=none") == {"count": 0, "results": []}


@pytest.mark.evidence("SCHEMA", "§2.5")
def test_page_size(client):
    assert len(client.get("/api/pool?page_size=10&page=5")["results"]) == 6
    assert len(client.get("/api/pool?page_size=200")["results"]) == 46
    assert client.get("/api/pool?page=9")["results"] == []
    for bad in ("page_size=0", "page_size=x", "page=0", "page=-1", "page_size=²"):
        assert client("GET", f"/api/pool?{bad}").status == 400


@pytest.mark.evidence("CLIENT", "§2.5")
def test_a_page_size_above_200_counts_as_200_as_the_official_samples_need(client):
    big = Client(make("20.1.6"))
    for n in range(205):
        big.post("/api/stringgroup", {"name": f"s{n}", "type": "SG_TYPE_STRING"})
    page = big.get("/api/stringgroup?page_size=1000")
    assert (page["count"], len(page["results"])) == (210, 200)
    assert len(big.get("/api/stringgroup?page_size=1000&page=2")["results"]) == 10


@pytest.mark.evidence("SCHEMA", "§2.6")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=pool-07", ["pool-07"]),
        ("name=POOL-07", []),
        ("name=" + quote("Needle, (odd) #1"), ["Needle, (odd) #1"]),
        ("name.in=pool-01,pool-03,none", ["pool-01", "pool-03"]),
        ("name.contains=ool-1&page_size=3", ["pool-10", "pool-11", "pool-12"]),
        ("name.contains=OOL-1", []),
        ("name.icontains=NEEDLE", ["Needle, (odd) #1"]),
        ("description=odd&limit_by=2", ["pool-01", "pool-03"]),
        ("enabled=false", ["Needle, (odd) #1"]),
        ("created_by=ako-one", ["Needle, (odd) #1"]),
        ("no_such_member=1&name=pool-07", ["pool-07"]),
        ("search=(name,pool-3)&limit_by=2", ["pool-30", "pool-31"]),
        ("search=(name,pool-30)|(name,pool-02)", ["pool-02", "pool-30"]),
        ("isearch=(name,NEEDLE)", ["Needle, (odd) #1"]),
        ("isearch=AKO-ONE", ["Needle, (odd) #1"]),
        ("search=AKO-ONE", []),
        ("sort=-name&limit_by=2", ["pool-44", "pool-43"]),
        ("sort=name&limit_by=1", ["Needle, (odd) #1"]),
        ("sort=description,-name&limit_by=2", ["Needle, (odd) #1", "pool-44"]),
        ("name.in=pool-00,pool-01&exclude=name.in&name.contains=pool-0&limit_by=1", ["pool-02"]),
    ],
)
def test_filters(client, query, found):
    assert names(client, f"/api/pool?{query}") == found


@pytest.mark.evidence("SCHEMA", "§2.6")
def test_filters_by_uuid(client):
    one, two = (client.one("pool", name)["uuid"] for name in ("pool-00", "pool-01"))
    assert names(client, f"/api/pool?uuid={one}") == ["pool-00"]
    assert names(client, f"/api/pool?uuid.in={one},{two}") == ["pool-00", "pool-01"]
    assert client.get(f"/api/pool?uuid.in={one},{two}&exclude=uuid.in")["count"] == 44


@pytest.mark.evidence("CLIENT", "§2.6")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("cloud_ref.name=second", 1),
        ("cloud_ref.name=Default-Cloud", 1),
        ("cloud_ref.name=none", 0),
        ("vrf_context_ref.name=management", 1),
        ("vrf_context_ref.name=global&cloud_ref.name=second&name=net", 1),
        ("cloud_uuid={cloud}", 1),
        ("cloud_ref.uuid={cloud}", 1),
        ("cloud_ref={cloud}", 1),
        ("cloud_ref=/api/cloud/{cloud}", 1),
        ("name=net&cloud=second&skip_default=true", 1),
        ("cloud=none", 0),
    ],
)
def test_filters_through_references(client, query, count):
    cloud = client.one("cloud", "second")["uuid"]
    assert client.get("/api/network?" + query.format(cloud=cloud))["count"] == count


@pytest.mark.evidence("CLIENT", "§4.9")
def test_what_ako_asks_at_start_up(client):
    queries = (
        "/api/tenant/?include_name&name=admin",
        "/api/cloud/?include_name&name=Default-Cloud",
        "/api/vrfcontext/?include_name&name=global&cloud_ref.name=Default-Cloud",
        "/api/serviceenginegroup/?include_name&page_size=100&cloud_ref.name=Default-Cloud&name.in=Default-Group,x",
        "/api/network/?include_name&name=net&cloud_ref.name=second&vrf_context_ref.name=global",
    )
    for query in queries:
        found = client.get(query)
        assert found["count"] == 1, query
        assert "#" in found["results"][0]["url"]
    for path in ("/api/initial-data", "/api/cluster/runtime", "/api/systemconfiguration", "/api/cluster"):
        client.get(path)
    assert client.get("/api/ipamdnsproviderprofile/?include_name&name=")["count"] == 0
    assert client.get("/api/virtualservice?include_name=true&created_by=ako-x&page_size=100")["count"] == 0


@pytest.mark.evidence("SCHEMA", "§2.6")
def test_the_graph_of_references_both_ways(client):
    vs = client.one("virtualservice", "vs")
    pool = client.one("pool", "pool-00")
    assert names(client, f"/api/virtualservice?refers_to=pool:{pool['uuid']}") == ["vs"]
    assert names(client, f"/api/pool?referred_by=virtualservice:{vs['uuid']}") == ["pool-00"]
    assert names(client, f"/api/vsvip?referred_by=virtualservice:{vs['uuid']}") == ["v"]
    other = client.one("pool", "pool-01")
    assert client.get(f"/api/virtualservice?refers_to=pool:{other['uuid']}")["count"] == 0
    for bad in ("pool", "pool:none", ":"):
        assert client("GET", f"/api/virtualservice?refers_to={bad}").status == 400


@pytest.mark.evidence("REC", "§2.6")
def test_fields_keep_url_uuid_and_name(client):
    found = client.get("/api/pool?fields=description,none&limit_by=1")["results"][0]
    assert set(found) == {"url", "uuid", "name", "description"}
    assert set(client.get("/api/pool?fields=name&limit_by=1")["results"][0]) == {"url", "uuid", "name"}
    assert set(client.get(f"/api/pool/{found['uuid']}?fields=name")) == {"url", "uuid", "name"}


@pytest.mark.evidence("SCHEMA", "§2.6")
def test_skip_default(client):
    path = path_of(client.one("pool", "pool-00"))
    full, short = client.get(path), client.get(path + "?skip_default=true")
    assert short.items() <= full.items()
    assert "enabled" in full
    assert "enabled" not in short
    assert short["description"] == "even"
    again = client("PUT", path, short)
    assert again.status == 200
    after = client.get(path)
    assert {k: v for k, v in after.items() if k != "_last_modified"} == {
        k: v for k, v in full.items() if k != "_last_modified"
    }


@pytest.mark.evidence("SCHEMA", "§2.6")
def test_join_subresources(client):
    listed = client.get("/api/virtualservice?join_subresources=runtime")["results"][0]
    vs = client.get(f"/api/virtualservice/{listed['uuid']}?join_subresources=runtime")
    assert "oper_status" in listed["runtime"]
    assert vs["runtime"]["oper_status"]["state"].startswith("OPER_")


@pytest.mark.evidence("SCHEMA", "§3.10")
def test_inventories_are_enveloped_filtered_and_named(client):
    found = client.get("/api/virtualservice-inventory?include_name&cloud_ref.name=Default-Cloud")
    assert found["count"] == 1
    row = found["results"][0]
    assert row["config"]["name"] == "vs"
    assert row["config"]["vsvip_ref"].endswith("#v")
    assert client.get("/api/virtualservice-inventory?name=none")["count"] == 0
    assert client.get("/api/virtualservice-inventory?cloud_ref.name=second")["count"] == 0
    assert client.get("/api/cloud-inventory?page_size=1")["next"].endswith("page=2")


@pytest.mark.evidence("CLIENT", "§2.6")
def test_labels(client):
    body = {"name": "labelled", "markers": [{"key": "clustername", "values": ["one"]}]}
    client.post("/api/vrfcontext", body)
    assert names(client, "/api/vrfcontext?label_key=clustername&label_value=one") == ["labelled"]
    assert client.get("/api/vrfcontext?label_key=clustername&label_value=two")["count"] == 0


@pytest.mark.evidence("SCHEMA", "§3.2", "§3.10")
def test_a_row_has_the_members_of_its_view_and_refers_like_its_object(client):
    for row in client.get("/api/networkruntime")["results"]:
        assert "config" not in row
    vsvip = client.one("vsvip", "v")["uuid"]
    found = client.get(f"/api/virtualservice-inventory?refers_to=vsvip:{vsvip}")["results"]
    assert [row["config"]["name"] for row in found] == ["vs"]
    assert (
        client.get("/api/pool-inventory?sort=-name&page_size=1")["results"][0]["config"]["name"] > "pool-00"
    )


@pytest.mark.evidence("INF", "§2.4")
@pytest.mark.parametrize(
    "name", ["/api/pool/x", 'a"/api/tenant/admin"', "\\", '","url":"/api/tenant/admin', "ü#/api"]
)
def test_no_text_of_a_client_is_taken_for_a_reference(client, name):
    made = client.post("/api/pool", {"name": name, "description": "/api/tenant/none"})
    row = client.get(f"/api/pool-inventory/{made['uuid']}?include_name")
    assert row["config"]["name"] == name
    assert row["config"]["tenant_ref"] == f"{BASE}/api/tenant/admin#admin"
    assert row["config"]["url"] == f"{BASE}/api/pool/{made['uuid']}#{name}"
    assert client.get(f"/api/pool/{made['uuid']}")["description"] == "/api/tenant/none"
