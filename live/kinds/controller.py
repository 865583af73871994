"""Mapping of system-wide settings: the declared `system` <-> the Controller's `systemconfiguration`."""

from __future__ import annotations

from collections import Counter

from intent import SystemSettings
from live.avi.identity import Json, Names
from live.kinds.base import Kind, Leaf
from live.kinds.codecs import (
    dig,
    dns_name_at,
    enum,
    flag,
    listed,
    number,
    or_none,
    plain,
    references,
    server,
    server_message,
    unset,
)
from live.kinds.labels import tier

SNMP = {"v2": "SNMP_VER2", "v3": "SNMP_VER3"}
_PORTAL, _TENANCY, _NTP = "portal_configuration", "global_tenant_config", "ntp_configuration"


def get_ntp(obj: Json, names: Names) -> tuple[str, ...]:
    """The NTP servers, in today's spelling and in that of old models."""
    now = (entry.get("server", {}) for entry in dig(obj, _NTP, "ntp_servers") or ())
    return tuple(map(server, (*now, *(dig(obj, _NTP, "ntp_server_list") or ()))))


def put_ntp(obj: Json, value: tuple[str, ...], names: Names) -> None:
    """Write the NTP servers; one that stays keeps its key, and stands there as often as it is to."""
    settings, left = obj.setdefault(_NTP, {}), Counter(value)

    def stays(message: Json) -> bool:
        left[server(message)] -= 1
        return left[server(message)] >= 0

    kept = [entry for entry in settings.get("ntp_servers", []) if stays(entry.get("server", {}))]
    if old := settings.get("ntp_server_list"):
        settings["ntp_server_list"] = [message for message in old if stays(message)]
    added = [each for each in dict.fromkeys(value) for _ in range(left[each])]
    settings["ntp_servers"] = [*kept, *({"server": server_message(each)} for each in added)]


SYSTEM = Kind(
    SystemSettings,
    "systemconfiguration",
    {
        "dns_services": references("virtualservice", "dns_virtualservice_refs"),
        "dns_servers": listed("dns_configuration", "server_list", decode=server, encode=server_message),
        "search_domain": or_none(dns_name_at("dns_configuration", "search_domain")),
        "ntp_servers": Leaf("ntp_configuration.ntp_servers[]", get_ntp, put_ntp),
        "snmp.version": unset(enum(SNMP, "snmp_configuration", "version"), "v2"),
        "snmp.location": plain("snmp_configuration", "sys_location"),
        "snmp.contact": unset(plain("snmp_configuration", "sys_contact"), "support@avinetworks.com"),
        "banner": plain("linux_configuration", "banner"),
        "message_of_the_day": plain("linux_configuration", "motd"),
        "portal.basic_authentication": unset(flag(_PORTAL, "allow_basic_authentication"), default=False),
        "portal.http": unset(flag(_PORTAL, "enable_http"), default=True),
        "portal.redirect_to_https": unset(flag(_PORTAL, "redirect_to_https"), default=True),
        "portal.session_hours": unset(number(_PORTAL, "api_force_timeout"), 24),
        "portal.strong_passwords": unset(flag(_PORTAL, "password_strength_check"), default=False),
        "portal.min_password_length": unset(number(_PORTAL, "minimum_password_length"), 8),
        "portal.certificates": references("sslkeyandcertificate", _PORTAL, "sslkeyandcertificate_refs"),
        "tenancy_mode.engines_of_provider": unset(flag(_TENANCY, "se_in_provider_context"), default=True),
        "tenancy_mode.engines_readable": unset(flag(_TENANCY, "tenant_access_to_provider_se"), default=True),
        "tenancy_mode.own_vrfs": unset(flag(_TENANCY, "tenant_vrf"), default=False),
        "license_tier": tier("default_license_tier"),
    },
)
