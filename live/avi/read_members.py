"""Members of the Controller's objects that this program reads: those whose shape is held against the schema."""

from __future__ import annotations

from collections.abc import Mapping

READ: Mapping[str, tuple[str, ...]] = {
    "alertsyslogconfig": (
        "syslog_servers.syslog_server", "syslog_servers.syslog_server_port", "syslog_servers.udp",
        "syslog_servers.tls_enable", "syslog_servers.format",
    ),
    "backup": ("timestamp",),
    "backupconfiguration": (
        "maximum_backups_stored", "save_local", "upload_to_remote_host", "remote_hostname", "remote_directory",
    ),
    "cluster": ("virtual_ip", "nodes.ip", "nodes.name"),
    "role": (
        "privileges.resource", "privileges.type", "allow_unlabelled_access", "filters.enabled",
        "filters.match_label.key", "filters.match_label.values", "filters.match_operation",
    ),
    "scheduler": ("enabled", "frequency", "frequency_unit"),
    "sslkeyandcertificate": (
        "certificate.subject_alt_names", "certificate.issuer.common_name", "certificate.not_after", "ca_certs.name",
    ),
    "tenant": ("config_settings",),
    "user": (
        "is_superuser", "is_active", "access.role_ref", "access.tenant_ref", "access.all_tenants", "user_profile_ref",
    ),
    "useraccountprofile": (
        "max_concurrent_sessions", "credentials_timeout_threshold", "max_login_failure_count", "account_lock_timeout",
        "max_password_history_count",
    ),
    "applicationprofile": ("type",),
    "cloud": (
        "vtype", "mtu", "license_tier", "se_group_template_ref", "prefer_static_routes", "enable_vip_static_routes",
        "vcenter_configuration.content_lib.id", "vcenter_configuration.content_lib.name",
        "nsxt_configuration.automate_dfw_rules", "nsxt_configuration.vpc_mode", "dhcp_enabled",
        "dns_provider_ref", "ipam_provider_ref", "state_based_dns_registration",
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
        "internal_profile.dns_service_domain.record_ttl", "internal_profile.dns_service_domain.pass_through",
    ),
    "network": (
        "vrf_context_ref", "dhcp_enabled", "configured_subnets", "attrs", "exclude_discovered_subnets", "markers",
    ),
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
        "vcenters.nsxt_datastores", "vcenters.nsxt_hosts", "vcpus_per_se", "memory_per_se", "disk_per_se",
        "cpu_reserve", "mem_reserve", "max_se", "min_se", "max_vs_per_se", "min_scaleout_per_vs",
        "max_scaleout_per_vs", "algo", "se_deprovision_delay", "license_tier", "vcenter_clusters", "vcenter_hosts",
        "vcenter_datastores", "vcenter_datastores_include", "vcenter_datastore_mode", "mgmt_network_ref",
        "mgmt_subnet", "labels", "markers",
    ),
    "systemconfiguration": (
        "dns_virtualservice_refs", "dns_configuration", "ntp_configuration.ntp_servers.server",
        "ntp_configuration.ntp_server_list", "snmp_configuration.version", "snmp_configuration.sys_location",
        "snmp_configuration.sys_contact", "linux_configuration.banner", "linux_configuration.motd",
        "portal_configuration.allow_basic_authentication", "portal_configuration.enable_http",
        "portal_configuration.redirect_to_https", "portal_configuration.api_force_timeout",
        "portal_configuration.password_strength_check", "portal_configuration.minimum_password_length",
        "portal_configuration.sslkeyandcertificate_refs", "global_tenant_config", "default_license_tier",
    ),
    "virtualservice": (
        "enabled", "application_profile_ref", "network_profile_ref", "services.port", "services.port_range_end",
        "services.enable_ssl", "services.override_network_profile_ref", "vrf_context_ref", "vsvip_ref", "se_group_ref",
        "static_dns_records.type", "static_dns_records.fqdn", "static_dns_records.ttl",
        "static_dns_records.ip_address", "static_dns_records.ip6_address", "static_dns_records.cname",
        "static_dns_records.mx_records", "static_dns_records.ns", "static_dns_records.service_locator",
        "static_dns_records.txt_records", "static_dns_records.wildcard_match", "vip", "dns_info", "created_by", "type",
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
        "system_default", "attrs", "static_routes.prefix", "static_routes.next_hop", "static_routes.route_id",
        "static_routes.labels", "bgp_profile.local_as", "bgp_profile.ibgp", "bgp_profile.hold_time",
        "bgp_profile.keepalive_interval", "bgp_profile.peers.peer_ip", "bgp_profile.peers.peer_ip6",
        "bgp_profile.peers.remote_as", "bgp_profile.peers.network_ref", "bgp_profile.peers.label",
        "bgp_profile.peers.bfd", "bgp_profile.peers.advertise_vip", "bgp_profile.peers.advertise_snat_ip",
        "bfd_profile", "gateway_mon",
    ),
    "vsvip": (
        "vrf_context_ref", "dns_info.fqdn", "vip.auto_allocate_ip", "vip.auto_allocate_ip_type",
        "vip.ip_address", "vip.ip6_address",
        "vip.ipam_network_subnet.network_ref", "vip.discovered_networks.network_ref",
        "vip.placement_networks.network_ref", "markers.key", "markers.values",
    ),
}  # fmt: skip
"""The members that are read of each type, `a.b` within each `a`; of a message that ends a path, all.

A law of tests/live/test_read_members.py finds those that are read and missing here.
"""

EITHER = frozenset(
    {("OperationalStatus", "reason"), ("VsRuntimeSummary", "vip_summary"), ("CloudStatus", "reason")}
)
"""(message, member) that come as one or as a list of them, whatever the schema says [CLIENT]."""
