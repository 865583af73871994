"""Desired state: what is declared of a site, and how it is compared. Pure; of ours it imports `avi_schema` alone."""

from avi_schema.command_line import required

with required():
    from intent.base import Declared, Intent, Key, Keyed, NotCompared, Ordered, Unordered
    from intent.drift import (
        EXISTENCE,
        Blocked,
        Drift,
        Drifted,
        Unknown,
        compare,
        field_of,
        plain,
        require,
        require_once,
    )
    from intent.environment import Environment, Remediation
    from intent.kinds.cloud import Cloud, ManagementNetwork, VcenterSettings
    from intent.kinds.clusters import Cluster
    from intent.kinds.controller import Controller, Size, SystemSettings
    from intent.kinds.dns import DnsService, Lookup, Service, StaticRecord, Vip
    from intent.kinds.hosts import Host, HostLookup, HostPath
    from intent.kinds.nsxt import VcenterServer
    from intent.kinds.objects import ConfigObject, ObjectMember
    from intent.kinds.profiles import DnsProfile, IpamProfile, ServiceDomain
    from intent.kinds.routing import Network, Pool, PortGroupSettings, Subnet, VrfContext
    from intent.kinds.service_engines import RealTimeMetrics, ServiceEngineGroup
    from intent.kinds.vcenter import (
        AviAccount,
        ControllerVm,
        PortGroup,
        ServiceEngineVm,
        Vcenter,
        VcenterAccount,
        VmFolder,
    )
    from intent.loading import load as load_environment
    from intent.paths import every_path
    from intent.source import Invalid, Problem
    from intent.values import IpRange
