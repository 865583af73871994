"""The undo of a run by its journal: newest write first, each under the same preconditions as the run's own.

What the run made is deleted while nothing refers to it and nobody has changed it; what it changed gets its former
values back, leaf by leaf, where nobody has written over them since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Literal

from intent import Key, Unknown
from intent.graph import stands_on
from intent.plain_data import copied
from live.avi.identity import Json
from live.kinds import KINDS
from remediate.plan import text as show
from remediate.plan.judge import undo_hits
from remediate.plan.model import Request
from remediate.plan.patch import CannotWrite
from remediate.plan.payload import canonical, content, leaf_changes
from remediate.plan.request import amend
from remediate.plan.view import Ask, View, asked_tenant, named, referrers
from remediate.registry import SAFE_ONLY, Consent
from remediate.write.authorship import Authorship
from remediate.write.record import JournalEntry, JournalRecord
from remediate.write.results import NotApplied, ObjectChanged, RunStopped
from remediate.write.uncertain import DENIED, by_whom, left_by, may_be_applied
from remediate.write.unproved import another, beyond_guards, never_written
from remediate.write.writer import Gateway, Writer, fate_of

ATTEMPTS = 5

FOR_EVER = {("systemconfiguration", "dns_virtualservice_refs")}
"""Members that cannot be emptied again once they were set [SCHEMA]."""

Outcome = Literal["undone", "already", "kept"]


@dataclass(frozen=True)
class UndoResult:
    """What became of one write of the journal; kept: it stands, and why."""

    entry: JournalEntry
    outcome: Outcome
    text: str = ""
    lasting: bool = False
    """Nothing can undo it, ever."""

    def line(self, *, several_clouds: bool) -> str:
        """`[3] PUT network of network REGIONB_VMS_3023: undone`; `several_clouds`: with the object's cloud."""
        text = f": {self.text}" if self.text else ""
        return f"[{self.entry.number}] {self.entry.line(several_clouds=several_clouds)}: {self.outcome}{text}"

    @property
    def keeps_what_it_needs(self) -> bool:
        """Whether what it stands on must stay too: something new stays, which stood on nothing before the run."""
        return self.outcome == "kept" and (self.lasting or self.entry.request.method == "POST")


def undo_run(  # noqa: PLR0913 -- the terms of one undo
    record: JournalRecord,
    writer: Writer,
    view: View,
    *,
    consent: Consent = SAFE_ONLY,
    say: Callable[[str], None] = lambda _text: None,
    stop: Callable[[], bool] = lambda: False,
) -> list[UndoResult]:
    """Undo every write of a journal that was applied, newest first.

    What cannot be undone is said and stays, and so does everything that it stands on. What is in use by now is in the
    way of its undo, unless `consent` lets it; what the Controller refuses, or could not be asked, stays all the same.
    Of a journal that is not proved, nothing is undone but through a writer that is bounded to what a person has seen.
    """
    proved, several = not record.unproved, view.environment.several_clouds
    authorship = Authorship(writer.gateway, record.head)
    terms = UndoTerms(writer, view, authorship, consent, proved=proved)
    results: list[UndoResult] = []
    kept_for: dict[Key, Key] = {}
    """By object, one that stays and stands on it."""
    for entry in reversed(record.entries):
        if entry.fate in DENIED and not (proved and may_be_applied(record, entry)):
            continue
        if stop():
            result: UndoResult | None = UndoResult(entry, "kept", "the run was interrupted")
        else:
            result = _tried(record, entry, terms, kept_for)
        if result is None:
            continue
        results.append(result)
        if result.keeps_what_it_needs:
            for key in stands_on(view.environment, entry.key):
                kept_for.setdefault(key, entry.key)
        say(result.line(several_clouds=several))
    return results


def _tried(
    record: JournalRecord, entry: JournalEntry, terms: UndoTerms, kept_for: Mapping[Key, Key]
) -> UndoResult | None:
    """What becomes of one write, whatever goes wrong; None of one that was not applied."""
    try:
        return _undone(record, entry, terms, kept_for)
    except Unknown as why:
        return UndoResult(entry, "kept", f"it could not be read: {why}")
    except (RunStopped, ObjectChanged) as why:
        return UndoResult(entry, "kept", str(why))
    except (AttributeError, LookupError, TypeError, ValueError):
        if terms.proved:
            raise
        return UndoResult(entry, "kept", "what the journal has of the object is none that a Controller gave")


def _undone(
    record: JournalRecord, entry: JournalEntry, terms: UndoTerms, kept_for: Mapping[Key, Key]
) -> UndoResult | None:
    """What becomes of one write; None of one that was not applied. Raises Unknown, RunStopped, ObjectChanged."""
    if not terms.proved and (why := _not_to_be_shown(record, entry, terms.writer, terms.view)):
        return UndoResult(entry, "kept", why)
    if entry.fate in DENIED:
        why = by_whom(entry, terms.writer.now(replace(entry.request, uuid=entry.uuid)))
        return UndoResult(entry, "kept", why) if why else None
    if entry.key in kept_for:
        user = kept_for[entry.key].text(cloud=terms.view.environment.several_clouds)
        return UndoResult(entry, "kept", f"{user} stays, and stands on it")
    return (_undo_create if entry.request.method == "POST" else _undo_change)(entry, terms)


@dataclass(frozen=True)
class UndoTerms:
    """How writes are undone. `proved`: whether it is certain that a run made them."""

    writer: Writer
    view: View
    authorship: Authorship
    consent: Consent
    _: KW_ONLY
    proved: bool


def _not_to_be_shown(record: JournalRecord, entry: JournalEntry, writer: Writer, view: View) -> str:
    """Why the undo of an entry that is not proved is not even shown; "" where it may be."""
    if not writer.bounded:
        return f"nothing proves that a run of this program wrote it: {record.unproved}"
    if why := never_written(entry, view):
        return f"refused, whatever option is given: {why}"
    now = writer.now(replace(entry.request, uuid=entry.uuid))
    if now is not None and (why := another(entry, now, view)):
        return f"refused, whatever option is given: {why}"
    return ""


def _undo_create(entry: JournalEntry, terms: UndoTerms) -> UndoResult:
    """Delete what a POST made."""
    writer = terms.writer
    request = replace(entry.request, uuid=entry.uuid)
    now = writer.now(request)
    if now is None:
        return UndoResult(entry, "already", "it is not there")
    request = replace(request, uuid=str(now["uuid"]), method="DELETE", body={}, changed=(), makes="")
    if kept := _must_stay(entry, request, now, terms):
        return UndoResult(entry, "kept", kept)
    why = ""
    for _ in range(ATTEMPTS):
        try:
            writer.send(entry.key, request, {}, now)
        except NotApplied as lost:
            why = f"every answer was lost: {lost}"
            continue
        except ObjectChanged as moved:
            # Somebody else writes: whether it may still go is looked at anew.
            why, now = str(moved), writer.now(request)
            if now is None:
                return UndoResult(entry, "already", "somebody else has deleted it meanwhile")
            if kept := _must_stay(entry, request, now, terms):
                return UndoResult(entry, "kept", kept)
            continue
        return _confirmed(entry, writer, request, now)
    return UndoResult(entry, "kept", f"given up after {ATTEMPTS} attempts: {why}")


def _confirmed(  # noqa: PLR0913, PLR0917 -- an undo, and what it was to come to
    entry: JournalEntry,
    writer: Writer,
    request: Request,
    before: Json | None,
    target: Json | None = None,
    remark: str = "",
) -> UndoResult:
    """An undo that was accepted, once it is seen to be one. `remark`: what else of the object somebody has written.

    `target`: the object as it was to be again; what the Controller keeps of a member all the same is said.
    """
    fate, now = writer.shows(request, before)
    stays = _not_restored(request, target, now) if target is not None and now is not None else ""
    if fate == "done" and not stays:
        return UndoResult(entry, "kept" if remark else "undone", remark)
    if fate in ("done", "conflict") and stays:
        text = f"it was sent and accepted, and the Controller keeps {stays}"
        return UndoResult(entry, "kept", "; ".join(filter(None, (text, remark))))
    return UndoResult(entry, "kept", _UNPROVED[fate])


def _not_restored(request: Request, target: Json, now: Json) -> str:
    """What of the members that an undo has written is not as it was to be; "" for nothing."""
    wanted, there = ({key: obj[key] for key in request.changed if key in obj} for obj in (target, now))
    return show.leaves_line(leaf_changes(canonical(wanted), canonical(there)))


_UNPROVED = {
    "lost": "it was sent and accepted, and read again nothing has changed",
    "conflict": "it was sent and accepted, and read again the object is not as it was asked for",
    "unknown": "it was sent and accepted, but could not be read again: nobody has seen that it helped",
}


def _must_stay(entry: JournalEntry, request: Request, now: Json, terms: UndoTerms) -> str:
    """Why an object that bears the name of what a POST made is not deleted; "" when it may be."""
    if not (entry.uuid and terms.proved) and fate_of(entry.request, entry.sent, None, now) != "done":
        return "what bears its name is not what this run was about to make"
    if doubt := terms.authorship.doubt(entry, str(now.get("uuid"))):
        return doubt
    left, there = (_not_issued(entry, obj) for obj in (entry.after or {}, now))
    if entry.after and (changed := _changed_since(request.api, left, there)):
        return f"it was changed since: {changed}"
    if users := _users(request, terms.writer.gateway):
        return f"it is used by {', '.join(users)}"
    return ""


_ISSUED = frozenset({"certificate", "key", "key_params", "status"})


def _not_issued(entry: JournalEntry, obj: Json) -> Json:
    """An object without what the Controller issues a moment after it was made: the certificate of its own key."""
    left = (entry.after or {}).get("certificate")
    if entry.request.api != "sslkeyandcertificate" or not isinstance(left, dict) or "certificate" in left:
        return obj
    return {name: value for name, value in obj.items() if name not in _ISSUED}


def _changed_since(api: str, then: Json, now: Json) -> str:
    """What differs from what the run left; "" when nothing."""
    return show.leaves_line(leaf_changes(content(api, then), content(api, now)))


def _users(request: Request, gateway: Gateway) -> list[str]:
    """By word and name, what refers to an object by now. Raises Unknown."""

    def ask(path: str, params: Mapping[str, str], *, tenant: str | None = None) -> Json:
        return gateway.read(path, dict(params), tenant=tenant or asked_tenant(path))

    users = referrers(ask, gateway.api_version, request.api, request.uuid)
    return [
        named(api, row)
        for api, row in users
        if not (request.api in _OWNERS and api in _BUILT_IN and _came_along(ask, api, str(row.get("uuid"))))
    ]


_OWNERS = frozenset({"cloud", "tenant"})
"""Types with whose objects a Controller makes others, which it takes away with them [INF]."""
_BUILT_IN = {kind.api: kind for kind in KINDS.values() if kind.api in ("vrfcontext", "serviceenginegroup")}


def _came_along(ask: Ask, api: str, uuid: str) -> bool:
    """Whether a Controller has made an object with the cloud or tenant that it lives in. Raises Unknown."""
    return _BUILT_IN[api].built_in(ask(f"{api}/{uuid}", {}))


def _undo_change(entry: JournalEntry, terms: UndoTerms) -> UndoResult:
    """Write back what a PUT or PATCH changed; one that somebody writes at the same time is read again."""
    why = ""
    for _ in range(ATTEMPTS):
        try:
            return _write_back(entry, terms)
        except CannotWrite as error:
            return UndoResult(entry, "kept", str(error), lasting=True)
        except (ObjectChanged, NotApplied) as error:
            why = str(error)
    return UndoResult(entry, "kept", f"given up after {ATTEMPTS} attempts: {why}")


def _write_back(entry: JournalEntry, terms: UndoTerms) -> UndoResult:
    writer = terms.writer
    now = writer.now(entry.request)
    if now is None or entry.before is None:
        return UndoResult(entry, "kept", "the object is not there any more")
    after = _after(entry, now)
    if after is None:
        return UndoResult(entry, "already", "it was never applied")
    target, others = restored(entry.request.api, entry.before, after, now)
    remark = f"written by somebody else since, and left: {', '.join(others)}" if others else ""
    request = amend(entry.request.api, now, target)
    if request is None:
        return UndoResult(entry, "kept" if others else "already", remark or "it is as it was")
    if final := _irreversible(request, target):
        return UndoResult(entry, "kept", final, lasting=True)
    if kept := terms.authorship.doubt(entry, entry.uuid) or _hits(entry, terms, request, now, target):
        return UndoResult(entry, "kept", kept)
    asked = entry.request
    request = replace(request, tenant=asked.tenant, cloud=asked.cloud, name=asked.name)
    writer.send(entry.key, request, request.body, now)
    return _confirmed(entry, writer, request, now, target, remark)


def _hits(entry: JournalEntry, terms: UndoTerms, request: Request, now: Json, target: Json) -> str:
    """Whom it would hit to write an object back, and which option lets it; "" where it may be done.

    Asked anew: those who came since the run are the ones that matter. The option lets what was read and can be let.
    """
    verdicts = undo_hits(terms.view.anew(), entry.key, entry.request.api, now, target)
    absolute = any(verdict.absolute for verdict in verdicts)
    if verdicts and (absolute or not terms.consent.disruptive):
        lets = "no option lets it" if absolute else "--allow-disruptive lets it"
        return f"it would hit {'; '.join(map(str, verdicts))}; {lets}"
    if not (terms.proved or terms.consent.disruptive) and (blind := beyond_guards(entry.key, request)):
        return f"{blind}; --allow-disruptive lets it"
    return ""


def _after(entry: JournalEntry, now: Json) -> Json | None:
    """The object as the write has left it; None where it was not applied.

    Only the answer to a PUT that carried its precondition tells that whole. What a PATCH was answered with, and what
    is read where no answer was heard, may show what others have done meanwhile: that is not this undo's.
    """
    if entry.fate == "done":
        return entry.after if entry.request.method == "PUT" else left_by(entry, entry.after)
    assert entry.before is not None
    return None if fate_of(entry.request, entry.sent, entry.before, now) == "lost" else left_by(entry, now)


def _irreversible(request: Request, target: Json) -> str:
    for api, member in FOR_EVER:
        if request.api == api and member in request.changed and not target.get(member):
            return f"{member} cannot be emptied again: the Controller refuses it"
    return ""


_ABSENT: Any = object()


def restored(api: str, before: Json, after: Json, now: Json) -> tuple[Json, list[str]]:
    """(the object with the run's changes taken back, the members that somebody else has written since).

    Three ways: what the run did not touch stays as it is now; what is as the run left it becomes as it was.
    """
    others: list[str] = []
    target = copied(now)
    was, left, live = content(api, before), content(api, after), content(api, now)
    for key in sorted({*was, *left, *live}):
        value = _leaf(was.get(key, _ABSENT), left.get(key, _ABSENT), live.get(key, _ABSENT), key, others)
        if value is _ABSENT:
            target.pop(key, None)
        elif canonical(now.get(key)) != value or key not in now:
            target[key] = value
    return target, others


def _leaf(was: Any, left: Any, now: Any, path: str, others: list[str]) -> Any:
    if was in (left, now):  # compared with ==: nothing here is its own identity
        return now
    if now == left:
        return was
    if isinstance(was, dict) and isinstance(left, dict) and isinstance(now, dict):
        members = {}
        for key in dict.fromkeys([*now, *was, *left]):
            sides = was.get(key, _ABSENT), left.get(key, _ABSENT), now.get(key, _ABSENT)
            members[key] = _leaf(*sides, f"{path}.{key}", others)
        return {key: value for key, value in members.items() if value is not _ABSENT}
    old = [] if was is _ABSENT else was
    if isinstance(old, list) and isinstance(left, list) and isinstance(now, list):
        added = [element for element in left if element not in old]
        if all(element in now for element in added):
            kept = [element for element in now if element not in added]
            return kept + [element for element in old if element not in left and element not in kept]
    others.append(path)
    return now
