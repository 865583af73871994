"""vCenters as sources: sessions on demand, each inventory read once and kept until it is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING

from intent import Blocked, Environment, Vcenter, VcenterAccount, VmFolder
from live.credentials import Login
from live.deadlines import USUAL, Timeouts
from live.sources.answers import Answers
from live.vcenter.inventory import Inventory, VcenterEvent, Vsphere

EVENTS_SECONDS = 20.0
"""For reading the events: they are told beside the verdict."""

if TYPE_CHECKING:
    from live.vcenter.gateway import VcenterGateway


class VcenterSource:
    """One declared vCenter. `recorded`: a saved snapshot is checked, which holds nothing of vCenter."""

    def __init__(
        self,
        environment: Environment,
        declared: Vcenter,
        login: Callable[[Vcenter], Login],
        timeouts: Timeouts = USUAL,
        *,
        recorded: bool = False,
    ) -> None:
        self.environment = environment
        self.declared = declared
        self._login = login
        self._timeouts = timeouts
        self._recorded = recorded
        self._inventories = Answers(self._read)
        self._datacenters = Answers[str, Vsphere](lambda name: Vsphere(self.inventory, name))
        self._events = Answers(self._read_events)

    def gateway(self, *, writable: bool = False, seconds: float = inf) -> VcenterGateway:
        """A new session, which the caller closes. Raises Unknown when there are no credentials.

        `seconds`: the most that one call may take, where that is less than this source's own.
        """
        from live.vcenter.gateway import VcenterGateway  # noqa: PLC0415 -- only runs that speak to vCenter pay for pyVmomi

        username, password = self._login(self.declared)
        base = self.environment.path.parent
        return VcenterGateway(
            self.declared,
            username,
            password,
            base=base,
            writable=writable,
            timeouts=self._timeouts.at_most(seconds),
        )

    def ask_ahead(self) -> None:
        """Begin to read its inventory, beside whatever else is asked."""
        if not self._recorded:
            self._inventories.ahead([self.declared.address])

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
    def failed(self) -> bool:
        """Whether its inventory was asked for last and could not be had."""
        return any(isinstance(read, BaseException) for read in self._inventories.known().values())

    @property
    def vsphere(self) -> Vsphere:
        """The declared datacenter at one moment. Raises Blocked when it is not there, Unknown."""
        return self._datacenters.get(self.declared.datacenter)

    def events(self, *, power: bool = False) -> tuple[VcenterEvent, ...]:
        """Its latest events, newest first, read once: those of machines that were powered, or all others.

        Raises as `inventory` does.
        """
        if self._recorded:
            raise Blocked("a saved snapshot holds nothing of vCenter")
        return self._events.get("power" if power else "")

    def forget(self) -> None:
        """The next question goes over the wire."""
        self._inventories.forget()
        self._datacenters.forget()
        self._events.forget()

    def _read(self, _address: str) -> Inventory:
        gateway = self.gateway()
        try:
            return gateway.read(
                self._called(VcenterAccount), self._called(VmFolder), tuple(dict.fromkeys(self._paths()))
            )
        finally:
            gateway.close()

    def _read_events(self, which: str) -> tuple[VcenterEvent, ...]:
        gateway = self.gateway(seconds=EVENTS_SECONDS)
        try:
            return gateway.events(power=which == "power")
        finally:
            gateway.close()

    def _paths(self) -> Iterator[str]:
        """The inventory paths on which privileges of an account of this vCenter are declared."""
        for account in self.environment.each(VcenterAccount):
            if account.vcenter in ("", self.declared.name):
                yield from (part.on for part in account.privileges or () if part.on is not None)

    def _called(self, kind: type[VcenterAccount | VmFolder]) -> tuple[str, ...]:
        """What is declared of a kind in this vCenter, by its name there."""
        every = self.environment.each(kind)
        return tuple(each.called for each in every if each.vcenter in ("", self.declared.name))


class VcenterSources:
    """The declared vCenters by name, each a source of its own: none waits for another."""

    def __init__(self, environment: Environment, sources: Iterable[VcenterSource]) -> None:
        self.environment = environment
        self.by_name = {source.declared.name: source for source in sources}

    def of(self, name: str = "") -> VcenterSource:
        """The one of that name; without a name, the one that the file declares. Raises Blocked."""
        if not self.by_name:
            raise Blocked("the environment declares no vCenter")
        if not name and len(self.by_name) > 1:
            if self.environment.vcenter is None:
                raise Blocked(f"the environment declares several vCenters: {', '.join(self.by_name)}")
            name = self.environment.vcenter.name
        if name and name not in self.by_name:
            raise Blocked(f"the environment declares no vCenter {name}")
        return self.by_name[name] if name else next(iter(self.by_name.values()))

    def ask_ahead(self, names: Iterable[str]) -> None:
        """Begin to read those of these names side by side; "" is the only one."""
        for name in dict.fromkeys(names):
            with suppress(Blocked):
                self.of(name).ask_ahead()

    @property
    def known(self) -> list[Inventory]:
        """What was read last of each, without reading anything."""
        return [source.known for source in self.by_name.values() if source.known is not None]

    @property
    def unreadable(self) -> list[str]:
        """The names of those whose inventory was asked for last and could not be had."""
        return [name for name, source in self.by_name.items() if source.failed]

    def forget(self) -> None:
        """The next question goes over the wire."""
        for source in self.by_name.values():
            source.forget()
