"""Members of the Controller's objects that this program reads: those whose shape is held against the schema."""

from __future__ import annotations

from collections.abc import Mapping

READ: Mapping[str, tuple[str, ...]] = {
    "applicationprofile": ("type",),
    "cloud": (
        "vtype", "dhcp_enabled", "dns_provider_ref", "ipam_provider_ref", "state_based_dns_registration",
        "obj_name_prefix", "vcenter_configuration.vcenter_url", "vcenter_configuration.datacenter",
        "vcenter_configuration.privilege", "vcenter_configuration.management_network",
        "vcenter_configuration.management_ip_subnet",
        "nsxt_configuration.nsxt_url", "nsxt_configuration.nsxt_credentials_ref",
        "nsxt_configuration.management_network_config", "nsxt_configuration.data_network_config",
        "nsxt_configuration.transport_zone", "nsxt_configuration.management_segment",
        "nsxt_configuration.tier1_segment_config",
    ),
    "cloud-inventory": ("status.state", "status.reason"),
    "ipamdnsproviderprofile": (
        "type", "allocate_ip_in_vrf", "internal_profile.ttl", "internal_profile.usable_network_refs",
        "internal_profile.usable_networks.nw_ref", "internal_profile.dns_service_domain.domain_name",
        "internal_profile.dns_service_domain.record_ttl",
    ),
    "network": ("vrf_context_ref", "dhcp_enabled", "configured_subnets", "attrs"),
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
    "serviceenginegroup": (
        "ha_mode", "buffer_se", "se_name_prefix", "vcenter_folder", "realtime_se_metrics.enabled",
        "realtime_se_metrics.duration", "vcenters.vcenter_ref", "vcenters.vcenter_folder", "vcenters.nsxt_clusters",
        "vcenters.nsxt_datastores", "vcenters.nsxt_hosts", "labels.key", "labels.value",
        "max_se",
    ),
    "systemconfiguration": ("dns_virtualservice_refs",),
    "virtualservice": (
        "enabled", "application_profile_ref", "network_profile_ref", "services.port", "services.port_range_end",
        "services.override_network_profile_ref", "vrf_context_ref", "vsvip_ref", "se_group_ref",
        "static_dns_records.type", "static_dns_records.fqdn", "static_dns_records.ttl",
        "static_dns_records.ip_address", "static_dns_records.ip6_address", "vip", "dns_info", "created_by", "type",
        "markers.key", "markers.values", "vh_parent_vs_ref",
    ),
    "virtualservice-inventory": (
        "config.uuid", "config.name", "config.vip", "config.se_group_ref", "runtime.oper_status.state",
        "runtime.oper_status.reason", "runtime.vip_summary.vip_id", "runtime.vip_summary.oper_status.state",
        "runtime.vip_summary.oper_status.reason", "runtime.vip_summary.service_engine.ref",
        "runtime.vip_summary.service_engine.name", "runtime.vip_summary.service_engine.connected",
        "runtime.vip_summary.service_engine.oper_status.state",
        "runtime.vip_summary.service_engine.oper_status.reason",
    ),
    "vcenterserver": ("vcenter_url", "vcenter_credentials_ref", "content_lib.id", "content_lib.name"),
    "vrfcontext": (
        "system_default", "attrs", "static_routes.route_id", "static_routes.prefix", "static_routes.labels.key",
        "static_routes.labels.value",
    ),
    "vsvip": (
        "vrf_context_ref", "dns_info.fqdn", "vip.auto_allocate_ip", "vip.ip_address", "vip.ip6_address",
        "vip.ipam_network_subnet.network_ref", "vip.discovered_networks.network_ref",
        "vip.placement_networks.network_ref",
    ),
}  # fmt: skip
"""The members that are read of each type, `a.b` within each `a`; of a message that ends a path, all.

A law of tests/live/test_read_members.py finds those that are read and missing here.
"""

EITHER = frozenset(
    {("OperationalStatus", "reason"), ("VsRuntimeSummary", "vip_summary"), ("CloudStatus", "reason")}
)
"""(message, member) that come as one or as a list of them, whatever the schema says [CLIENT]."""
