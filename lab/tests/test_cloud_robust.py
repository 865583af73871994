"""Whatever is written into a living site, it goes on answering: generated objects that refer to what is there."""

import dns.message
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from avi_schema import load
from lab.dns import answer
from lab.tests.cloudsite import Client
from lab.tests.suite import IN_CI
from lab.web.pages import site_page

SCHEMA = load()
KINDS = (
    "cloud",
    "network",
    "vsvip",
    "virtualservice",
    "serviceenginegroup",
    "ipamdnsproviderprofile",
    "systemconfiguration",
    "serviceengine",
    "pool",
    "vrfcontext",
    "applicationprofile",
)
ADDRESSES = (
    "10.10.25.44",
    "10.10.25.0",
    "10.10.26.41",
    "192.0.2.1",
    "fd00::1",
    "name.example",
    "",
    "0.0.0.0",
)
NAMES = (
    "a",
    "local-dns-site1.avi.iberia.local",
    "x.avi.iberia.local",
    "REGIONB",
    "vcenter.iberia.local",
    "é/#?",
)
VIEWS = (
    "virtualservice",
    "virtualservice-inventory",
    "vsvip",
    "vsvip-inventory",
    "serviceengine",
    "serviceengine-inventory",
    "serviceenginegroup-inventory",
    "network",
    "network-inventory",
    "networkruntime",
    "cloud-inventory",
    "pool-inventory",
    "vimgrnwruntime",
)


def value(draw, site, field, depth):  # noqa: PLR0911 -- one a kind of member
    if field.ref is not None:
        known = [o.ref for o in site.store.all(field.ref)]
        return draw(st.sampled_from([*known, "/api/nothing/none"])) if known else "/api/nothing/none"
    if field.kind == "message":
        return members(draw, site, SCHEMA.message(field.message), depth + 1) if field.message else {}
    if field.kind == "boolean":
        return draw(st.booleans())
    if field.enum:
        return draw(st.sampled_from(field.enum))
    if field.kind == "string":
        return draw(st.sampled_from(ADDRESSES if field.name == "addr" else NAMES))
    if field.choices:
        return draw(st.sampled_from(field.choices))
    low, high = int(field.low or 0), int(field.high if field.high is not None else 200)
    return draw(st.integers(low, min(high, low + 200)))


def members(draw, site, message, depth=0):
    body = {}
    for field in message.fields.values():
        if field.read_only or not field.lives((30, 2, 1)) or field.name in ("uuid", "url", "_last_modified"):
            continue
        wanted = field.min_items > 0 or field.required_at((30, 2, 1)) or field.name in STEERING
        if not wanted and (depth > 2 or draw(st.integers(0, 7)) > 0):
            continue
        if field.name in STEERING and draw(st.booleans()):
            continue
        found = [value(draw, site, field, depth) for _ in range(max(field.min_items, 1))]
        body[field.name] = found if field.many else found[0]
    return body


STEERING = {
    *(
        "configured_subnets",
        "static_ip_ranges",
        "vip",
        "auto_allocate_ip",
        "ip_address",
        "ipam_network_subnet",
    ),
    *("vsvip_ref", "pool_ref", "servers", "dns_info", "static_dns_records", "fqdn", "vcenter_configuration"),
    *("internal_profile", "dns_service_domain", "usable_networks", "services", "se_group_ref", "vtype"),
}
"""Members that steer what the cloud does: drawn often, others seldom."""


def write(draw, client):
    """One write of a generated object: a new one, or in place of one that is there."""
    kind = draw(st.sampled_from(KINDS))
    body = members(draw, client.site, SCHEMA.types[kind].message)
    known = list(client.site.store.all(kind))
    if kind != "systemconfiguration" and draw(st.booleans()):
        status, said = client("POST", f"/api/{kind}", {**body, "name": draw(st.sampled_from(NAMES))})
    elif known:
        path = (
            "/api/systemconfiguration" if kind == "systemconfiguration" else draw(st.sampled_from(known)).ref
        )
        now = client.get(path)
        status, said = client("PUT", path, {**now, **body, "name": now.get("name", "n")})
    else:
        return
    event(f"{kind} {status}")
    assert status in (200, 201, 400, 403, 409), (status, said)


def read_everything(client):
    for view in VIEWS:
        for row in client.list(f"/api/{view}?page_size=200"):
            if view in ("virtualservice", "vsvip", "serviceengine", "network"):
                assert client("GET", f"/api/{view}/{row['uuid']}/runtime")[0] == 200
    for name in ("x.avi.iberia.local", "test.avi.iberia.local", "example.com"):
        for kind in ("A", "AAAA", "ANY", "TXT"):
            for over in ("udp", "tcp"):
                answer(client.site, dns.message.make_query(name, kind).to_wire(), over)
    assert site_page(client.site, {})


@settings(max_examples=40 if IN_CI else 10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_living_site_goes_on_answering(data):
    client = Client("conforming")
    for _ in range(data.draw(st.integers(1, 6))):
        write(data.draw, client)
        if data.draw(st.booleans()):
            client.later(data.draw(st.sampled_from([1, 3, 7201, 90000])))
        if data.draw(st.integers(0, 3)) == 0:
            doomed = data.draw(st.sampled_from(list(client.site.store.objects())))
            assert client("DELETE", doomed.ref, raw=True)[0] in (204, 400, 403, 404, 405)
    read_everything(client)
    client.lab.restore(client.lab.snapshot())
    read_everything(client)
