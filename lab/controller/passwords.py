"""Passwords of users: complexity, history, age and lock-out, by the account profile or the password policy of 32.1.

A Controller whose system configuration names a policy goes by it, one that names none by the profiles [CLIENT].
From 32.1.1 on a profile holds its limits in three constraints; the members inside have the names that they had beside
each other before, and an older reader is shown those [INF].
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.hooks import Change, Moment, Showing, on
from lab.objects import Json, Object, Refused
from lab.site import Site

CONSTRAINED = (32, 1, 1)
CONSTRAINTS = {
    "lockout_constraint": ("max_login_failure_count", "account_lock_timeout"),
    "expiration_constraint": ("credentials_timeout_threshold",),
    "complexity_constraint": ("max_password_history_count",),
}
CLASSES = {
    "min_upper": str.isupper,
    "min_lower": str.islower,
    "min_numeric": str.isdecimal,
    "min_special": lambda letter: not letter.isalnum(),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a user: failed logins before a lock-out, its seconds, days of a password, sessions; 0 is no limit."""

    failures: int
    locked: float
    window: float
    """Within how many seconds the failures count; 0 is for ever."""
    days: int
    sessions: int


def limits(site: Site, user: Object) -> Limits:
    """The limits of a user; one without a profile has none."""
    profile = site.store.at(str(user.body.get("user_profile_ref", "")))
    body = flat(profile.body) if profile else {}
    sessions = int(body.get("max_concurrent_sessions", 0))
    if (policy := policy_of(site)) is not None:
        return Limits(
            int(policy.get("lockout_max_auth_failures", 3)),
            float(policy.get("lockout_period", 900)),
            float(policy.get("lockout_evaluation_period", 900)),
            int(policy.get("password_expiration_days", 365)),
            sessions,
        )
    minutes = int(body.get("account_lock_timeout", 30)) if profile else 0
    days = int(body.get("credentials_timeout_threshold", 0))
    return Limits(int(body.get("max_login_failure_count", 0)), minutes * 60.0, 0.0, days, sessions)


def policy_of(site: Site) -> Json | None:
    """The password policy that is in force; None where the profiles are."""
    policy = site.store.at(str(site.system.get("password_policy_ref", "")))
    return policy.body if policy is not None else None


def flat(profile: Json) -> Json:
    """A profile's body with the members of its constraints beside each other, as models before 32.1 have them."""
    inside = {key: value for name in CONSTRAINTS for key, value in (profile.get(name) or {}).items()}
    return inside | {key: value for key, value in profile.items() if key not in CONSTRAINTS}


def constrained(profile: Json) -> Json:
    """A profile's body as models from 32.1 on have it."""
    parts: Json = {
        name: {key: profile[key] for key in members if key in profile}
        for name, members in CONSTRAINTS.items()
    }
    moved = {key for members in CONSTRAINTS.values() for key in members}
    return parts | {key: value for key, value in profile.items() if key not in moved}


def check(site: Site, user: str, password: str) -> None:
    """Refuse (400) a new password that the policy does not allow [SCHEMA limits, INF words]; note it otherwise."""
    policy = policy_of(site)
    if policy is None:
        return
    least = int(policy.get("min_length", 15))
    if len(password) < least:
        raise Refused(400, f"Password must have at least {least} characters")
    for member, is_of in CLASSES.items():
        if sum(map(is_of, password)) < int(policy.get(member, 0)):
            kind = member.removeprefix("min_")
            raise Refused(400, f"Password must have at least {policy[member]} {kind} characters")
    known: dict[str, list[str]] = site.memory.setdefault("password_history", {})
    latest = known.setdefault(user, [])
    count = int(policy.get("password_history", 5))
    if count and password in latest[-count:]:
        raise Refused(400, f"Password must differ from the last {count}")
    latest.append(password)


@on(Moment.CHECK, "user")
def new_password(change: Change) -> None:
    """A new password is held to the policy."""
    new, old = change.new.body.get("password"), change.old.body.get("password") if change.old else None
    if isinstance(new, str) and new != old:
        check(change.site, change.new.uuid, new)


@on(Moment.VIEW, "useraccountprofile")
def older_members(showing: Showing) -> None:
    """An older reader of a Controller of 32.1 sees the limits beside each other [INF]."""
    if showing.site.version >= CONSTRAINED > showing.version:
        showing.body = flat(showing.body)
