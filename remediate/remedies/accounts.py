"""Remedies of tenants, roles and account profiles. Who may do what is never given to a user by this program."""

from __future__ import annotations

from intent import EXISTENCE
from intent.kinds.accounts import AccountProfile, Role, Tenant, User
from remediate.registry import Case, Verdict, no_remedy, remedy

no_remedy(
    Tenant,
    (f"settings.{name}" for name in ("engines_of_provider", "engines_readable", "own_vrfs")),
    "what a tenant shares is decided when it is made, and what is in it stands on that; make another tenant and "
    "move its objects",
)
no_remedy(
    User,
    EXISTENCE,
    "a user needs a password, which stands in no file; make him under Administration > Accounts > Users",
)
no_remedy(
    User,
    ("superuser", "active", "access", "access.role", "profile"),
    "what a person or a machine may do is given by whoever answers for it, under Administration > Accounts > Users",
)


@remedy(Tenant, EXISTENCE, risk="guarded")
def make_tenant(case: Case) -> Verdict:
    """Make the tenant with what it shares; nothing of ours is in it yet."""
    return Verdict(
        permanent="the Controller gives it VRF contexts and groups of its own, which an undo leaves with it"
    )


@remedy(Role, EXISTENCE, risk="safe")
def make_role(case: Case) -> Verdict:
    """Make the role; it gives no right until a user has it."""
    return Verdict()


@remedy(Role, "privileges", "privileges.access", "unlabelled", risk="guarded")
def set_privileges(case: Case) -> Verdict:
    """Set what the role may do. More rights hit nobody; who has the role loses those that go."""
    if not any(drift.removes or drift.have == "write" or drift.want is False for drift in case.drifts):
        return Verdict()
    hit = case.view.users("role", str(case.raw["uuid"]), "user")
    return Verdict(hit=hit, effect="they would lose rights that they may need, AKO first")


@remedy(Role, "filters", "filters.values", "filters.match", risk="guarded")
def set_filters(case: Case) -> Verdict:
    """Set the labels that the role is kept to; who has the role reaches other objects at once."""
    hit = case.view.users("role", str(case.raw["uuid"]), "user")
    return Verdict(hit=hit, effect="they would reach other objects than before, AKO too")


@remedy(AccountProfile, EXISTENCE, risk="safe")
def make_profile(case: Case) -> Verdict:
    """Make the account profile; its rules hold for nobody until a user has it."""
    return Verdict()


@remedy(
    AccountProfile,
    *("max_sessions", "password_days", "max_failures", "lock_minutes", "password_history"),
    risk="guarded",
)
def set_rules(case: Case) -> Verdict:
    """Set the rules for passwords and sessions; a machine that logs in by them may be shut out."""
    hit = case.view.users("useraccountprofile", str(case.raw["uuid"]), "user")
    return Verdict(
        hit=hit, effect="the other rules hold for them at once: sessions, expiry and locks, AKO's too"
    )
