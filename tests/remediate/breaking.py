"""Ways in which a conforming site drifts, and what others may set on it that nobody declared."""

from contextlib import suppress
from copy import deepcopy

from lab import ako
from lab.objects import Refused
from tests.remediate.inprocess import APIS

CONFIG = (
    "cloud",
    "ipamdnsproviderprofile",
    "network",
    "serviceenginegroup",
    "systemconfiguration",
    "virtualservice",
    "vrfcontext",
    "vsvip",
)
assert set(CONFIG) <= set(APIS)
SERVER = {
    "_last_modified",
    "url",
    "version",
    "vip_runtime",
    "ipam_dns_records",
    "marked_for_delete",
    "redis_db",
    "redis_port",
    "tls_ticket_key",
    "vs_refs",
}

GROUPS = ("S1-AZ1-SE-Group", "S1-AZ2-SE-Group", "DNS-SE-Group")
NETWORKS = (
    "AVI_FRONTEND_3025",
    "REGIONB_VMS_3024",
    "AVI_FRONTEND_3026",
    "REGIONB_VMS_3023",
    "REGIONB_MGMT_3020",
)


def ip(text):
    return {"addr": text, "type": "V4"}


def prefix(text):
    address, _, mask = text.partition("/")
    return {"ip_addr": ip(address), "mask": int(mask)}


def record(name, address, ttl):
    made = {"type": "DNS_RECORD_A", "fqdn": [name], "ip_address": [{"ip_address": ip(address)}]}
    return made | ({"ttl": ttl} if ttl else {})


class Hand:
    """Somebody who edits objects by name through the API, as a person with a browser would."""

    def __init__(self, gateway):
        self.gateway = gateway

    def named(self, api, name):
        if api == "systemconfiguration":
            return self.gateway.read(api)
        rows = self.gateway.read(api, {"name": name})["results"]
        (row,) = [row for row in rows if "cloud_ref" not in row or len(rows) == 1]
        return self.gateway.read(f"{api}/{row['uuid']}")

    def edit(self, api, name, change):
        body = self.named(api, name)
        change(body)
        path = api if api == "systemconfiguration" else f"{api}/{body['uuid']}"
        return self.gateway.write("PUT", path, body)

    def ref(self, api, name):
        return self.named(api, name)["url"].partition("#")[0]


def setting(api, names, **choices):
    """Breaks or extras that set one top-level member of one object to one of some values."""

    def act(hand, pick):
        name = names[pick % len(names)]
        member, values = list(choices.items())[pick % len(choices)]
        hand.edit(api, name, lambda body: body.update({member: values[pick % len(values)]}))

    act.__name__ = f"{api}:{','.join(choices)}"
    return act


def metrics(hand, pick):
    value = (
        {"enabled": False, "duration": 0},
        {"enabled": True, "duration": 30},
        {"enabled": False, "duration": 7},
    )
    hand.edit("serviceenginegroup", GROUPS[pick % 3], lambda b: b.update(realtime_se_metrics=value[pick % 3]))


def no_metrics(hand, pick):
    hand.edit("serviceenginegroup", GROUPS[pick % 3], lambda b: b.pop("realtime_se_metrics"))


def domain_ttl(hand, pick):
    def change(body):
        body["internal_profile"]["ttl"] = (1, 60, 604800)[pick % 3]

    hand.edit("ipamdnsproviderprofile", "DNS_Default", change)


def other_domain(hand, pick):
    def change(body):
        body["internal_profile"]["dns_service_domain"] = [{"domain_name": f"other{pick}.example"}]

    hand.edit("ipamdnsproviderprofile", "DNS_Default", change)


def detach(member):
    def act(hand, pick):
        hand.edit("cloud", "Default-Cloud", lambda body: body.pop(member))

    act.__name__ = f"detach {member}"
    return act


def move_vrf(hand, pick):
    target = ("global", "VRF_AZ1", "VRF_AZ2")[pick % 3]
    name = ("REGIONB_VMS_3024", "AVI_FRONTEND_3026", "REGIONB_VMS_3023")[pick % 3]
    ref = hand.ref("vrfcontext", target)
    hand.edit("network", name, lambda body: body.update(vrf_context_ref=ref))


def pool_range(hand, pick):
    def change(body):
        span = body["configured_subnets"][0]["static_ip_ranges"][0]["range"]
        head = span["begin"]["addr"].rpartition(".")[0]
        span["end"] = ip(f"{head}.{int(span['begin']['addr'].rpartition('.')[2]) + 1 + pick % 3}")

    hand.edit("network", NETWORKS[pick % 5], change)


def more_pools(hand, pick):
    def change(body):
        subnet = body["configured_subnets"][0]
        head = subnet["prefix"]["ip_addr"]["addr"].rpartition(".")[0]
        span = {"begin": ip(f"{head}.{200 + pick % 20}"), "end": ip(f"{head}.230")}
        subnet["static_ip_ranges"].append({"range": span, "type": "STATIC_IPS_FOR_SE"})

    hand.edit("network", NETWORKS[pick % 5], change)


def pool_use(hand, pick):
    def change(body):
        entry = body["configured_subnets"][0]["static_ip_ranges"][0]
        uses = ["STATIC_IPS_FOR_VIP_AND_SE", "STATIC_IPS_FOR_VIP", "STATIC_IPS_FOR_SE"]
        entry["type"] = uses[pick % 3]

    hand.edit("network", NETWORKS[pick % 5], change)


def no_subnet(hand, pick):
    hand.edit("network", NETWORKS[2:][pick % 3], lambda body: body.pop("configured_subnets"))


def record_value(hand, pick):
    def change(body):
        body["static_dns_records"][0] |= record(
            "TEST.avi.iberia.local.", f"10.9.8.{pick % 250}", pick % 500 + 1
        )

    hand.edit("virtualservice", "local-dns-site1", change)


def no_records(hand, pick):
    hand.edit("virtualservice", "local-dns-site1", lambda body: body.pop("static_dns_records"))


def shared_record(hand, pick):
    """The declared name in one message with a name of somebody else's."""

    def change(body):
        body["static_dns_records"][0]["fqdn"].append(f"friend{pick}.avi.iberia.local")
        body["static_dns_records"][0]["ttl"] = 99

    hand.edit("virtualservice", "local-dns-site1", change)


def tcp_port(hand, pick):
    ref = hand.ref("networkprofile", "System-TCP-Proxy")

    def change(body):
        body["services"].append({"port": 53 + pick % 2, "override_network_profile_ref": ref})

    hand.edit("virtualservice", "local-dns-site1", change)


def other_name(hand, pick):
    def change(body):
        body["dns_info"][0]["fqdn"] = f"dns{pick}.avi.iberia.local"

    hand.edit("vsvip", "vsvip-local-dns-site1", change)


def no_name(hand, pick):
    hand.edit("vsvip", "vsvip-local-dns-site1", lambda body: body.pop("dns_info"))


def other_group(hand, pick):
    ref = hand.ref("serviceenginegroup", GROUPS[pick % 2])
    hand.edit("virtualservice", "local-dns-site1", lambda body: body.update(enabled=False))
    hand.edit("virtualservice", "local-dns-site1", lambda body: body.update(se_group_ref=ref))
    if pick % 3:
        hand.edit("virtualservice", "local-dns-site1", lambda body: body.update(enabled=True))


def management(hand, pick):
    network = hand.named("network", NETWORKS[pick % 4])

    def change(body):
        settings = body["vcenter_configuration"]
        settings["management_network"] = f"/api/vimgrnwruntime/{network['uuid']}"
        if pick % 2:
            settings["management_ip_subnet"] = prefix("10.10.99.0/24")

    hand.edit("cloud", "Default-Cloud", change)


BREAKS = (
    setting("serviceenginegroup", GROUPS, ha_mode=["HA_MODE_SHARED_PAIR", "HA_MODE_LEGACY_ACTIVE_STANDBY"]),
    setting(
        "serviceenginegroup", GROUPS, buffer_se=[1, 2, 7], se_name_prefix=["Avi", "x"], vcenter_folder=["a/b"]
    ),
    metrics,
    no_metrics,
    domain_ttl,
    other_domain,
    setting("ipamdnsproviderprofile", ["IPAM_Default"], allocate_ip_in_vrf=[False]),
    detach("dns_provider_ref"),
    detach("ipam_provider_ref"),
    setting("cloud", ["Default-Cloud"], state_based_dns_registration=[False], dhcp_enabled=[True]),
    management,
    move_vrf,
    setting("network", NETWORKS[:4], dhcp_enabled=[True]),
    pool_range,
    more_pools,
    pool_use,
    no_subnet,
    setting("virtualservice", ["local-dns-site1"], enabled=[False]),
    record_value,
    no_records,
    shared_record,
    tcp_port,
    other_name,
    no_name,
    other_group,
)


# What nobody declared.


def extra_record(hand, pick):
    def change(body):
        body.setdefault("static_dns_records", []).append(
            record(f"r{pick}.avi.iberia.local", "10.1.2.3", pick % 3)
        )

    hand.edit("virtualservice", "local-dns-site1", change)


def extra_domain(hand, pick):
    def change(body):
        body["internal_profile"]["dns_service_domain"].append(
            {"domain_name": f"d{pick}.example", "pass_through": False, "record_ttl": 5 + pick}
        )

    hand.edit("ipamdnsproviderprofile", "DNS_Default", change)


def pass_through(hand, pick):
    def change(body):
        body["internal_profile"]["dns_service_domain"][0]["pass_through"] = False

    hand.edit("ipamdnsproviderprofile", "DNS_Default", change)


def extra_subnet(hand, pick):
    def change(body):
        body.setdefault("configured_subnets", []).append({"prefix": prefix(f"172.16.{pick % 250}.0/24")})

    hand.edit("network", NETWORKS[pick % 5], change)


def labels(hand, pick):
    mark = [{"key": "clustername", "value": f"cluster{pick}"}]
    hand.edit("serviceenginegroup", GROUPS[pick % 3], lambda body: body.update(labels=mark))


def route(hand, pick):
    made = {
        "route_id": f"{pick}",
        "prefix": prefix(f"10.{pick % 250}.0.0/16"),
        "next_hop": ip("10.10.24.161"),
        "labels": [{"key": "clustername", "value": "s1az1"}],
    }
    name = ("VRF_AZ1", "VRF_AZ2", "global")[pick % 3]

    def change(body):
        kept = [one for one in body.get("static_routes", []) if one["route_id"] != made["route_id"]]
        body["static_routes"] = [*kept, made]

    hand.edit("vrfcontext", name, change)


def ntp(hand, pick):
    servers = {"ntp_servers": [{"server": ip(f"10.0.0.{pick % 250}")}]}
    hand.edit("systemconfiguration", "", lambda body: body.update(ntp_configuration=servers))


def vip_name(hand, pick):
    def change(body):
        body.setdefault("dns_info", []).append(
            {"fqdn": f"second{pick}.avi.iberia.local", "type": "DNS_RECORD_A"}
        )

    hand.edit("vsvip", "vsvip-local-dns-site1", change)


def ako_boots(hand, pick):
    """AKO's own start-up, as far as the Controller lets it."""
    with suppress(Refused):
        ako.take_steps(hand.gateway.lab, steps=("label", "routes", "ingress")[: 1 + pick % 3])


EXTRAS = (
    setting(
        "serviceenginegroup",
        GROUPS,
        max_se=[3, 5],
        memory_per_se=[4096],
        max_vs_per_se=[20],
        vcpus_per_se=[2],
    ),
    setting("cloud", ["Default-Cloud"], mtu=[1400, 9000], prefer_static_routes=[True]),
    setting("network", NETWORKS, exclude_discovered_subnets=[True]),
    setting("virtualservice", ["local-dns-site1"], weight=[2, 8], limit_doser=[True], description=["mine"]),
    setting("vrfcontext", ["VRF_AZ1", "VRF_AZ2"], description=["theirs"], lldp_enable=[False]),
    extra_record,
    extra_domain,
    pass_through,
    extra_subnet,
    labels,
    route,
    ntp,
    vip_name,
    ako_boots,
)


def picture(gateway):
    """Every object of the declared kinds, by collection and uuid, without what the server writes by itself."""
    found = {}
    for api, rows in gateway.snapshot(CONFIG).objects.items():
        for row in rows:
            body = {key: value for key, value in deepcopy(row).items() if key not in SERVER}
            found[api, row.get("uuid", "")] = body
    return found


def unordered(value):
    """The same with every list in one order: a keyed list that was written anew may have another."""
    if isinstance(value, dict):
        return {key: unordered(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((unordered(inner) for inner in value), key=repr)
    return value
