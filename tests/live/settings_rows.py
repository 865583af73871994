"""Settings of the world of these tests in the Controller's words."""


def address(text):
    return {"addr": text, "type": "V6" if ":" in text else "V4"}


def prefix(text):
    ip, _, mask = text.partition("/")
    return {"ip_addr": address(ip), "mask": int(mask)}


RECORDS = [
    {
        "type": "DNS_RECORD_CNAME",
        "fqdn": ["alias.avi.iberia.local"],
        "cname": {"cname": "test.avi.iberia.local"},
        "ttl": 60,
    },
    {
        "type": "DNS_RECORD_MX",
        "fqdn": ["avi.iberia.local"],
        "mx_records": [
            {"priority": 10, "host": "mail.iberia.local"},
            {"priority": 20, "host": "mx.iberia.local"},
        ],
    },
    {
        "type": "DNS_RECORD_NS",
        "fqdn": ["sub.avi.iberia.local"],
        "ns": [{"nsname": "ns1.iberia.local", "ip_address": address("10.10.24.3")}],
    },
    {
        "type": "DNS_RECORD_SRV",
        "fqdn": ["_sip._udp.avi.iberia.local"],
        "service_locator": [{"weight": 5, "port": 5060, "target": "sip.iberia.local", "priority": 0}],
    },
    {
        "type": "DNS_RECORD_TXT",
        "fqdn": ["avi.iberia.local"],
        "txt_records": [{"text_str": "v=spf1 -all"}],
        "wildcard_match": True,
    },
]
"""Records of every type but those of addresses."""


def _row(api, name, **members):
    uuid = f"{api}-{name}"
    return {"uuid": uuid, "name": name, "url": f"https://10.10.20.10/api/{api}/{uuid}", **members}


def enrich(rows, found):
    """The same in the Controller's words, and something beside it that nobody declared."""
    cloud = {name: rows["cloud", "Default-Cloud"][name] for name in ("tenant_ref",)}
    cloud["cloud_ref"] = rows["cloud", "Default-Cloud"]["url"]
    found["vimgrclusterruntime"] = [_row("vimgrclusterruntime", "Cluster1", **cloud)]
    found["vimgrhostruntime"] = [_row("vimgrhostruntime", name, **cloud) for name in ("esx1", "esx2", "esx3")]
    found["sslkeyandcertificate"] = [
        _row("sslkeyandcertificate", name, tenant_ref=cloud["tenant_ref"])
        for name in ("portal-cert", "other")
    ]
    _accounts(found, cloud["tenant_ref"])
    found["sslkeyandcertificate"][0] |= {
        "certificate": {
            "subject_alt_names": ["avi.iberia.local", "10.10.20.10", "other.iberia.local"],
            "issuer": {"common_name": "Iberia CA"},
            "not_after": "2030-01-01 00:00:00",
        },
        "ca_certs": [{"name": "sub-ca"}, {"name": "root-ca"}],
    }
    rows["cloud", "Default-Cloud"] |= {
        "mtu": 9000,
        "license_tier": "ENTERPRISE",
        "se_group_template_ref": rows["serviceenginegroup", "S1-AZ1-SE-Group"]["url"],
        "prefer_static_routes": True,
        "enable_vip_static_routes": True,
    }
    rows["cloud", "Default-Cloud"]["vcenter_configuration"]["content_lib"] = {"id": "lib-1", "name": "images"}
    rows["network", "REGIONB_VMS_3024"] |= {
        "exclude_discovered_subnets": True,
        "markers": [{"key": "site", "values": ["a"]}],
    }
    profile = rows["ipamdnsproviderprofile", "DNS_Default"]["internal_profile"]
    profile["dns_service_domain"][0]["pass_through"] = False
    rows["virtualservice", "local-dns-site1"]["static_dns_records"] += RECORDS
    rows["vrfcontext", "VRF_AZ1"] |= _routing(rows["network", "AVI_FRONTEND_3025"]["url"])
    rows["serviceenginegroup", "S1-AZ1-SE-Group"] |= _group(
        found, rows["network", "REGIONB_MGMT_3020"]["url"]
    )
    found["systemconfiguration"][0] |= _system(found["sslkeyandcertificate"][0]["url"])


def _accounts(found, admin):
    blue = {
        "config_settings": {
            "se_in_provider_context": True,
            "tenant_access_to_provider_se": True,
            "tenant_vrf": True,
        }
    }
    found["tenant"] = [
        {**_row("tenant", "admin"), "uuid": "admin", "url": admin.partition("#")[0]},
        _row("tenant", "blue", **blue),
    ]
    right = [("VIRTUALSERVICE", "WRITE"), ("CLOUD", "READ"), ("POOL", "WRITE"), ("ROLE", "NO")]
    privileges = [{"resource": f"PERMISSION_{name}", "type": f"{access}_ACCESS"} for name, access in right]
    kept = [
        {"match_label": {"key": "team", "values": ["blue", "red"]}, "match_operation": "ROLE_FILTER_EQUALS"},
        {"match_label": {"key": "site", "values": ["old"]}, "enabled": False},
    ]
    role = _row(
        "role", "ako", tenant_ref=admin, privileges=privileges, filters=kept, allow_unlabelled_access=False
    )
    found["role"] = [role]
    rules = {
        "max_concurrent_sessions": 8,
        "credentials_timeout_threshold": 90,
        "max_login_failure_count": 5,
        "account_lock_timeout": 10,
        "max_password_history_count": 6,
    }
    found["useraccountprofile"] = [_row("useraccountprofile", "machines", **rules)]
    access = [
        {"role_ref": role["url"], "tenant_ref": found["tenant"][1]["url"], "all_tenants": False},
        {"role_ref": role["url"], "all_tenants": True},
    ]
    profile = found["useraccountprofile"][0]["url"]
    members = {"is_superuser": False, "is_active": True, "access": access, "user_profile_ref": profile}
    found["user"] = [_row("user", "ako-user", **members)]
    node = {"ip": address("10.10.20.11"), "name": "node1"}
    found["cluster"] = [
        {"uuid": "cluster-1", "name": "c", "virtual_ip": address("10.10.20.10"), "nodes": [node]}
    ]
    backup = {"maximum_backups_stored": 6, "save_local": True, "upload_to_remote_host": True}
    backup |= {"remote_hostname": "backup.iberia.local", "remote_directory": "/backups"}
    found["backupconfiguration"] = [
        _row("backupconfiguration", "Backup-Configuration", tenant_ref=admin, **backup)
    ]
    schedule = {"enabled": True, "frequency": 1, "frequency_unit": "SCHEDULER_FREQUENCY_UNIT_DAY"}
    found["scheduler"] = [_row("scheduler", "Default-Scheduler", tenant_ref=admin, **schedule)]
    server = {
        "syslog_server": "log.iberia.local",
        "syslog_server_port": 6514,
        "udp": False,
        "tls_enable": True,
    }
    servers = [{**server, "format": "SYSLOG_RFC5424"}, {"syslog_server": "10.10.20.3", "udp": True}]
    found["alertsyslogconfig"] = [
        _row("alertsyslogconfig", "Syslog", tenant_ref=admin, syslog_servers=servers)
    ]


def _route(ident, net, hop, **more):
    return {"route_id": ident, "prefix": prefix(net), "next_hop": address(hop), **more}


def _routing(network):
    mark = [{"key": "clustername", "value": "s1az1"}]
    peer = {"peer_ip": address("10.10.25.3"), "subnet": prefix("10.10.25.0/24"), "network_ref": network}
    return {
        "static_routes": [
            _route("s1az1-1", "10.244.0.0/24", "10.10.24.161", labels=mark),
            _route("1", "0.0.0.0/0", "10.10.25.1"),
            _route("2", "10.60.0.0/16", "10.10.25.2"),
            _route("4", "2001:db8:60::/48", "2001:db8:26::1"),
            _route("s1az1-2", "10.244.1.0/24", "10.10.24.162"),
        ],
        "bgp_profile": {
            "local_as": 65001,
            "ibgp": False,
            "hold_time": 90,
            "keepalive_interval": 30,
            "peers": [
                {**peer, "remote_as": 65002, "label": "blue", "bfd": True, "advertise_snat_ip": False},
                {"peer_ip6": address("2001:db8:26::3"), "remote_as": 65003, "md5_secret": "<sensitive>"},
                {"peer_ip": address("10.10.25.9"), "remote_as": 65009},
            ],
        },
        "bfd_profile": {"mintx": 1500, "minrx": 1500, "multi": 3},
        "gateway_mon": [
            {
                "gateway_ip": address("10.10.25.1"),
                "gateway_monitor_interval": 2000,
                "gateway_monitor_fail_threshold": 5,
                "gateway_monitor_success_threshold": 8,
            }
        ],
    }


def _group(found, network):
    clusters, hosts = found["vimgrclusterruntime"], found["vimgrhostruntime"]
    return {
        "vcpus_per_se": 2,
        "memory_per_se": 4096,
        "disk_per_se": 30,
        "cpu_reserve": True,
        "mem_reserve": True,
        "max_se": 4,
        "min_se": 1,
        "max_vs_per_se": 20,
        "min_scaleout_per_vs": 2,
        "max_scaleout_per_vs": 4,
        "algo": "PLACEMENT_ALGO_DISTRIBUTED",
        "se_deprovision_delay": 60,
        "license_tier": "ENTERPRISE",
        "vcenter_clusters": {"include": True, "cluster_refs": [clusters[0]["url"]]},
        "vcenter_hosts": {"include": False, "host_refs": [row["url"] for row in hosts[:1]]},
        "vcenter_datastores": [{"datastore_name": "ds1"}, {"datastore_name": "ds2"}],
        "vcenter_datastores_include": True,
        "vcenter_datastore_mode": "VCENTER_DATASTORE_SHARED",
        "mgmt_network_ref": network,
        "mgmt_subnet": prefix("10.10.20.0/24"),
        "labels": [{"key": "clustername", "value": "s1az1"}, {"key": "owner", "value": "team"}],
        "markers": [{"key": "site", "values": ["a", "b"]}, {"key": "theirs", "values": ["c"]}],
    }


def _system(certificate):
    return {
        "dns_configuration": {
            "server_list": [address("10.10.20.2"), {"addr": "ns.iberia.local", "type": "DNS"}],
            "search_domain": "iberia.local",
        },
        "ntp_configuration": {
            "ntp_servers": [
                {"server": address("10.10.20.2"), "key_number": 1},
                {"server": {"addr": "ntp.iberia.local", "type": "DNS"}},
                {"server": address("192.0.2.1")},
            ]
        },
        "snmp_configuration": {
            "version": "SNMP_VER3",
            "sys_location": "rack 7",
            "sys_contact": "noc@iberia.local",
        },
        "linux_configuration": {"banner": "authorised use only", "motd": "welcome"},
        "portal_configuration": {
            "allow_basic_authentication": False,
            "enable_http": False,
            "redirect_to_https": True,
            "api_force_timeout": 12,
            "password_strength_check": True,
            "minimum_password_length": 15,
            "sslkeyandcertificate_refs": [certificate],
        },
        "global_tenant_config": {
            "se_in_provider_context": True,
            "tenant_access_to_provider_se": False,
            "tenant_vrf": True,
        },
        "default_license_tier": "ENTERPRISE",
    }
