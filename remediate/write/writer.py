"""The writer: sends one write, with the journal before and after, and finds out what became of a lost answer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Protocol

from intent import Key, Unknown
from intent.retry import attempts
from intent.scrubber import SCRUBBER, texts
from intent.sensitive import scrub
from live.avi.identity import ADMIN, Json, split_ref, uuid_of
from live.deadlines import is_stopped
from live.errors import OF_ONE_PLACE, Conflict, FateUnknown, NotFound, Refused
from remediate.plan.effect import as_left, intended
from remediate.plan.model import FOLDER, SINGLETONS, VM, Request
from remediate.plan.payload import content, known_rows
from remediate.write.journal import Journal, NoJournal
from remediate.write.record import Fate
from remediate.write.results import NotApplied, ObjectChanged, RunStopped, SentWrite, Shown

PAUSES = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between reads that look for a write whose answer was lost."""


BY_WHOM = "read back, it is as it was to be written, and nobody knows by whom"
NO_PRECONDITION = "it shows no _last_modified, so that it was put without a precondition"


class Gateway(Protocol):
    """What remediation needs of a gateway; see `live.avi.gateway`."""

    @property
    def name(self) -> str:
        """Address and port."""

    @property
    def api_version(self) -> str:
        """The model in which the Controller is spoken to."""

    def read(self, path: str, params: dict[str, str] | None = None, *, tenant: str | None = None) -> Json:
        """One GET; `tenant` as in `live.avi.gateway`. Raises Unknown."""

    def write(self, method: str, path: str, body: Json | None = None, *, tenant: str | None = None) -> Json:
        """One write, sent once. Raises Conflict, Refused, FateUnknown, Unknown."""


class OwnModel(Protocol):
    """The Controller in the model of its own version; see `remediate.write.apis`."""

    def body(self, request: Request, body: Json, before: Json | None) -> Json | None:
        """What is sent in that model; None for the body as it is. Raises ObjectChanged, RunStopped, Unknown."""

    def write(self, method: str, path: str, body: Json | None = None, *, tenant: str | None = None) -> Json:
        """One write, as `Gateway.write`."""


class Writer:
    """Sends writes one at a time.

    `sleep` is replaced by tests. `only`: where it is given, nothing else is sent. `own`: the Controller in the model of
    its own version, where that is another than the one in which is planned: objects are put back in that.
    """

    def __init__(
        self,
        gateway: Gateway,
        journal: Journal | None,
        sleep: Callable[[float], None] | None = None,
        *,
        only: Collection[Shown] | None = None,
        own: OwnModel | None = None,
    ) -> None:
        self.gateway = gateway
        self._journal = journal
        self.sent: list[SentWrite] = []
        self._sleep = sleep
        self._only = only
        self._own = own

    @property
    def journal(self) -> Journal:
        """The journal of its writes."""
        assert self._journal is not None
        return self._journal

    @property
    def bounded(self) -> bool:
        """Whether it sends only what a person has seen."""
        return self._only is not None

    def now(self, request: Request) -> Json | None:
        """The request's object as it is now; None when it is not there. Raises Unknown."""
        return read_object(self.gateway, request)

    def shows(self, request: Request, before: Json | None) -> tuple[Fate, Json | None]:
        """(what an accepted write has come to, the object), read again: an answer alone proves nothing.

        Where its answer did not show it, it was read back as long as that takes, and nothing of it was there.
        """
        if self.sent and self.sent[-1].fate == "unknown":
            return "lost", None
        return read_back(self.gateway, request, request.body, before, self._sleep)

    def send(self, key: Key, request: Request, body: Json, before: Json | None) -> Json:
        """Send it once; the object afterwards. Raises ObjectChanged, NotApplied and RunStopped.

        `before` is the object as just read.
        """
        if self._only is not None and Shown.of(request, body) not in self._only:
            raise RunStopped("it would not be the write that was shown; look at it anew")
        replaced = before if request.method == "PUT" and request.api not in (FOLDER, VM) else None
        seen = {name: value for name, value in (replaced or {}).items() if name == "_last_modified"}
        body, unconditional = {**body, **seen}, replaced is not None and not seen
        in_own = self._own.body(request, body, before) if self._own else None
        try:
            number = self.journal.write(key, request, body, before)
        except NoJournal as why:
            raise RunStopped(f"the journal {why}; without it nothing is sent") from why
        sent = SentWrite(
            key, request, scrub(body), scrub(before), None, "unknown", unconditional=unconditional
        )
        try:
            answer = self._exchange(request, body, in_own)
        except Conflict as why:
            raise self._conflict(number, sent, why) from why
        except Refused as why:
            raise self._refused(number, sent, why) from why
        except FateUnknown as why:
            return self._read_back(number, sent, str(why), denied=why.denied)
        except Unknown as why:
            self._record_fate(number, replace(sent, fate="unsent", text=str(why)))
            alone = isinstance(why, OF_ONE_PLACE)
            raise RunStopped(f"it could not be sent: {why}", alone=alone) from why
        after = dict(scrub(answer) or {})
        if unconditional or not self._answers(sent, after):
            how = NO_PRECONDITION if unconditional else "it was accepted and answered without the object"
            return self._read_back(number, sent, how, accepted=True)
        self._record_fate(number, replace(sent, fate="done", after=after))
        return after

    def _exchange(self, request: Request, body: Json, in_own: Json | None) -> Json:
        """Send it, in the Controller's own model where its body is given; the answer in the model of the plan."""
        if self._own is None or in_own is None:
            return self.gateway.write(request.method, request.path, body, tenant=request.tenant)
        self._own.write(request.method, request.path, in_own, tenant=request.tenant)
        return {}  # what it has come to is read back

    def _conflict(self, number: int, sent: SentWrite, why: Conflict) -> ObjectChanged:
        """What is said of a write that is answered as if somebody else had written in between.

        It may have been this very write, where something on the way has sent it twice.
        """
        now = None
        with suppress(Unknown, ObjectChanged):
            now = self.now(sent.request)
            if now is not None and fate_of(sent.request, sent.sent, sent.before, now) != "done":
                now = None
        text = f"{why}; {BY_WHOM}" if now else str(why)
        self._record_fate(number, replace(sent, fate="conflict", after=now, text=text), seen_later=True)
        return ObjectChanged(f"somebody else wrote it at the same moment: {text}", as_asked=bool(now))

    def _refused(self, number: int, sent: SentWrite, why: Refused) -> ObjectChanged:
        """What is said of a write that was answered as refused. Raises RunStopped where nobody may go on.

        Where the object shows it all the same, another may have written the same at that moment, or something on the
        way has sent it twice, or refused what was done: it is not called ours.
        """
        fate: Fate = "unknown" if why.status in (401, 419) else "refused"
        gone, shown, now = False, False, None
        try:
            now = self.now(sent.request)
            gone = bool(sent.request.uuid) and now is None and why.status == HTTPStatus.NOT_FOUND
            shown = not gone and fate_of(sent.request, sent.sent, sent.before, now) == "done"
            fate = "refused"
        except (Unknown, ObjectChanged):
            pass
        text, after = (f"{why}; {BY_WHOM}", now) if shown else (str(why), None)
        self._record_fate(number, replace(sent, fate=fate, after=after, text=text), seen_later=True)
        if gone:
            return ObjectChanged("it is not there any more", gone=True)
        if shown:
            return ObjectChanged(f"the Controller refused: {text}", as_asked=True)
        if self._without_cloud(sent.request, sent.sent):
            raise RunStopped(f"its cloud is not there any more: {why}", alone=True) from why
        raise RunStopped(f"the Controller refused: {why}", certain=fate == "refused") from why

    def _without_cloud(self, request: Request, body: Json) -> bool:
        """Whether the cloud of an object that was to be written is gone."""
        cloud = uuid_of(str(body.get("cloud_ref", "")))
        try:
            return bool(cloud) and self.gateway.read(f"cloud/{cloud}", tenant=request.tenant) is None
        except NotFound:
            return True
        except Unknown:
            return False

    def _answers(self, sent: SentWrite, answer: Json) -> bool:
        """Whether an answer to an accepted write is the object that was written, whole."""
        request = replace(sent.request, body=sent.sent)
        if request.method == "DELETE":
            return True
        if not _is_object_of(request, answer):
            return False
        if intended(request, answer):
            return True
        try:
            now = self.now(request)
        except (Unknown, ObjectChanged):
            return False
        shown = None if now is None else content(request.api, now)
        # As it was before, it may be an answer to another request, such as a read.
        return shown == content(request.api, answer) and shown != content(request.api, sent.before or {})

    def _read_back(
        self, number: int, sent: SentWrite, why: str, *, accepted: bool = False, denied: bool = False
    ) -> Json:
        """The object after a write whose answer was lost, or was accepted and does not hold the object.

        One that was accepted and shows nothing of it is not sent anew: it may come into force late. Raises NotApplied,
        ObjectChanged, RunStopped.
        """
        read = sent.request, sent.sent, sent.before, self._sleep
        fate, after = read_back(self.gateway, *read, late=not denied)
        # Neither as before nor as asked: it may have been applied, and somebody has written over it since.
        unproved = fate == "conflict" or (accepted and fate == "lost" and after is not None)
        written = replace(sent, fate="unknown" if unproved else fate, after=after)
        written = replace(written, text=f"{why}; read back: {fate}")
        self._record_fate(number, written, seen_later=True, heard=accepted)
        if fate == "done" or (fate == "lost" and unproved):
            return after or {}
        if fate == "lost":
            raise NotApplied(why)
        if fate == "conflict":
            begin = "it was accepted" if accepted else "its answer was lost"
            raise ObjectChanged(f"{begin}, and the object is another one now: {why}")
        raise RunStopped(f"{why}; and reading back does not tell", certain=False)

    def _record_fate(
        self, number: int, written: SentWrite, *, seen_later: bool = False, heard: bool = True
    ) -> None:
        self.sent.append(written)
        try:
            known = frozenset(texts([written.sent, written.before]))
            after = SCRUBBER.echoes(written.after, known)
            # Others may have written since.
            if seen_later and after and written.before and written.fate == "done":
                after = as_left(replace(written.request, body=written.sent), written.before, after)
            self.journal.answer(number, written.fate, after, SCRUBBER.text(written.text), heard=heard)
        except NoJournal as why:
            raise RunStopped(f"it was sent ({written.fate}), but the journal {why}", certain=False) from why


def _is_object_of(request: Request, answer: Json) -> bool:
    """Whether the answer to a write is the object of its request, by type and uuid, or by name where it is new.

    Members that clients always get are asked for: `uuid` of all objects, and `name` of all but the singletons.
    """
    uuid = answer.get("uuid")
    if not isinstance(uuid, str) or not uuid:
        return False
    api, of_url, _ = split_ref(str(answer.get("url", "")))
    if of_url and (api, of_url) != (request.api, uuid) and request.api not in SINGLETONS:
        return False
    if request.uuid:
        return uuid == request.uuid
    return request.api in SINGLETONS or _same_place(answer, request)


def read_object(gateway: Gateway, request: Request) -> Json | None:
    """A request's object as it is now, without secrets; None when there is none. Raises Unknown.

    It is read in its own tenant: another does not see it, and would take it for absent. One that is to be made is
    looked for by its name in its own cloud and tenant. Raises ObjectChanged where there are several.
    """
    if request.uuid or request.path == "systemconfiguration":
        try:
            answer = gateway.read(request.path, {"include_name": "true"}, tenant=request.tenant)
        except NotFound:
            return None
        if request.api not in SINGLETONS and answer.get("uuid", request.uuid) != request.uuid:
            raise Unknown(f"{request.path} was answered with another object, {answer['uuid']}")
        return dict(scrub(answer))
    named = {"name": request.name, "include_name": "true", "page_size": "200"} | request.at
    rows = known_rows(request.api, gateway.read(request.api, named, tenant=request.tenant))
    there = [row for row in rows if _same_place(row, request)]
    if len(there) > 1:
        raise ObjectChanged(f"there are {len(there)} objects of the name {request.name}")
    return dict(scrub(there[0])) if there else None


def _same_place(row: Json, request: Request) -> bool:
    """Whether an object is of a request's name, tenant, and cloud, which is told by the uuid where that is known."""
    _, cloud, cloud_name = split_ref(str(row.get("cloud_ref", "")))
    asked = uuid_of(str(request.body.get("cloud_ref", "")))
    if cloud and request.cloud and asked not in ("", cloud):
        return False
    if cloud and request.cloud and not asked and request.cloud not in (cloud_name, cloud):
        return False
    _, tenant, tenant_name = split_ref(str(row.get("tenant_ref", "")))
    if tenant and (tenant == ADMIN) != (request.tenant == ADMIN):
        return False
    return row.get("name") == request.name and tenant_name in ("", request.tenant)


def read_back(  # noqa: PLR0913 -- a write, and how to look for it
    gateway: Gateway,
    request: Request,
    body: Json,
    before: Json | None,
    sleep: Callable[[float], None] | None = None,
    *,
    late: bool = True,
) -> tuple[Fate, Json | None]:
    """(what became of a write whose answer is missing, the object now).

    done: it shows what was asked. lost: it is as it was, read twice. conflict: it is neither. unknown: no read came
    through. A PATCH is looked for to the end, where it may come `late`: it carries no `_last_modified` and appends, so
    that one which comes into force after it was sent anew would append twice.
    """
    unchanged, enough = 0, len(PAUSES) if request.method == "PATCH" and late else 2
    for _ in attempts(PAUSES, at_once=False, sleep=sleep):
        try:
            now = read_object(gateway, request)
        except Unknown:
            if is_stopped():
                break  # the next run decides it
            continue
        except ObjectChanged:
            return "conflict", None
        if (fate := fate_of(request, body, before, now)) != "lost":
            return fate, now
        unchanged += 1
        if unchanged == enough:
            return "lost", now
    return ("lost", None) if unchanged >= 2 else ("unknown", None)


def fate_of(request: Request, body: Json, before: Json | None, now: Json | None) -> Fate:
    """done, lost or conflict, from the object before and now."""
    if request.method == "DELETE":
        return "done" if now is None else "lost"
    if now is None:
        return "lost" if before is None else "conflict"
    asked = replace(request, body=body)
    if before is not None and content(request.api, now) == content(request.api, before):
        return "lost"
    return "done" if intended(asked, now) else "conflict"
