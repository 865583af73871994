"""The site under check: its declaration, its Controller, vCenters, DNS services and hosts, and what was read of them.

What was read is kept for all checks of a pass; `forget` makes the next pass read anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import avi_schema
from intent import Blocked, Drift, Environment, Key, Unknown, Vcenter
from intent.exact import Lists, beside
from intent.graph import tenants
from intent.kinds.ako import Ako
from intent.notice import SINCE_LAST_RUN, Notice
from intent.words import counted
from live.avi.clock import ClockOffset, controller_clock
from live.avi.gateway import Gateway
from live.avi.identity import Json
from live.avi.reader import INVENTORY, read_snapshot
from live.avi.referred import with_referred
from live.avi.session import Credentials
from live.avi.snapshot import Live, Snapshot
from live.credentials import Login
from live.deadlines import USUAL, Timeouts
from live.kinds import KINDS
from live.sources.answers import Answers
from live.sources.dns import Dns
from live.sources.hosts import Hosts
from live.vcenter.source import VcenterSource, VcenterSources

if TYPE_CHECKING:  # what is read and told after the checks is imported there: no first check waits for it
    from intent.author import Origin
    from intent.coverage import Coverage
    from intent.explanation import Chain
    from intent.fingerprint import Fingerprint
    from intent.forecast import Reading
    from live.coverage import Take
    from live.facts.origins import Origins

BEFORE = "before anything was asked of the site"


def _no_login(_vcenter: Vcenter) -> Login:
    raise Unknown("no credentials for vCenter")


class Site:
    """One declared site: its Controller, and its vCenters, DNS services and hosts as sources of their own.

    `timeouts` are for the Controller and vCenter. `recorded`: a saved snapshot is checked, and nothing else of the site
    is asked.
    """

    def __init__(
        self,
        environment: Environment,
        credentials: Callable[[], Credentials],
        vcenter_login: Callable[[Vcenter], Login] = _no_login,
        *,
        timeouts: Timeouts = USUAL,
        recorded: bool = False,
    ) -> None:
        self.environment = environment
        self.name = environment.controller.at
        """The Controller's address and port."""
        self.recorded = recorded
        self.needs: set[str] = set()
        """The collections to read."""
        self.handed: Snapshot | None = None
        """A snapshot to check instead of reading one."""
        self.begin: Callable[[str], None] = lambda _text: None
        """Tells a person what is waited for from now on."""
        self.say: Callable[[str], None] = lambda _text: None
        """Tells a person one line."""
        self.progress: Callable[[str], None] = lambda _text: None
        """Told of each collection that has come; nothing of it stays on a terminal."""
        self.read_under_way = ""
        """What of the Controller is waited for, `login` or `collections`; "" while it is not."""
        self.come: list[str] = []
        """The collections that have come since the reading began."""
        self.vcenters = VcenterSources(
            environment,
            (
                VcenterSource(environment, declared, vcenter_login, timeouts, recorded=recorded)
                for declared in environment.each(Vcenter)
            ),
        )
        self.dns = Dns(environment, lambda: self.live, recorded=recorded)
        self.hosts = Hosts(environment, lambda: self.live, self._wait_for, recorded=recorded)
        self.reading: Reading | None = None
        """The figures of use that came with the coverage; None before that was asked for."""
        self.newest_model = False
        """Whether the Controller's own model is spoken, or the newest known one, whatever version is pinned."""
        self._credentials = credentials
        self._timeouts = timeouts
        self._gateway: Gateway | None = None
        self._live = Answers(self._read)
        self._clock = Answers(self._measure_clock)
        self._origins: Origins | None = None
        self._requests_before = 0

    @property
    def live(self) -> Live:
        """The site at one moment, read at the first call. Raises Unknown, the same each time, when nothing answered."""
        return self._live.get(self.name)

    @property
    def snapshot(self) -> Snapshot | None:
        """What was read, if anything was; nothing is read for it."""
        read = self._live.known().get(self.name)
        return read.snapshot if isinstance(read, Live) else None

    @property
    def beside(self) -> int:
        """How many elements of declared lists are there and not declared, where none of them is drift."""
        read = self._live.known().get(self.name)
        return read.once(self._beside) if isinstance(read, Live) else 0

    def _beside(self, live: Live) -> int:
        count = 0
        for want in self.environment:
            if isinstance(want, Lists) and type(want) in KINDS:
                with suppress(Blocked, Unknown):
                    count += sum(1 for _ in beside(want, live[want]))
        return count

    @property
    def unreadable(self) -> str:
        """Why the site could not be read, "" unless it was tried."""
        read = self._live.known().get(self.name)
        return str(read) if isinstance(read, BaseException) else ""

    @property
    def controller_clock(self) -> ClockOffset:
        """How far the Controller's clock is off, measured once. Raises Unknown."""
        return self._clock.get(self.name)

    @property
    def requests(self) -> int:
        """HTTP requests made to the Controller so far."""
        return self._requests_before + (self._gateway.requests if self._gateway else 0)

    def gateway(self, *, writable: bool = False) -> Gateway:
        """The session with the Controller, which may write from the first time on that it is asked for to write.

        Raises Unknown when there can be none.
        """
        if self._gateway is None:
            self._gateway = Gateway(
                self.environment.controller,
                self._credentials(),
                base=self.environment.path.parent,
                timeouts=self._timeouts,
                newest_model=self.newest_model,
            )
        if writable:
            self._gateway.writable = True
        return self._gateway

    def look_around(self, *, named: bool = False) -> tuple[Coverage, Fingerprint]:
        """How much of the site is declared, and what is there, by what was read and what is listed now. Raises Unknown.

        `named`: with the names of what is not declared.
        """
        from live.avi.listing import list_types  # noqa: PLC0415 -- after the checks
        from live.coverage import cover, observed  # noqa: PLC0415
        from live.facts.figures import Figures  # noqa: PLC0415
        from live.fingerprint import Taking  # noqa: PLC0415

        gateway = self.gateway()
        gateway.connect()
        tenant = "*" if self.live.snapshot.every_tenant else None

        snapshot, clock = self.live.snapshot, gateway.clock
        taking = Taking(self.live)
        figures = Figures(self.live, datetime.fromtimestamp(clock, UTC) if clock else datetime.now(UTC))
        for api, rows in snapshot.objects.items():
            figures.take(api, rows)

        def more(types: Iterable[str], take: Take) -> dict[str, str]:
            return list_types(gateway, types, take, tenant=tenant)

        def also(api: str, rows: list[Json]) -> None:
            taking.take(api, rows)
            if api not in snapshot.objects:
                figures.take(api, rows)

        coverage = cover(self.live, self.environment, more, named=named, also=also)
        types = observed(self.environment, snapshot.api_version) - coverage.not_listed.keys()
        self.reading = figures.reading(snapshot.objects.keys() | types)

        def read_again(path: str) -> Json:
            return self.gateway().read(path, {"include_name": "true"}, tenant=tenant)

        return coverage, taking.fingerprint(
            gateway.user, types, self.environment, read_again, coverage.not_listed.keys()
        )

    def notices(self) -> tuple[Notice, ...]:
        """What is ill and not declared, by what was read and what is read for it now. Raises Unknown.

        Of a recorded site nothing more is read. Types that the file does not want observed are left out.
        """
        from live.illness.diagnosis import READS  # noqa: PLC0415 -- after the checks
        from live.illness.notices import notices  # noqa: PLC0415

        if not self.recorded:
            self._read_more(set(READS) - self.live.snapshot.objects.keys())
        return notices(self.live)

    def _read_more(self, apis: set[str]) -> None:
        """Read collections besides those that the checks needed; what the user may not read is left out."""
        from live.coverage import observed  # noqa: PLC0415 -- after the checks
        from live.undeclared import denied  # noqa: PLC0415

        gateway, snapshot = self.gateway(), self.live.snapshot
        gateway.connect()
        types, wanted = avi_schema.load().types, observed(self.environment, snapshot.api_version)
        configured = {
            api for api in apis if (kind := types.get(api.removesuffix(INVENTORY))) and kind.configurable
        }
        skipped = {api for api in configured if api.removesuffix(INVENTORY) not in wanted}
        skipped |= denied(snapshot.tenants) | snapshot.failures.keys()
        if not (rest := sorted(apis - skipped)):
            return
        more = read_snapshot(gateway, rest, every_tenant=snapshot.every_tenant)
        both = replace(
            snapshot,
            objects={**more.objects, **snapshot.objects},
            failures={**more.failures, **snapshot.failures},
            requests=snapshot.requests + more.requests,
        )
        self._live.keep(self.name, self.live.with_more(both))

    def origins(
        self, drifts: Sequence[Drift], as_read: Json | None = None, *, put_right: bool = False
    ) -> tuple[Origin | None, ...]:
        """Who has made each of an object's drifts, None where that cannot be told. Never raises.

        `as_read`: the object as the Controller gave it. `put_right`: this run has written it since. The site's logs are
        read for the first that is asked for, and in bounds; a saved snapshot has none.
        """
        from live.facts.vcenter_origins import VcenterOrigins  # noqa: PLC0415 -- where something drifts

        origins = self._known_origins() if drifts else None
        in_vcenter = VcenterOrigins(self.environment, self.vcenters)
        return tuple(
            (origins.of(drift, as_read, put_right=put_right) if origins else None)
            or in_vcenter.of(drift, put_right=put_right)
            for drift in drifts
        )

    def authored(self, notices: Sequence[Notice], seen: Fingerprint | None) -> list[Notice]:
        """The same notices, each with who is behind it where that can be told. Never raises.

        `seen`: the site as this run saw it.
        """
        from live.facts.vcenter_origins import VcenterOrigins  # noqa: PLC0415 -- after the checks

        news = any(notice.sort in SINCE_LAST_RUN and notice.name for notice in notices)
        if not news or (origins := self._known_origins()) is None:
            return list(notices)
        in_vcenter = VcenterOrigins(self.environment, self.vcenters)
        return [
            replace(each, author=each.author or origins.of_notice(each, seen) or in_vcenter.of_notice(each))
            for each in notices
        ]

    def chain(self, key: Key) -> Chain:
        """Where a declared object stands, by the declaration and by what was read. Never raises."""
        from intent.explanation import declared_chain  # noqa: PLC0415 -- where `--why` asks
        from live.facts.usage import REFERRING, referrers  # noqa: PLC0415

        chain, want = declared_chain(self.environment, key), self.environment.find(key)
        if self.snapshot is None or want is None or type(want) not in KINDS:
            return chain
        with suppress(Unknown):
            if not self.recorded:
                self._read_more(set(REFERRING) - self.live.snapshot.objects.keys())
            rows = self.live.found(want)
            events = origins.events_of(want, rows) if (origins := self._known_origins()) else ()
            chain = replace(chain, referrers=tuple(referrers(self.live, rows)), events=tuple(events) or None)
        return chain

    def _known_origins(self) -> Origins | None:
        """What tells who has made something; None of a site that was not read now."""
        if self.recorded or self.snapshot is None:
            return None
        from live.avi.config_log import ConfigLog  # noqa: PLC0415 -- where something drifts, or is news
        from live.facts.origins import Accounts, Origins  # noqa: PLC0415

        if self._origins is None:
            akos = (ako.settings.login.username for ako in self.environment.each(Ako))
            accounts = Accounts({self._credentials().username}, {user for user in akos if user})
            self._origins = Origins(
                self.live, self.environment, ConfigLog(self._config_log), accounts, self._ahead
            )
        return self._origins

    def _config_log(self, query: Mapping[str, str], seconds: float) -> Json:
        from live.avi.config_log import PATH  # noqa: PLC0415 -- as where it is made

        tenant = "*" if self.live.snapshot.every_tenant else None
        return self.gateway().read(PATH, query, tenant=tenant, seconds=seconds)

    def _ahead(self) -> float:
        """By how many seconds the Controller's clock is before this machine's; 0 where they may agree."""
        from live.facts.origins import ahead  # noqa: PLC0415 -- as where it is asked

        clock = self._gateway.clock if self._gateway else None
        return ahead(clock - time.time()) if clock is not None else 0.0

    def note_unreadable(self, why: Unknown) -> None:
        """Let `live` raise this instead of reading: another process has tried."""
        self._live.keep(self.name, why)

    def forget(self) -> None:
        """Read and ask everything anew from now on."""
        self._origins = None
        for source in (self._live, self._clock, self.vcenters, self.dns, self.hosts):
            source.forget()

    def renew(self) -> None:
        """Forget the login too: which tenants there are, who sees them, and the version, may be others by now."""
        self.forget()
        if self._gateway is not None:
            self._gateway.close()

    def close(self) -> None:
        """Log out."""
        if self._gateway is not None:
            self._gateway.close()
            self._requests_before += self._gateway.requests
            self._gateway = None

    def _wait_for(self, text: str) -> None:
        self.begin(text)
        self.say(text)

    def _read(self, _controller: str) -> Live:
        if self.handed is not None:
            return Live(self.handed, self.environment, saved=self.recorded)
        self.read_under_way, self.come = "login", []
        self.begin(f"reading {self.name}")
        gateway = self.gateway()
        gateway.connect()
        self.read_under_way = "collections"
        # Where the login does not say what the user sees, only what is declared tells whether more than that is needed.
        own, seen = self.environment.controller.tenant, {row["name"] for row in gateway.tenants}
        every_tenant = own in seen and len(seen) > 1 if seen else bool(tenants(self.environment) - {own})
        apis = sorted(self.needs | ({"tenant"} if every_tenant else set()))
        snapshot = read_snapshot(gateway, apis, self._has_come, every_tenant=every_tenant)
        live = with_referred(Live(snapshot, self.environment), gateway)
        self.read_under_way = ""
        failed = f"; {len(snapshot.failures)} could not be read" if snapshot.failures else ""
        self.say(
            f"reading {gateway.name}: {counted(len(live.snapshot.objects), 'collection')}, "
            f"{counted(gateway.requests, 'request')}, version {gateway.version}{failed}"
        )
        return live

    def _has_come(self, text: str) -> None:
        self.come.append(text)
        self.progress(text)

    def _measure_clock(self, _controller: str) -> ClockOffset:
        return controller_clock(self.environment.controller, self.environment.path.parent)


def reading_stage(site: Site) -> str:
    """How far the reading of the Controller has come, as one says it of a command that ends there."""
    if not (site.read_under_way or site.snapshot):
        return BEFORE
    if site.read_under_way == "login":
        return f"at the login to {site.name}: nothing of it was read"
    if site.read_under_way:
        return f"while {site.name} was read: {len(site.come)} of {counted(len(site.needs), 'collection')} had come"
    return f"after {site.name} was read"
