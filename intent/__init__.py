"""Desired state: what is declared of a site, and how it is compared. Pure; imports nothing of ours."""

from intent.base import Declared, Intent, Key, Keyed, NotCompared, Ordered, Unordered
from intent.cloud import Cloud, ManagementNetwork, VcenterSettings
from intent.controller import Controller, Size, SystemSettings
from intent.dns import DnsService, Lookup, Service, StaticRecord, Vip
from intent.drift import (
    EXISTENCE,
    Blocked,
    Drift,
    Drifted,
    Unknown,
    compare,
    every_path,
    field_of,
    plain,
    require,
    require_once,
)
from intent.environment import Environment, Remediation
from intent.hosts import Host, HostLookup, HostPath
from intent.profiles import DnsProfile, IpamProfile, ServiceDomain
from intent.routing import Network, Pool, PortGroupSettings, Subnet, VrfContext
from intent.service_engines import RealTimeMetrics, ServiceEngineGroup
from intent.source import Invalid, Problem
from intent.values import IpRange
from intent.vcenter import (
    AviAccount,
    ControllerVm,
    PortGroup,
    ServiceEngineVm,
    Vcenter,
    VcenterAccount,
    VmFolder,
)

__all__ = [
    "EXISTENCE",
    "AviAccount",
    "Blocked",
    "Cloud",
    "Controller",
    "ControllerVm",
    "Declared",
    "DnsProfile",
    "DnsService",
    "Drift",
    "Drifted",
    "Environment",
    "Host",
    "HostLookup",
    "HostPath",
    "Intent",
    "Invalid",
    "IpRange",
    "IpamProfile",
    "Key",
    "Keyed",
    "Lookup",
    "ManagementNetwork",
    "Network",
    "NotCompared",
    "Ordered",
    "Pool",
    "PortGroup",
    "PortGroupSettings",
    "Problem",
    "RealTimeMetrics",
    "Remediation",
    "Service",
    "ServiceDomain",
    "ServiceEngineGroup",
    "ServiceEngineVm",
    "Size",
    "StaticRecord",
    "Subnet",
    "SystemSettings",
    "Unknown",
    "Unordered",
    "Vcenter",
    "VcenterAccount",
    "VcenterSettings",
    "Vip",
    "VmFolder",
    "VrfContext",
    "compare",
    "every_path",
    "field_of",
    "plain",
    "require",
    "require_once",
]
