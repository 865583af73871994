"""DNS services as this machine sees them: every question asked once, answers kept, and recorded in a saved snapshot."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from typing import Any

from intent import Blocked, DnsService, Environment, Key, Lookup, Unknown
from intent.conditions import registered_ttl
from intent.words import renamed
from live.avi.snapshot import Live, NotASnapshot
from live.facts import runtime
from live.illness.roots import require_service
from live.kinds.dns import vip_addresses
from live.sources.answers import Answers
from live.sources.dns_answer import DnsAnswer, Silent

RECORDED = "dns"
"""The answers' place in a saved snapshot, beside the collections."""
TRANSPORTS = ("udp", "tcp")

ENOUGH = 2
"""Names for which a service was asked before its silence to one of them counts for all."""
NEVER_THERE = "avi-compliance-no-such-name"
"""A label that nobody registers."""


@dataclass(frozen=True)
class Question:
    """What a DNS service is asked; `at` is where."""

    service: Key
    name: str
    type: str
    transport: str
    at: tuple[str, int] = field(default=("", 0), compare=False)


class Dns:
    """Asks the declared DNS services. `recorded`: answers come from the snapshot alone."""

    def __init__(self, environment: Environment, live: Callable[[], Live], *, recorded: bool = False) -> None:
        self._environment = environment
        self._live = live
        self._recorded = recorded
        self._names: dict[Key, str] = {}
        """The first name that each service declares."""
        self._answers = Answers(_not_recorded if recorded else self._ask)
        self._silences: dict[Hashable, dict[str, Silent | None] | None] = {}
        """What a service was asked over a transport and how it kept silent to it; None once it has answered."""

    def ask(self, name: Lookup, transport: str) -> DnsAnswer:
        """The answer for a declared name.

        Raises Unknown when none was given to it or the service's state was not read, Blocked while its service is
        down, absent, or answers nothing.
        """
        question = self._question(name, transport)
        try:
            return self._answers.get(question)
        except Unknown:
            if why := self.why_no_answer(name.service, transport):
                raise _silent(name.service, transport, why) from None
            raise

    def why_no_answer(self, service: DnsService, transport: str) -> str:
        """Why a service gives no answer at all, or "" when it answers.

        Raises Blocked when it is down or absent, Unknown when the Controller's part of the question was not read.
        """
        question = self._question(service, transport)
        try:
            self._answers.get(question)
        except Unknown as silence:
            return str(silence)
        return ""

    def unknown_name(self, service: DnsService, transport: str) -> str:
        """The response code for a name of the service's domain that does not exist. Raises as `ask` does."""
        if why := self.why_no_answer(service, transport):
            raise _silent(service, transport, why)
        return self._answers.get(self._question(service, transport)).rcode

    def wanted(self, name: Lookup) -> Iterable[Any]:
        """The addresses a name must resolve to: the record's, or for the service's own name the VIP it has."""
        if name.addresses is not None:
            return name.addresses
        live = self._live()
        return [ip for ip in vip_addresses(live.raw(name.service), live.names) if ip.version == 4]

    def wanted_ttl(self, name: Lookup) -> int:
        """The TTL a name must be answered with: its record's, or that of the profile which registers it."""
        ttl = registered_ttl(self._environment, name) if name.addresses is None else name.ttl
        if ttl is None:
            raise Blocked(f"no TTL of {name.name} is declared")
        return ttl

    def ask_ahead(self, subjects: Iterable[tuple[Lookup | DnsService, str]]) -> None:
        """Ask what `ask` and `unknown_name` will, by (name or service, transport), and wait for no answer.

        None is asked of a service that is not up, or of which no address is known; nor where answers are recorded.
        """
        questions = []
        for subject, transport in () if self._recorded else subjects:
            with suppress(Blocked, Unknown):
                questions.append(self._question(subject, transport))
        self._answers.ahead(questions, whom=_asked)

    def record(self) -> list[dict[str, Any]]:
        """Every answer that a check may want, asked now, as plain data; none of a service that is not up."""
        declared: list[Lookup | DnsService] = [
            *self._environment.each(Lookup),
            *self._environment.each(DnsService),
        ]
        subjects = [(subject, transport) for subject in declared for transport in TRANSPORTS]
        self.ask_ahead(subjects)
        for subject, transport in subjects:
            with suppress(Blocked, Unknown):
                self._answers.get(self._question(subject, transport))
        return [_to_data(question, answer) for question, answer in self._answers.known().items()]

    def replay(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take the answers of a saved snapshot. Raises NotASnapshot when they are damaged."""
        try:
            services = [service.key for service in self._environment.each(DnsService)]
            for row in rows:
                question, answer = _from_data(row, services)
                if question is not None:
                    self._answers.keep(question, answer)
        except (KeyError, TypeError, ValueError) as error:
            raise NotASnapshot(f"no DNS answer: {error}") from error

    def forget(self) -> None:
        """The next question goes over the wire; those that still wait for their turn are not asked any more."""
        self._answers.forget()
        self._silences = {}

    def _ask(self, question: Question) -> DnsAnswer:
        """Ask a service; but one that kept silent and has answered none of several names is not waited for again."""
        silences = self._silences.setdefault(_asked(question), {})
        if silences is not None:
            silence = next(filter(None, list(silences.values())), None)
            if silence is not None and len(silences) >= ENOUGH:
                raise Silent(str(silence))
            silences[question.name] = None
        try:
            answer = _ask(question)
        except Silent as silence:
            if silences is not None:
                silences[question.name] = silence
            raise
        except Unknown:
            self._silences[_asked(question)] = None
            raise
        self._silences[_asked(question)] = None
        return answer

    def _question(self, subject: Lookup | DnsService, transport: str) -> Question:
        """The question about a declared name, or about one that a service cannot know. Raises Blocked, Unknown."""
        service = subject.service if isinstance(subject, Lookup) else subject
        name, kind = (
            (subject.name, subject.type) if isinstance(subject, Lookup) else (self._unknown(service), "A")
        )
        live = self._live()
        state, reasons = runtime.service_state(live, service)
        if state != runtime.UP:
            require_service(live, service)
            why = "; ".join((state, *reasons))
            raise Blocked(f"{service.key} is not up ({why})", on=service.key)
        at = ("", 0) if self._recorded else where(service, live)
        return Question(service.key, name, kind, transport, at)

    def _unknown(self, service: DnsService) -> str:
        """A name of the service's domain that does not exist. Raises Blocked when the domain is not known."""
        if not self._names:
            for name in self._environment.each(Lookup):
                self._names.setdefault(name.service.key, name.name)
        if (first := self._names.get(service.key)) is None:
            raise Blocked(f"{service.key} declares no name, so its domain is not known", on=service.key)
        return f"{NEVER_THERE}.{first.partition('.')[2] or first}"


def _asked(question: Question) -> tuple[tuple[str, int], str]:
    return question.at, question.transport


def _silent(service: DnsService, transport: str, why: str) -> Blocked:
    return Blocked(f"{service.key} does not answer over {transport}: {why}", on=service.key)


def _ask(question: Question) -> DnsAnswer:
    from live.sources.resolver import Resolver  # noqa: PLC0415 -- a site without DNS services need not load it

    answer = Resolver(*question.at).ask(question.name, question.type, tcp=question.transport == "tcp")
    if answer.truncated and not answer.addresses:
        address, port = question.at
        raise Unknown(
            f"the DNS service at {address}:{port} cut its whole answer to {question.name} {question.type} over "
            f"{question.transport} off (truncated, TC): nothing of the name was read"
        )
    return answer


def _not_recorded(question: Question) -> DnsAnswer:
    raise Unknown(
        f"the snapshot holds no answer of {question.service} for {question.name} over {question.transport}; make a new "
        "one"
    )


def _to_data(question: Question, answer: DnsAnswer | BaseException) -> dict[str, Any]:
    service = question.service
    row: dict[str, Any] = {
        "question": [str(service), question.name, question.type, question.transport],
        "cloud": service.cloud,
        "tenant": service.tenant,
    }
    if isinstance(answer, BaseException):
        return row | {"silence": str(answer)}
    return row | {"answer": {**asdict(answer), "addresses": [str(address) for address in answer.addresses]}}


def _from_data(
    row: Mapping[str, Any], services: Iterable[Key]
) -> tuple[Question | None, DnsAnswer | Unknown]:
    """(a saved question, its answer); no question where nobody can tell which declared service was asked.

    Earlier versions saved neither cloud nor tenant.
    """
    service, name, kind, transport = row["question"]
    place = {scope: row[scope] for scope in ("cloud", "tenant") if scope in row}
    meant = [
        key for key in services if str(key) == renamed(service) and key._asdict().items() >= place.items()
    ]
    question = Question(meant[0], name, kind, transport) if len(meant) == 1 else None
    if "silence" in row:
        return question, Unknown(row["silence"])
    addresses = tuple(ip_address(address) for address in row["answer"]["addresses"])
    return question, DnsAnswer(**{**row["answer"], "addresses": addresses})


def where(service: DnsService, live: Live) -> tuple[str, int]:
    """Address and port at which a DNS service is asked: `resolve_via`, else its VIP.

    Raises Blocked when there is no VIP, Unknown when it was not read.
    """
    port = next((listener.port for listener in service.services or ()), 53)
    if service.resolve_via:
        return split(service.resolve_via, port)
    addresses = vip_addresses(live.raw(service), live.names)
    if not addresses:
        raise Blocked(f"{service.key} has no VIP address, so it cannot be asked", on=service.key)
    return str(addresses[0]), port


def split(text: str, port: int = 53) -> tuple[str, int]:
    """`10.10.25.40:53` or `[2001:db8::1]:53` as address and port."""
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        return address, int(rest.removeprefix(":") or port)
    address, _, number = text.partition(":")
    return address, int(number or port)
