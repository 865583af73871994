"""Hosts as they are: all declared ones asked side by side at the first question, each once, by one script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from intent import Blocked, DnsService, Environment, Host, HostLookup, HostPath, Key, Lookup, Unknown, Vcenter
from intent.values import ScopedName, scoped_name
from intent.words import counted
from live.avi.snapshot import Live
from live.facts import runtime
from live.kinds.dns import vip_addresses
from live.sources.answers import Answers
from live.sources.dns import split, where
from live.sources.host_script import Asked, Questions
from live.sources.host_visit import Visit, visit


class Hosts:
    """Asks the declared hosts over SSH. `recorded`: a saved snapshot is checked, which holds nothing of hosts.

    `say` takes a line for a person.
    """

    def __init__(
        self,
        environment: Environment,
        live: Callable[[], Live],
        say: Callable[[str], None],
        *,
        recorded: bool = False,
    ) -> None:
        self._environment = environment
        self._live = live
        self.ssh_config: Path | None = None
        """The configuration file to use instead of OpenSSH's own."""
        self._say = say
        self._recorded = recorded
        self._questions: dict[str, tuple[Host, Questions]] = {}
        self._visits = Answers(self._visit)
        self._endpoints = Answers(self._endpoint_of)

    def visit(self, host: Host) -> Visit:
        """What a host said. Raises Unknown when it cannot be asked, Blocked in a run on a saved snapshot."""
        if self._recorded:
            raise Blocked("a saved snapshot holds nothing of hosts")
        self.ask_ahead()
        return self._visits.get(host.name)

    def ask_ahead(self) -> None:
        """Begin to ask every declared host, once: none waits for another's silence."""
        if not self._questions and not self._recorded:
            hosts = self._environment.hosts
            self._questions = {each.name: (each, self._questions_for(each)) for each in hosts}
            self._say(f"asking {counted(len(hosts), 'host')}")
            self._visits.ahead(self._questions, whom=lambda name: name)

    def why_not(self, path: HostPath) -> str:
        """Why a host does not reach what it must; "" when it does. Raises Blocked, Unknown."""
        service = self._service(path.target)
        if service is not None:
            asked = self._asked(path.host, service, self._any_name(service), "A")
            if asked is None:
                self._blocked_by(service)
                return f"no answer from {self._at(service)[0]} to a DNS question"
            return ""
        address, port = self._endpoint(path.target)
        facts = self.visit(path.host).facts
        if (address, port) not in facts.paths:
            raise Unknown(
                f"host {path.host.name} has no bash or nc with which {address}:{port} could be tried; install one"
            )
        return facts.paths[address, port]

    def own(self, name: HostLookup) -> tuple[str, ...]:
        """What a host's own resolver makes of a name. Raises Unknown."""
        facts = self.visit(name.host).facts
        if name.lookup.name not in facts.names:
            raise Unknown(f"host {name.host.name} has no getent with which its resolver could be asked")
        return tuple(a for a in facts.names[name.lookup.name] if (":" in a) == (name.lookup.type == "AAAA"))

    def asked(self, name: HostLookup) -> Asked:
        """What the DNS service answers a host. Raises Blocked when it answers nothing, Unknown."""
        answer = self._asked(name.host, name.lookup.service, name.lookup.name, name.lookup.type)
        if answer is None:
            self._blocked_by(name.lookup.service)
            service = name.lookup.service.key
            raise Blocked(f"{service} does not answer host {name.host.name}", on=service)
        return answer

    def _blocked_by(self, service: DnsService) -> None:
        """Raise Blocked where the Controller says that a service is not up: no host and no way to it is at fault."""
        state = runtime.UP
        with suppress(Unknown):
            state, reasons = runtime.service_state(self._live(), service)
        if state != runtime.UP:
            raise Blocked(f"{service.key} is not up ({'; '.join((state, *reasons))})", on=service.key)

    def configured(self, host: Host) -> Host:
        """A host's resolver and NTP configuration, as the declared model. Raises Unknown where one is not found."""
        facts = self.visit(host).facts
        for member, value in (("nameservers", facts.nameservers), ("ntp_servers", facts.ntp_servers)):
            if getattr(host, member) is not None and value is None:
                raise Unknown(
                    f"host {host.name} has no configuration in which its {member} could be looked up"
                )
        try:
            servers = tuple(ip_address(text.partition("%")[0]) for text in facts.nameservers or ())
        except ValueError as error:
            raise Unknown(f"the name servers in the resolver's configuration of {host}: {error}") from None
        return Host.model_construct(
            name=host.name, connection=host.connection, nameservers=servers, ntp_servers=facts.ntp_servers
        )

    def skew(self, host: Host) -> tuple[float, float]:
        """A host's clock minus this machine's and what that may be off, in seconds. Raises Unknown."""
        answer = self.visit(host)
        if answer.skew is None:
            raise Unknown(f"the date of host {host.name} does not say the time in seconds")
        return answer.skew, answer.slack

    def forget(self) -> None:
        """The next question is asked anew."""
        self._questions = {}
        self._visits.forget()
        self._endpoints.forget()

    def _asked(self, host: Host, service: DnsService, name: str, kind: str) -> Asked | None:
        address, port = self._at(service)
        facts = self.visit(host).facts
        if (address, port, name, kind) not in facts.asked:
            raise Unknown(f"host {host.name} has no dig or python3 with which {address} could be asked")
        return facts.asked[address, port, name, kind]

    def _questions_for(self, host: Host) -> Questions:
        """Everything that the checks will want of a host."""
        environment = self._environment
        lookups = [declared.lookup for declared in environment.each(HostLookup) if declared.host == host]
        asked: dict[tuple[str, int, str, str], None] = {}
        for service, name, kind in self._wanted(host, lookups):
            try:
                asked[(*self._at(service), name, kind)] = None
            except (Blocked, Unknown):
                continue  # its own check says so
        plain = [target for target in host.reaches if self._service(target) is None]
        paths: dict[tuple[str, int], None] = {}
        for target in plain:
            try:
                paths[self._endpoint(target)] = None
            except Blocked:
                continue
        return Questions(tuple(paths), tuple(dict.fromkeys(look.name for look in lookups)), tuple(asked))

    def _wanted(self, host: Host, lookups: list[Lookup]) -> Iterator[tuple[DnsService, str, str]]:
        for lookup in lookups:
            yield lookup.service, lookup.name, lookup.type
        for target in host.reaches:
            if (service := self._service(target)) is not None:
                yield service, self._any_name(service), "A"

    def _service(self, target: str | ScopedName) -> DnsService | None:
        meant = scoped_name(target)
        for service in self._environment.each(DnsService):
            there = meant.cloud in (service.cloud, None) and meant.tenant in (service.tenant, None)
            if service.name == meant.name and there:
                return service
        return None

    def _any_name(self, service: DnsService) -> str:
        return service.fqdn or next((record.name for record in service.records or ()), service.name)

    def _visit(self, name: str) -> Visit:
        host, questions = self._questions[name]
        return visit(host, questions, self.ssh_config)

    def _at(self, service: DnsService) -> tuple[str, int]:
        """Where a DNS service is asked. Raises Blocked when it has no VIP, Unknown."""
        return self._endpoints.get(service.key)

    def _endpoint_of(self, service: Key) -> tuple[str, int]:
        declared = self._environment.find(service)
        assert isinstance(declared, DnsService)
        # With `resolve_via` the Controller need not even answer.
        return split(declared.resolve_via) if declared.resolve_via else where(declared, self._live())

    def _endpoint(self, target: str | ScopedName) -> tuple[str, int]:
        environment = self._environment
        if target == "controller":
            return environment.controller.address, environment.controller.port
        for vcenter in environment.each(Vcenter):
            if target == vcenter.name or (target == "vcenter" and vcenter is environment.vcenter):
                return vcenter.address, vcenter.port
        if target == "vcenter":
            raise Blocked("the environment declares no vCenter under vcenter")
        return split(str(target))

    def wanted(self, name: HostLookup) -> tuple[str, ...]:
        """The addresses a name must have: its record's, or the VIP its service has now.

        Raises Blocked where the service itself serves others than declared: no host can be blamed for that. Unknown.
        """
        self._blocked_by(name.lookup.service)
        lookup, live = name.lookup, self._live()
        if lookup.addresses is not None:
            wanted = tuple(sorted(str(address) for address in lookup.addresses))
            for record in live[lookup.service].records or ():
                served = tuple(sorted(str(address) for address in record.addresses or ()))
                if (record.name, record.type) == (lookup.name, lookup.type) and served != wanted:
                    service = lookup.service.key
                    raise Blocked(f"{service} serves {lookup.name} as {', '.join(served)}", on=service)
            return wanted
        return tuple(
            sorted(
                str(address)
                for address in vip_addresses(live.raw(name.lookup.service), live.names)
                if (address.version == 6) == (name.lookup.type == "AAAA")
            )
        )
