"""Mapping of system-wide settings: the declared `system` <-> the Controller's `systemconfiguration`."""

from __future__ import annotations

from intent import SystemSettings
from live.kinds.base import Kind, references

SYSTEM = Kind(
    SystemSettings,
    "systemconfiguration",
    {"dns_services": references("virtualservice", "dns_virtualservice_refs")},
)
