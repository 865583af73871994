"""A conforming site as the Controller would answer it, in two models, and ways to say or to spoil the same thing."""
# ruff: noqa: PLR0911 -- one line a type of value

import copy
import functools
import ipaddress
import typing
from pathlib import Path

import yaml

from intent import Environment, IpRange, Keyed, Ordered, Unordered, every_path
from intent.base import _declares
from live.avi.identity import split_ref
from live.avi.snapshot import Live, Snapshot
from live.kinds import KINDS
from tests.live import settings, settings_rows
from tests.live.settings_rows import address
from tests.site import IBERIA

HERE = Path(__file__).parent
VERSIONS = ("20.1.6", "30.2.1")
NUMBERS = {"ttl", "record_ttl", "duration", "buffer_se", "port", "port_range_end", "mask"}
FLAGS = {"dhcp_enabled", "enabled", "allocate_ip_in_vrf", "state_based_dns_registration"}
ORDERED = {"server_list", "ca_certs"}
"""Lists whose order is their meaning."""
DEFAULTS = {
    ("type", "STATIC_IPS_FOR_VIP_AND_SE"), ("privilege", "WRITE_ACCESS"), ("ha_mode", "HA_MODE_SHARED"),
    ("allocate_ip_in_vrf", False), ("ttl", 30), ("state_based_dns_registration", True), ("port_range_end", 53),
}  # fmt: skip
NAMING = {"uuid", "name", "url", "tenant_ref", "cloud_ref", "vsvip_ref", "vtype", "x_ours"}


@functools.cache
def _snapshot(version):
    return Snapshot.load(HERE / "data" / f"conforming-{version}.json")


FRONT_6 = "2001:db8:26::/64"


@functools.cache
def environment():
    """The blog's environment, and in it one of everything that can be declared."""
    data = yaml.safe_load(IBERIA.read_text())
    data["ipam_profiles"][0]["usable_networks"] = ["AVI_FRONTEND_3025", "AVI_FRONTEND_3026"]
    data["dns_profiles"][0]["domains"][0]["ttl"] = 60
    service = data["dns_services"][0]
    service["services"].append({"port": 53, "protocol": "tcp"})
    service["records"] += [
        {"name": "six.avi.iberia.local", "type": "AAAA", "addresses": ["2001:db8::a"], "ttl": 60},
        {"name": "b.avi.iberia.local", "addresses": ["10.10.24.11", "10.10.24.12"]},
    ]
    network = next(one for one in data["networks"] if one["name"] == "AVI_FRONTEND_3026")
    network["subnets"] += [
        {
            "prefix": "10.10.126.0/24",
            "pools": [
                {"range": "10.10.126.40-10.10.126.49", "use": "vip"},
                {"range": "10.10.126.60-10.10.126.69", "use": "se"},
            ],
        },
        {"prefix": FRONT_6, "pools": [{"range": "2001:db8:26::a-2001:db8:26::ff", "use": "vip-and-se"}]},
        {"prefix": "10.10.127.0/24"},
    ]
    settings.declare(data)
    return Environment.model_validate(data)


def _enrich(found):
    """The same in the Controller's words, written by hand, and something beside it that nobody declared."""
    rows = {(api, row.get("name")): row for api in found for row in found[api]}
    settings_rows.enrich(rows, found)
    front = [rows["network", name]["url"] for name in ("AVI_FRONTEND_3025", "AVI_FRONTEND_3026")]
    rows["ipamdnsproviderprofile", "IPAM_Default"].setdefault("internal_profile", {})["usable_networks"] = [
        {"nw_ref": ref} for ref in front
    ]
    domains = rows["ipamdnsproviderprofile", "DNS_Default"]["internal_profile"]["dns_service_domain"]
    domains[0]["record_ttl"] = 60
    domains.append({"domain_name": "theirs.example", "pass_through": True})
    service = rows["virtualservice", "local-dns-site1"]
    tcp = rows["networkprofile", "System-TCP-Proxy"]["url"]
    service["services"].append(
        {"port": 53, "port_range_end": 53, "enable_ssl": False, "override_network_profile_ref": tcp}
    )
    service["static_dns_records"] += [
        {
            "type": "DNS_RECORD_AAAA",
            "fqdn": ["six.avi.iberia.local"],
            "ip6_address": [{"ip6_address": address("2001:db8::a")}],
            "ttl": 60,
        },
        {
            "type": "DNS_RECORD_A",
            "fqdn": ["b.avi.iberia.local", "c.avi.iberia.local"],
            "ip_address": [{"ip_address": address(f"10.10.24.{n}")} for n in (11, 12)],
        },
        {
            "type": "DNS_RECORD_CNAME",
            "fqdn": ["d.avi.iberia.local"],
            "cname": {"cname": "b.avi.iberia.local"},
        },
    ]
    rows["network", "AVI_FRONTEND_3026"]["configured_subnets"] += [
        _subnet(
            "10.10.126.0",
            24,
            ("10.10.126.40", "10.10.126.49", "STATIC_IPS_FOR_VIP"),
            ("10.10.126.60", "10.10.126.69", "STATIC_IPS_FOR_SE"),
        ),
        _subnet("2001:db8:26::", 64, ("2001:db8:26::a", "2001:db8:26::ff", "STATIC_IPS_FOR_VIP_AND_SE")),
        _subnet("10.10.127.0", 24),
        _subnet("10.10.128.0", 24, ("10.10.128.1", "10.10.128.9", "STATIC_IPS_FOR_SE")),
    ]
    return found


def _subnet(start, mask, *pools):
    ranges = [
        {"range": {"begin": address(begin), "end": address(end)}, "type": use} for begin, end, use in pools
    ]
    return {"prefix": {"ip_addr": address(start), "mask": mask}} | (
        {"static_ip_ranges": ranges} if ranges else {}
    )


def objects(version):
    return _enrich(copy.deepcopy(dict(_snapshot(version).objects)))


def live(found, version):
    return Live(Snapshot("10.10.20.10:443", version=version, api_version=version, objects=found))


def declared():
    """Every declared object that has a counterpart on the Controller."""
    return [found for found in environment() if type(found) in KINDS]


# Another spelling of the same.


def respell(found, random):
    """All objects said in another way: order, defaults, references, numbers, names of domains, older members."""
    names = {(api, row.get("uuid")): row.get("name", "") for api, rows in found.items() for row in rows}
    return {api: [_respell(row, random, names, api) for row in rows] for api, rows in found.items()}


def _respell(value, random, names, key):
    if isinstance(value, dict):
        return _respell_message(value, random, names, key)
    if isinstance(value, list):
        made = [_respell(element, random, names, key) for element in value]
        if key not in ORDERED:
            random.shuffle(made)
        return made
    if isinstance(value, bool):
        return str(value).lower() if key in FLAGS and random.random() < 0.3 else value
    if isinstance(value, int):
        return str(value) if key in NUMBERS and random.random() < 0.5 else value
    if isinstance(value, str) and "/api/" in value:
        return _respell_ref(value, random, names)
    if isinstance(value, str) and key == "addr" and ":" in value:
        return random.choice([value, value.upper(), ipaddress.ip_address(value).exploded])
    if isinstance(value, str) and key in ("fqdn", "domain_name"):
        return random.choice([value, value.upper(), value.title(), value + "."])
    return value


def _respell_message(value, random, names, key):
    made = {}
    for name, inner in value.items():
        unset = (name, inner) in DEFAULTS if isinstance(inner, str | bool | int) else inner in ([], {})
        if (
            unset
            and key != "ipamdnsproviderprofile"
            and random.random() < 0.5
            and not (name == "ttl" and key != "internal_profile")
        ):
            continue
        made[name] = _respell(inner, random, names, name)
    if key == "internal_profile" and random.random() < 0.5:
        made.setdefault("dns_service_domain", [])
    if "usable_networks" in made and random.random() < 0.5:
        made["usable_network_refs"] = [entry["nw_ref"] for entry in made.pop("usable_networks")]
    ranges = made.get("static_ip_ranges", [])
    if ranges and all(
        entry.get("type", "STATIC_IPS_FOR_VIP_AND_SE").endswith("VIP_AND_SE") for entry in ranges
    ):
        old = [entry["range"] for entry in ranges]
        choice = random.randrange(3)
        if choice:
            made["static_ranges"] = old
        if choice == 2:
            del made["static_ip_ranges"]
    if random.random() < 0.3:
        made["x_unknown"] = random.choice([1, "y", None, [], {"z": []}])
    keys = list(made)
    random.shuffle(keys)
    return {name: made[name] for name in keys}


def _respell_ref(value, random, names):
    api, uuid, _ = split_ref(value)
    made = value.partition("#")[0]
    if random.random() < 0.3:
        made = "/api/" + made.partition("/api/")[2]
    if random.random() < 0.2 and uuid:
        made += "/"
    return made + random.choice(["", f"#{names.get((api, uuid), split_ref(value)[2])}"])


# Something else.


def spoil(value, random, found, rate=0.12):
    """A raw object with members changed, lost and added; what names it stays. Each message gets a mark of ours."""
    if isinstance(value, dict):
        made = {}
        for name, inner in value.items():
            if name in NAMING or random.random() > rate:
                made[name] = inner if name in NAMING else spoil(inner, random, found, rate)
            elif random.random() < 0.6:
                made[name] = _changed(inner, random, found)
        return {**made, "x_ours": random.randrange(10**9)}
    if isinstance(value, list):
        made = [spoil(element, random, found, rate) for element in value if random.random() > rate]
        if value and random.random() < rate:
            made.append(_changed(copy.deepcopy(random.choice(value)), random, found))
        random.shuffle(made)
        return made
    return value


def _changed(value, random, found):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + random.choice([1, 7, -1])
    if isinstance(value, str) and "/api/" in value:
        rows = found.get(split_ref(value)[0], [])
        return random.choice(rows)["url"] if rows else value + "x"
    if isinstance(value, str):
        return random.choice([value + "x", "", value[:-1]])
    if isinstance(value, dict):
        return {name: _changed(inner, random, found) for name, inner in value.items()}
    if isinstance(value, list):
        return [_changed(element, random, found) for element in value]
    return value


# Another declaration.


def leaves(want):
    """The comparable paths that an object declares."""
    return [path for path in every_path(type(want)) if want.declares(path)]


def other(want, path, random):
    """The declaration with one leaf on this path changed."""
    return _other(want, path.split("."), random)


def _other(part, path, random):
    name, rest = path[0], path[1:]
    value, marker = getattr(part, name), part.marker(name)
    if isinstance(marker, Keyed):
        made = _other_list(value, marker, rest, random)
    elif rest:
        made = _other(value, rest, random)
    elif isinstance(marker, Ordered) and random.random() < 0.5:
        made = tuple(reversed(value))
    elif isinstance(marker, Ordered | Unordered):
        made = (*value[1:], _other_value(value[0], None, random))
    else:
        made = _other_value(value, type(part).model_fields[name].annotation, random)
    return part.model_copy(update={name: made})


def _other_list(value, marker, rest, random):
    if rest:
        can = [at for at, element in enumerate(value) if _declares(element, rest)]
        at = random.choice(can)
        return tuple(_other(element, rest, random) if i == at else element for i, element in enumerate(value))
    if marker.exact and len(value) > 1 and random.random() < 0.5:
        return value[1:]
    first = value[0]
    key = next((name for name in ("port", "next_hop", "name") if hasattr(first, name)), marker.by)
    return (*value, first.model_copy(update={key: _other_value(getattr(first, key), None, random)}))


def _other_value(value, annotation, random):
    words = [word for literal in _literals(annotation) for word in typing.get_args(literal) if word != value]
    if words:
        return random.choice(words)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + random.choice([1, 100])
    if isinstance(value, IpRange):
        return IpRange(begin=value.begin - 1, end=value.end)
    if isinstance(value, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return type(value)(
            (
                int(value.network_address)
                + (1 << 72) % (1 << value.max_prefixlen)
                + 256 * 40 * (value.version == 4),
                value.prefixlen,
            )
        )
    if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return value + 1
    assert isinstance(value, str)
    return random.choice([value + "-x", "x" + value])


def _literals(annotation):
    if typing.get_origin(annotation) is typing.Literal:
        return [annotation]
    return [found for inner in typing.get_args(annotation) for found in _literals(inner)]


def marks(value, path=()):
    """Where our marks stand in a raw object: value of the mark -> place."""
    if isinstance(value, dict):
        found = {value["x_ours"]: path} if "x_ours" in value else {}
        for name, inner in value.items():
            found |= marks(inner, (*path, name))
        return found
    if isinstance(value, list):
        return {mark: place for element in value for mark, place in marks(element, (*path, "[]")).items()}
    return {}
