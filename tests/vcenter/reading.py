"""The product's reader against a peer."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from intent import Vcenter
from lab.tests.vcenter import peers
from live.vcenter.gateway import VcenterGateway


def gateway(peer, user=peers.USER, **options):
    declared = Vcenter(address=peer.address, port=peer.port, ca_file=str(peer.ca_file), datacenter="DC0")
    return VcenterGateway(declared, user, SecretStr("secret"), base=Path("/"), **options)


def read(peer, user=peers.USER, accounts=(), folders=(), paths=()):
    opened = gateway(peer, user)
    try:
        return opened.read(accounts, folders, paths)
    finally:
        opened.close()
