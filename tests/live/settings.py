"""Settings of the world of these tests: what is declared beside the blog's; settings_rows has the same as a Controller answers it."""


def declare(data):
    """Add to an environment's data one of every setting."""
    data["vrfs"][0] |= {
        "default_gateway": "10.10.25.1",
        "static_routes": [
            {"prefix": "10.60.0.0/16", "next_hop": "10.10.25.2"},
            {"prefix": "2001:db8:60::/48", "next_hop": "2001:db8:26::1"},
        ],
        "bgp": {
            "local_as": 65001,
            "ibgp": False,
            "hold_time": 90,
            "keepalive": 30,
            "peers": [
                {
                    "address": "10.10.25.3",
                    "remote_as": 65002,
                    "network": "AVI_FRONTEND_3025",
                    "label": "blue",
                    "bfd": True,
                    "advertise_vip": True,
                    "advertise_snat": False,
                },
                {"address": "2001:db8:26::3", "remote_as": 65003},
            ],
        },
        "bfd": {"min_tx": 1500, "min_rx": 1500, "multiplier": 3},
        "gateway_monitors": [{"gateway": "10.10.25.1", "interval": 2000, "failures": 5, "successes": 8}],
    }
    data["clouds"][0] |= {
        "mtu": 9000,
        "license_tier": "enterprise",
        "se_group_template": "S1-AZ1-SE-Group",
        "prefer_static_routes": True,
        "vip_static_routes": True,
    }
    data["clouds"][0]["vcenter"]["content_library"] = {"id": "lib-1", "name": "images"}
    network = next(each for each in data["networks"] if each["name"] == "REGIONB_VMS_3024")
    network |= {
        "moref": "dvportgroup-35",
        "exclude_discovered_subnets": True,
        "markers": [{"key": "site", "values": ["a"]}],
    }
    data["dns_profiles"][0]["domains"][0]["pass_through"] = False
    service = data["dns_services"][0]
    service["services"][0]["tls"] = False
    service["vip"]["family"] = "v4"
    service["names"] = ["local-dns-site1.avi.iberia.local"]
    service["records"] += [
        {"name": "alias.avi.iberia.local", "type": "CNAME", "values": ["Test.avi.iberia.local."], "ttl": 60},
        {"name": "avi.iberia.local", "type": "MX", "values": ["10 mail.iberia.local", "20 mx.iberia.local"]},
        {"name": "sub.avi.iberia.local", "type": "NS", "values": ["ns1.iberia.local 10.10.24.3"]},
        {"name": "_sip._udp.avi.iberia.local", "type": "SRV", "values": ["0 5 5060 sip.iberia.local"]},
        {"name": "avi.iberia.local", "type": "TXT", "values": ["v=spf1 -all"], "wildcard": True},
    ]
    data |= {
        "tenants": [
            {
                "name": "blue",
                "settings": {"engines_of_provider": True, "engines_readable": True, "own_vrfs": True},
            }
        ],
        "roles": [
            {
                "name": "ako",
                "privileges": [
                    {"resource": "PERMISSION_VIRTUALSERVICE", "access": "write"},
                    {"resource": "PERMISSION_CLOUD", "access": "read"},
                ],
                "filters": [{"key": "team", "values": ["red", "blue"], "match": "equals"}],
                "unlabelled": False,
            }
        ],
        "account_profiles": [
            {
                "name": "machines",
                "max_sessions": 8,
                "password_days": 90,
                "max_failures": 5,
                "lock_minutes": 10,
                "password_history": 6,
            }
        ],
        "users": [
            {
                "name": "ako-user",
                "superuser": False,
                "active": True,
                "access": [{"tenant": "blue", "role": "ako"}, {"tenant": "*", "role": "ako"}],
                "profile": "machines",
            }
        ],
        "controller_cluster": {
            "virtual_ip": "10.10.20.10",
            "nodes": [{"address": "10.10.20.11", "name": "node1"}],
        },
        "backups": [
            {
                "name": "Backup-Configuration",
                "keep": 6,
                "local": True,
                "remote": True,
                "host": "backup.iberia.local",
                "directory": "/backups",
                "max_age_hours": 30,
            }
        ],
        "schedules": [{"name": "Default-Scheduler", "enabled": True, "every": 1, "unit": "day"}],
        "certificates": [
            {
                "name": "portal-cert",
                "names": ["avi.iberia.local", "10.10.20.10"],
                "issuer": "Iberia CA",
                "chain": ["sub-ca", "root-ca"],
                "min_days": 30,
            }
        ],
        "syslog": [
            {
                "name": "Syslog",
                "servers": [
                    {
                        "server": "log.iberia.local",
                        "port": 6514,
                        "udp": False,
                        "tls": True,
                        "format": "rfc5424",
                    },
                    {"server": "10.10.20.3"},
                ],
            }
        ],
    }
    data["se_groups"][0] |= {
        "vcpus": 2,
        "memory_mb": 4096,
        "disk_gb": 30,
        "reserve_cpu": True,
        "reserve_memory": True,
        "max_se": 4,
        "min_se": 1,
        "max_vs_per_se": 20,
        "min_scaleout": 2,
        "max_scaleout": 4,
        "algorithm": "distributed",
        "deprovision_delay": 60,
        "license_tier": "enterprise",
        "clusters": {"include": True, "names": ["Cluster1"]},
        "hosts": {"include": False, "names": ["esx1"]},
        "datastores": {"include": True, "names": ["ds1", "ds2"], "mode": "shared"},
        "management": {"network": "REGIONB_MGMT_3020", "subnet": "10.10.20.0/24"},
        "labels": [{"key": "owner", "value": "team"}],
        "markers": [{"key": "site", "values": ["a", "b"]}],
    }
    data["system"] |= {
        "dns_servers": ["10.10.20.2", "ns.iberia.local"],
        "search_domain": "iberia.local",
        "ntp_servers": ["10.10.20.2", "ntp.iberia.local"],
        "snmp": {"version": "v3", "location": "rack 7", "contact": "noc@iberia.local"},
        "banner": "authorised use only",
        "message_of_the_day": "welcome",
        "portal": {
            "basic_authentication": False,
            "http": False,
            "redirect_to_https": True,
            "session_hours": 12,
            "strong_passwords": True,
            "min_password_length": 15,
            "certificates": ["portal-cert"],
        },
        "tenancy_mode": {"engines_of_provider": True, "engines_readable": False, "own_vrfs": True},
        "license_tier": "enterprise",
    }
