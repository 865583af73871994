"""vCenter as a source: sessions on demand, its inventory read once and kept until it is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from intent import Blocked, Environment, Vcenter, VcenterAccount, VmFolder
from live.credentials import Login
from live.sources.answers import Answers
from live.vcenter.inventory import Inventory, Vsphere

if TYPE_CHECKING:
    from live.vcenter.gateway import VcenterGateway


class VcenterSource:
    """The declared vCenter. `recorded`: a saved snapshot is checked, which holds nothing of vCenter."""

    def __init__(
        self,
        environment: Environment,
        login: Callable[[], Login],
        request_seconds: float = 30.0,
        exchange_seconds: float | None = None,
        *,
        recorded: bool = False,
    ) -> None:
        self.environment = environment
        self._login = login
        self._request_seconds = request_seconds
        self._exchange_seconds = exchange_seconds
        self._recorded = recorded
        self._inventories = Answers(self._read)
        self._datacenters = Answers(self._datacenter)

    @property
    def declared(self) -> Vcenter:
        """The vCenter of the environment. Raises Blocked when it declares none."""
        if self.environment.vcenter is None:
            raise Blocked("the environment declares no vCenter")
        return self.environment.vcenter

    def gateway(self, *, writable: bool = False) -> VcenterGateway:
        """A new session, which the caller closes. Raises Unknown when there are no credentials, Blocked."""
        from live.vcenter.gateway import VcenterGateway  # noqa: PLC0415 -- only runs that speak to vCenter pay for pyVmomi

        declared, (username, password) = self.declared, self._login()
        base = self.environment.path.parent
        return VcenterGateway(
            declared,
            username,
            password,
            base=base,
            writable=writable,
            timeout=self._request_seconds,
            exchange=self._exchange_seconds,
        )

    @property
    def inventory(self) -> Inventory:
        """All of it at one moment. Raises Unknown when it could not be read, Blocked where it is not to be asked."""
        if self._recorded:
            raise Blocked("a saved snapshot holds nothing of vCenter")
        return self._inventories.get(self.declared.address)

    @property
    def known(self) -> Inventory | None:
        """What was read last, without reading anything."""
        return next(
            (read for read in self._inventories.known().values() if isinstance(read, Inventory)), None
        )

    @property
    def vsphere(self) -> Vsphere:
        """The declared datacenter at one moment. Raises Blocked when it is not there, Unknown."""
        return self._datacenters.get(self.declared.datacenter)

    def forget(self) -> None:
        """The next question goes over the wire."""
        self._inventories.forget()
        self._datacenters.forget()

    def _datacenter(self, name: str) -> Vsphere:
        return Vsphere(self.inventory, name)

    def _read(self, _address: str) -> Inventory:
        gateway = self.gateway()
        try:
            accounts = tuple(account.name for account in self.environment.each(VcenterAccount))
            folders = tuple(folder.name for folder in self.environment.each(VmFolder))
            return gateway.read(accounts, folders)
        finally:
            gateway.close()
