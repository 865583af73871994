"""Fingerprints of a site: every listed object without its secrets, and without what moves by itself."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

import avi_schema
from avi_schema.semantics import meaning_of
from intent import Blocked, ConfigObject, Environment, Intent, Unknown
from intent.exact import lists, says_all
from intent.fingerprint import (
    LONGEST,
    WHOLE,
    ExactList,
    Fingerprint,
    FingerprintSource,
    ObjectKey,
    SeenObject,
    body_text,
    shortened,
)
from intent.installation import version
from intent.notice import AKO, CLOUD_CONNECTOR, SYSTEM
from intent.objects.overlap import member_path
from intent.scrubber import SCRUBBER
from intent.sensitive import scrub
from live.avi.identity import Json, uuid_of
from live.avi.reader import PAGE
from live.avi.snapshot import Live
from live.entries import uuid_in
from live.errors import NotFound
from live.facts.factory import FILLED
from live.kinds import KINDS
from live.kinds.codecs import dig
from live.undeclared import made_by_ako, placed

Read = Callable[[str], Json]
"""Reads one object, `pool/<uuid>`. Raises NotFound, Unknown."""
LookAgain = Callable[[Sequence[SeenObject]], Mapping[ObjectKey, SeenObject]]
BY_THE_SYSTEM = frozenset(
    {
        "albservicesfiledownload", "albservicesfileupload", "albservicesjob", "backup", "cloudproperties",
        "federationcheckpoint", "geodb", "ipreputationdb", "jobs", "portalfileupload", "securechanneltoken",
        "serviceengine", "testsedatastorelevel1", "testsedatastorelevel2", "testsedatastorelevel3",
        "wafapplicationsignatureprovider", "webapput",
    }
)  # fmt: skip
"""Types whose objects a Controller makes, changes and removes by itself."""
_MOVES: Mapping[str, frozenset[str]] = {
    "user": frozenset({"date_joined", "logged_in", "ui_property"}),
    "virtualservice": frozenset(
        {
            "auto_allocate_floating_ip", "auto_allocate_ip", "avi_allocated_fip", "avi_allocated_vip", "dns_info",
            "floating_ip", "ip_address", "ipam_network_subnet", "network_ref", "port_uuid", "subnet", "subnet_uuid",
            "vip",
        }
    ),
}  # fmt: skip
"""Members that move without anybody's doing, or mirror another object (a service its `vsvip`) [REC, INF]."""
RUNTIME = frozenset(
    {
        "days_until_expire", "deployment_state", "expired", "expiry_status", "last_update",
        "updated_crs_rules_in_detection_mode",
    }
)  # fmt: skip
"""Members that move by themselves in whatever message [DOC]."""
_KEPT: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(BY_THE_SYSTEM, frozenset({"name"})),
    "image": frozenset({"name"}),
    "license": frozenset({"name", "licenses"}),
    "serviceengine": frozenset({"name", "enable_state", "se_group_ref"}),
}
"""Of types that are mostly runtime, the members that somebody sets."""
_POINTS = frozenset({"uuid", "url", "_last_modified"})
"""Members that say which object it is."""

_HOME = frozenset({"tenant_ref", "cloud_ref"})


class Taking:
    """A fingerprint in the making: objects as they come, each once."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self._objects: dict[ObjectKey, SeenObject] = {}
        self._clusters: set[str] = set()
        self._several = len(list(live.names.objects("cloud"))) > 1

    def take(self, api: str, rows: Iterable[Json]) -> None:
        """Take in some objects of a type."""
        if api == "cluster":
            self._clusters |= {str(row.get("uuid")) for row in rows}
        for row in rows:
            key = api, uuid_in(api, row)
            if key not in self._objects:
                self._objects[key] = self.seen(api, key[1], row)

    def seen(self, api: str, uuid: str, row: Json) -> SeenObject:
        """One object as a fingerprint keeps it."""
        names = self.live.names
        try:
            cloud, tenant = names.cloud_of(row), names.tenant_of(row)
            name = str(row.get("name") or "")
            shown = placed(name or uuid, cloud if self._several else "", tenant) if name or uuid else "system"
        except Unknown:
            return SeenObject(api, uuid, uuid, "", "", uuid, "", "")
        try:
            body, owner = _kept_text(stripped(api, row)), _owner(api, row)
        except (Unknown, RecursionError):  # it is there, and nothing can be said of what is in it
            body, owner = "", ""
        return SeenObject(api, uuid, name, cloud, tenant, shown, owner, body)

    def fingerprint(
        self,
        user: str,
        types: Iterable[str],
        environment: Environment,
        read: Read | None = None,
        unlisted: Collection[str] = (),
    ) -> Fingerprint:
        """All of it. `user`: who has read; `types`: those that were listed whole; `read`: reads one object anew.

        `unlisted`: types that could not be listed.
        """
        source = self._source(user)
        whole = frozenset(types)
        objects = {key: each for key, each in self._objects.items() if key[0] in whole}
        seen = Fingerprint(
            source,
            whole,
            objects,
            DeclaredMembers(self.live, environment),
            user=user,
            unlisted=frozenset(unlisted) - whole,
        )
        if read is None:
            return seen
        many = Counter(api for api, _ in objects)
        unproved = {api for api in many if api not in self.live.snapshot.objects and many[api] >= PAGE}
        return replace(seen, look_again=self._again(unproved, read))

    def _again(self, types: Collection[str], read: Read) -> LookAgain:
        """Looks for objects of types that were listed in several pages, which proves nothing of what is not in them."""

        def look_again(gone: Sequence[SeenObject]) -> dict[ObjectKey, SeenObject]:
            there: dict[ObjectKey, SeenObject] = {}
            for each in gone:
                if each.type in types:
                    try:
                        there[each.key] = self.seen(each.type, each.uuid, read(f"{each.type}/{each.uuid}"))
                    except NotFound:
                        continue
                    except Unknown:  # it may be there, so nothing is said of it
                        there[each.key] = each
            return there

        return look_again

    def _source(self, user: str) -> FingerprintSource:
        snapshot = self.live.snapshot
        clouds = {str(row.get("uuid")) for row in self.live.names.objects("cloud")}
        rights = repr((user, snapshot.tenants, snapshot.every_tenant))
        return FingerprintSource(
            controller=tuple(sorted(self._clusters | clouds)) or (snapshot.address,),
            version=snapshot.version,
            api_version=snapshot.api_version,
            rights=hashlib.blake2b(rights.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
            program=version(),
        )


def _kept_text(members: Json) -> str:
    """The members as they are kept: without known secrets, and without what looks like one in a free text.

    Nothing is taken out for its name here: a label's `key` says whose the label is, and `stripped` knows the model.
    """
    text = body_text(members)
    return text if SCRUBBER.holds_none(text) else body_text(_scrubbed(scrub(members)))


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return SCRUBBER.text(value)
    if isinstance(value, dict):
        return {name: _scrubbed(inner) for name, inner in value.items()}
    return [_scrubbed(inner) for inner in value] if isinstance(value, list) else value


def _owner(api: str, row: Json) -> str:
    if made_by_ako(row):
        return AKO
    if api in BY_THE_SYSTEM:
        return SYSTEM
    return CLOUD_CONNECTOR if api == "network" and row.get("vimgrnw_ref") else ""


def stripped(api: str, row: Json) -> Json:
    """The members of an object that somebody sets, references as uuids. Raises Unknown where it was not understood."""
    return _message(_plan_of_type(api), row)


_REF, _TEXT, _PLAIN, _MESSAGE, _ANYTHING = range(5)
_Plan = Mapping[str, tuple[int, str, bool]]
"""By member what becomes of it, the message in it, and whether it is a list."""


@cache
def _plan_of_type(api: str) -> _Plan:
    """The members of a type's objects but those, and what does not say how somebody has set them."""
    kept = _KEPT.get(api)
    without = _POINTS | FILLED.get(api, frozenset()) - {"vsvip_ref"} | _MOVES.get(api, frozenset())
    plan = _plan(avi_schema.load().types[api].message.name)
    return {n: s for n, s in plan.items() if n not in without and (kept is None or n in kept or n in _HOME)}


@cache
def _plan(message: str) -> _Plan:
    """The members of a message but what a server writes, and secrets."""
    steps: dict[str, tuple[int, str, bool]] = {}
    for name, field in avi_schema.load().message(message).fields.items():
        modes = {meaning.mode: meaning.when for meaning in meaning_of(message, name)}
        if name in RUNTIME or "secret" in modes or ("server" in modes and modes["server"] is None):
            continue
        if field.kind == "message":
            step = _MESSAGE if field.message else _ANYTHING
        else:
            step = {"ref": _REF, "string": _TEXT}.get(field.kind, _PLAIN)
        steps[name] = step, field.message or "", field.many
    return steps


def _message(plan: _Plan, part: Mapping[str, Any]) -> Json:
    kept: Json = {}
    for name, value in part.items():
        if name not in plan:
            continue
        step, message, many = plan[name]
        if step == _TEXT and value.__class__ is str and not many and len(value) <= LONGEST:
            kept[name] = value  # most are
            continue
        if step == _ANYTHING:  # nobody knows what is in it, so it may hold a secret
            continue
        if (value.__class__ is list) is not many:
            raise Unknown(f"{name} came in a shape that is not understood")
        if many:
            if value:
                kept[name] = [_value(step, message, each) for each in value]
        else:
            kept[name] = _value(step, message, value)
    return kept


def _value(step: int, message: str, value: Any) -> Any:
    kind = value.__class__
    if (kind is dict) is not (step == _MESSAGE) or kind is list or value is None:
        raise Unknown("a value came in a shape that is not understood")
    if kind is dict:
        return _message(_plan(message), value)
    if kind is str:
        if step == _REF and "/api/" in value:
            return value.partition("#")[0].rpartition("/")[2]
        return value if len(value) <= LONGEST else shortened(value)
    return value


class DeclaredMembers:
    """What is declared of an object, by the Controller's own names. Looked up when it is first asked."""

    def __init__(self, live: Live, environment: Environment) -> None:
        self._live = live
        self._environment = environment
        self._by_key: dict[ObjectKey, list[Intent]] | None = None
        self._places: set[tuple[str, str]] = set()
        self._parts: dict[ObjectKey, Json] = defaultdict(dict)

    def __call__(self, seen: SeenObject) -> Mapping[str, Any] | None:
        """The declared members of an object; of one that is gone none, and None where nobody declares it."""
        if self._by_key is None:
            self._by_key = defaultdict(list)
            for want, row in self._counterparts():
                self._by_key[KINDS[type(want)].api, uuid_in(KINDS[type(want)].api, row)].append(want)
        if seen.key in self._by_key:
            body: Json = {**self._parts.get(seen.key, {})}
            for want in self._by_key[seen.key]:
                body |= _declared_members(want, self._live)
            return body
        if seen.key in self._parts:
            return self._parts[seen.key]
        return {} if (seen.type, seen.name) in self._places and not self._is_elsewhere(seen) else None

    def _counterparts(self) -> Iterator[tuple[Intent, Json]]:
        for want in self._environment.every():
            if type(want) in KINDS:
                self._places.add((KINDS[type(want)].api, want.name))
                with suppress(Unknown, Blocked):
                    for row in self._live.found(want):
                        self._note_parts(want, row)
                        yield want, row

    def _note_parts(self, want: Intent, row: Json) -> None:
        """What is declared of an object stands in others to which it refers, too: the VIP of a service."""
        kind = KINDS[type(want)]
        for path, leaf in kind.leaves.items():
            api, _, inner = leaf.api.partition(".")
            if api in kind.reads and api != kind.api and inner and want.declares(path):
                ref = str(row.get(f"{api}_ref") or "")
                self._parts[api, uuid_of(ref)][member_path(inner)[0]] = WHOLE

    def _is_elsewhere(self, seen: SeenObject) -> bool:
        """Whether the declared object of a name lives in another cloud or tenant than this one did."""
        wants = (want for want in self._environment.every() if type(want) in KINDS and want.name == seen.name)
        same = (want for want in wants if KINDS[type(want)].api == seen.type)
        return not any(
            want.key.cloud in ("", seen.cloud) and (not want.tenants or seen.tenant in want.tenants)
            for want in same
        )


def _declared_members(want: Intent, live: Live) -> Json:
    """The members that a declaration says something of, with what it says where it can be written."""
    body: Json = {"name": want.name}
    if isinstance(want, ConfigObject):
        return {**body, **_exact(want.fields)}
    kind = KINDS[type(want)]
    names = kind.around(want, live.names)
    for path, leaf in kind.leaves.items():
        if not want.declares(path):
            continue
        value: Any = want
        for part in path.split("."):
            value = getattr(value, part, None)
        member = member_path(leaf.api)
        if leaf.put is not None:
            with suppress(Blocked, Unknown, LookupError, TypeError, AttributeError):
                leaf.put(body, value, names)
                _mark_exact(body, member, exact=path in lists(type(want)) and says_all(want, path))
                continue
        body.setdefault(member[0], WHOLE)
    return {name: _by_uuid(value) for name, value in body.items()}


def _by_uuid(value: Any) -> Any:
    """A declared value with references as a fingerprint has them."""
    if isinstance(value, list):
        return type(value)(map(_by_uuid, value))
    if isinstance(value, dict):
        return {name: _by_uuid(inner) for name, inner in value.items()}
    is_ref = isinstance(value, str) and "/api/" in value and "?" not in value
    return uuid_of(value) if is_ref else value


def _mark_exact(body: Json, member: Sequence[str], *, exact: bool) -> None:
    """Mark lists of which a check tells all: a list that is exact, and those in the elements of any [intent.kinds]."""
    around = dig(body, *member[:-1])
    if isinstance(around, dict) and isinstance(listed := around.get(member[-1]), list):
        inner = [_exact(each) if isinstance(each, dict) else each for each in listed]
        around[member[-1]] = ExactList(inner) if exact else inner


def _exact(value: Any) -> Any:
    """A value, every list in it marked."""
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    return ExactList(map(_exact, value)) if isinstance(value, list) else value
