"""Members of the Controller's objects that this program reads: those whose shape is held against the schema.

They are those behind the fields that can be declared (`live.kinds`), and those that are read besides (`READ`).
"""

from __future__ import annotations

from collections.abc import Mapping

from intent.objects.overlap import member_path
from live.kinds import KINDS

READ: Mapping[str, tuple[str, ...]] = {
    "backup": ("timestamp",),
    "role": (
        "privileges.resource", "privileges.type", "filters.enabled", "filters.match_label.key",
        "filters.match_label.values", "filters.match_operation",
    ),
    "sslkeyandcertificate": ("certificate.not_after",),
    "tenant": ("config_settings",),
    "user": ("access.tenant_ref", "access.all_tenants"),
    "applicationprofile": ("type",),
    "cloud": (
        "obj_name_prefix", "nsxt_configuration.management_network_config", "nsxt_configuration.data_network_config",
        "nsxt_configuration.transport_zone", "nsxt_configuration.management_segment",
        "nsxt_configuration.tier1_segment_config",
    ),
    "cloud-inventory": ("status.state", "status.reason"),
    "ipamdnsproviderprofile": ("internal_profile.usable_network_refs",),
    "network": ("configured_subnets", "attrs"),
    "network-inventory": (
        "config.uuid", "runtime.subnet_runtime.prefix", "runtime.subnet_runtime.total_ip_count",
        "runtime.subnet_runtime.used_ip_count", "runtime.subnet_runtime.free_ip_count",
        "runtime.subnet_runtime.ip_range_runtimes.type", "runtime.subnet_runtime.ip_range_runtimes.total_ip_count",
        "runtime.subnet_runtime.ip_range_runtimes.free_ip_count",
    ),
    "networkprofile": ("profile.type",),
    "pool": ("created_by", "markers.key", "markers.values"),
    "serviceengine": (
        "se_group_ref", "mgmt_vnic.mac_address", "mgmt_vnic.network_ref", "mgmt_vnic.network_name",
        "mgmt_vnic.is_avi_internal_network", "data_vnics.mac_address", "data_vnics.network_ref",
        "data_vnics.network_name", "data_vnics.is_avi_internal_network",
    ),
    "serviceengine-inventory": (
        "config.uuid", "config.name", "config.se_group_ref", "runtime.oper_status.state",
        "runtime.oper_status.reason", "runtime.se_connected",
    ),
    "serviceenginegroup": ("vcenter_clusters", "vcenter_hosts", "vcenter_datastores"),
    "systemconfiguration": (
        "dns_configuration", "ntp_configuration.ntp_servers.server", "ntp_configuration.ntp_server_list",
        "global_tenant_config",
    ),
    "virtualservice": (
        "services.port_range_end", "services.enable_ssl", "services.override_network_profile_ref", "vsvip_ref",
        "static_dns_records.type", "static_dns_records.fqdn", "static_dns_records.ttl",
        "static_dns_records.ip_address", "static_dns_records.ip6_address", "static_dns_records.cname",
        "static_dns_records.mx_records", "static_dns_records.ns", "static_dns_records.service_locator",
        "static_dns_records.txt_records", "static_dns_records.wildcard_match", "vip", "dns_info", "created_by",
        "type", "markers.key", "markers.values", "vh_parent_vs_ref",
    ),
    "virtualservice-inventory": (
        "config.uuid", "config.name", "config.vip", "config.se_group_ref", "runtime.oper_status.state",
        "runtime.oper_status.reason", "runtime.vip_summary.vip_id", "runtime.vip_summary.oper_status.state",
        "runtime.vip_summary.oper_status.reason", "runtime.vip_summary.service_engine.ref",
        "runtime.vip_summary.service_engine.name", "runtime.vip_summary.service_engine.connected",
        "runtime.vip_summary.service_engine.oper_status.state",
        "runtime.vip_summary.service_engine.oper_status.reason",
    ),
    "vrfcontext": (
        "system_default", "attrs", "static_routes.prefix", "static_routes.next_hop", "static_routes.route_id",
        "static_routes.labels", "bgp_profile.peers.peer_ip6", "bfd_profile", "gateway_mon",
    ),
    "vsvip": (
        "vrf_context_ref", "dns_info.fqdn", "vip.auto_allocate_ip", "vip.auto_allocate_ip_type", "vip.ip_address",
        "vip.ip6_address", "vip.ipam_network_subnet.network_ref", "vip.discovered_networks.network_ref",
        "vip.placement_networks.network_ref", "markers.key", "markers.values",
    ),
}  # fmt: skip
"""The members that are read of each type besides those behind a field, `a.b` within each `a`.

Of a message that ends a path all are read, unless there are paths of some of its members. A law of
tests/live/test_read_members.py finds those that are read and missing here.
"""


def members_of(api: str) -> tuple[str, ...]:
    """The paths of all members that are read of a type, as in `READ`; a few words among them are no member's."""
    besides = READ.get(api, ())
    leaves = [leaf for kind in KINDS.values() if kind.api == api for leaf in kind.leaves.values()]
    documented = [word for leaf in leaves for word in leaf.api.replace("[]", "").split()]
    for leaf in leaves:
        path = ".".join(member_path(leaf.api))
        documented += [f"{path}.{each.api.replace('[]', '')}" for each in leaf.inner.values()]
    return (
        *besides,
        *(path for path in documented if not any(path.startswith(f"{each}.") for each in besides)),
    )


EITHER = frozenset(
    {("OperationalStatus", "reason"), ("VsRuntimeSummary", "vip_summary"), ("CloudStatus", "reason")}
)
"""(message, member) that come as one or as a list of them, whatever the schema says [CLIENT]."""
