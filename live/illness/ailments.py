"""Ailments: objects of a site that are ill at runtime, each with its reason and with what lies beneath it.

The cause of an ailment is another ailment; one without a cause is a root, or its cause was not read, which it says. A
root is as grave as the gravest that stands on it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property

from intent import Unknown
from intent.notice import AKO, topic_of
from intent.remediation import SEVERITIES
from live.avi.identity import Json, split_ref
from live.avi.snapshot import Live
from live.kinds.codecs import dig

Ref = tuple[str, str]
"""The Controller's type of an object, and its uuid ("" where there is one of it)."""
WORDS: Mapping[str, str] = {
    "virtualservice": "virtual service",
    "vsvip": "VIP",
    "serviceenginegroup": "SE group",
    "serviceengine": "Service Engine",
    "sslkeyandcertificate": "certificate",
    "ipamdnsproviderprofile": "IPAM profile",
    "license": "licence",
    "upgradestatusinfo": "upgrade",
}
"""What people call an object of a type; of a type that is not in it, the type."""
NOT_UNDERSTOOD = (Unknown, AttributeError, KeyError, OverflowError, TypeError, ValueError)
"""What comes of asking an object that is not of its shape."""
NOT_READ = "not read, so that its cause is not known"


@dataclass(frozen=True)
class Ailment:
    """An object that is ill. `reason` is the Controller's word or figure; `cause` what lies beneath it, None at a root.

    `creator`: the AKO that has made the object. `field`: the declared field that tells of it, "" for its operation.
    `meant`: somebody wants it so, and then what stands on it is no graver. `unread`: what would have told a cause and
    was not read.
    """

    type: str
    uuid: str
    name: str
    severity: str
    reason: str
    cause: Ref | None = None
    creator: str = ""
    field: str = ""
    meant: bool = False
    unread: str = ""

    @property
    def ref(self) -> Ref:
        """What names it."""
        return self.type, self.uuid

    @property
    def topic(self) -> str:
        """The topic of the checks that look at such an object, of AKO's those of its cluster."""
        return "clusters" if self.owner else topic_of(self.type)

    @property
    def owner(self) -> str:
        """`AKO`; "" for a person or where that is not known."""
        return AKO if self.creator else ""

    @property
    def word(self) -> str:
        """What people call an object of its type: `SE group`."""
        return WORDS.get(self.type, self.type)

    @property
    def subject(self) -> str:
        """`SE group seg`."""
        return f"{self.word} {self.name}".strip()

    @property
    def text(self) -> str:
        """`SE group seg: it has no Service Engine`."""
        return f"{self.subject}: {self.known}"

    @property
    def known(self) -> str:
        """Its reason, and what was not read that might tell of a cause."""
        return f"{self.reason} ({NOT_READ}: {self.unread})" if self.unread else self.reason


@dataclass(frozen=True)
class Illness:
    """All ailments of a site by what names them, and what of it was not seen: by type, how many objects or why."""

    ailments: Mapping[Ref, Ailment]
    unseen: Mapping[str, str]

    def root(self, ref: Ref) -> Ailment | None:
        """What lies beneath an ailment at the bottom, itself where that is nothing; None for what is not ill.

        Of those that stand on each other in a circle, it is always the same one.
        """
        ailment, passed = self.ailments.get(ref), [ref]
        while ailment is not None and (cause := ailment.cause) is not None:
            if cause in passed:
                return self.ailments[min(passed[passed.index(cause) :])]
            if cause not in self.ailments:
                break
            passed.append(cause)
            ailment = self.ailments[cause]
        return ailment

    @cached_property
    def by_root(self) -> Mapping[Ref, tuple[Ailment, ...]]:
        """What stands on each root, the root itself left out."""
        groups: defaultdict[Ref, list[Ailment]] = defaultdict(list)
        for ref, ailment in self.ailments.items():
            root = self.root(ref)
            assert root is not None
            groups[root.ref] += [] if root is ailment else [ailment]
        return {ref: tuple(group) for ref, group in groups.items()}


class Diagnosis:
    """Ailments while they are gathered from one Live."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.ailments: dict[Ref, Ailment] = {}
        self._unread: dict[str, str] = {}
        self._unclear: Counter[str] = Counter()

    def add(self, ailment: Ailment) -> Ref:
        """Take an ailment; of an object that is ill already, what was known first stays."""
        self.ailments.setdefault(ailment.ref, ailment)
        return ailment.ref

    def unread(self, *apis: str) -> str:
        """Which of these types were not read, as a text; "" where all were."""
        return ", ".join(api for api in apis if api not in self.live.snapshot.objects)

    def need(self, *apis: str) -> None:
        """Raise Unknown, which names them, where some of these types were not read."""
        if missing := self.unread(*apis):
            for api in apis:
                self.rows(api)
            raise Unknown(missing)

    def rows(self, api: str) -> list[Json]:
        """The objects of a type; none where it was not read, which is noted."""
        try:
            return self.live.rows(api)
        except Unknown as why:
            self._unread.setdefault(api, str(why))
            return []

    @contextmanager
    def reading(self, api: str) -> Iterator[None]:
        """Around what is asked of one object: one that was not understood, or does not say how it is, is not seen."""
        try:
            yield
        except NOT_UNDERSTOOD:
            self._unclear[api] += 1

    def inventory(self, api: str, uuid: str) -> Json | None:
        """The entry of an inventory; None where there is none, or it was not read."""
        with suppress(*NOT_UNDERSTOOD):
            return self.live.row(api, uuid)
        return None

    def configured(self, api: str, row: Json) -> Json:
        """An object of a type as it is configured, else as this entry of its inventory says it is."""
        uuid = str(row.get("uuid") or dig(row, "config", "uuid"))
        config = self.live.names.resolve(f"/api/{api}/{uuid}") or row.get("config") or {}
        return {**config, "uuid": uuid}

    def name_of(self, ref: str) -> str:
        """The name of what is referred to, as far as it is known."""
        target = self.live.names.resolve(ref)
        return str((target or {}).get("name") or split_ref(ref).label)

    def complete(self) -> Illness:
        """What was gathered; each root as grave as the gravest that stands on it."""
        unseen = {api: f"{count} not understood" for api, count in self._unclear.items()} | self._unread
        illness = Illness(self.ailments, unseen)
        severities = {}
        for ref, group in illness.by_root.items():
            root = illness.ailments[ref]
            severities[ref] = root.severity if root.meant else _gravest([root, *group])
            severities |= {each.ref: root.severity for each in group} if root.meant else {}
        ailments = {
            ref: replace(each, severity=severities.get(ref, each.severity))
            for ref, each in self.ailments.items()
        }
        return Illness(ailments, unseen)


def _gravest(ailments: Iterable[Ailment]) -> str:
    return min((each.severity for each in ailments), key=SEVERITIES.index)
