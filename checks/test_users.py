"""Step 1: users, their roles and the rules for their passwords."""

from intent import require, require_once
from intent.kinds.accounts import AccountProfile, User
from live.avi.snapshot import Live


def test_user_exists(user: User, live: Live) -> None:
    """{user} exists.

    Severity: critical
    Why: AKO cannot log in.
    Do: create him under Administration > Accounts > Users.
    """
    require_once(user, live.found(user), live.elsewhere(user))


def test_superuser(user: User, live: Live) -> None:
    """{user} is a superuser as declared.

    Field: superuser
    Severity: critical
    Why: no role bounds a superuser.
    Do: edit the user under Administration > Accounts > Users.
    """
    require(user, live[user], "superuser")


def test_active(user: User, live: Live) -> None:
    """{user} may log in as declared.

    Field: active
    Severity: critical
    Why: a user who may not log in does no work; one who still may can do harm.
    Do: edit the user under Administration > Accounts > Users.
    """
    require(user, live[user], "active")


def test_access(user: User, live: Live) -> None:
    """{user} has a role in the declared tenants.

    Field: access
    Severity: critical
    Why: in a tenant without a role he sees nothing; a role that nobody planned is one that somebody can use.
    Do: edit the user and give him the role, or take it from him.
    """
    require(user, live[user], "access")


def test_roles(user: User, live: Live) -> None:
    """{user} has his roles.

    Field: access.role
    Severity: critical
    Why: with another role he may do too little or too much.
    Do: edit the user and choose the role.
    """
    require(user, live[user], "access.role")


def test_profile(user: User, live: Live) -> None:
    """{user} has his account profile.

    Field: profile
    Severity: critical
    Why: under another profile the password of a machine expires, and AKO shuts down.
    Do: edit the user and choose the account profile.
    """
    require(user, live[user], "profile")


def test_profile_exists(profile: AccountProfile, live: Live) -> None:
    """{profile} exists.

    Severity: normal
    Why: its rules hold for nobody.
    Do: create it under Administration > Accounts > Account Profiles.
    """
    require_once(profile, live.found(profile), live.elsewhere(profile))


def test_max_sessions(profile: AccountProfile, live: Live) -> None:
    """{profile} allows as many sessions at once as declared.

    Field: max_sessions
    Why: without a limit a stolen password is not noticed; at a low one, AKO cannot log in again.
    Do: edit the account profile's maximum number of sessions.
    """
    require(profile, live[profile], "max_sessions")


def test_password_days(profile: AccountProfile, live: Live) -> None:
    """Passwords under {profile} expire after as long as declared.

    Field: password_days
    Severity: critical
    Why: when AKO's password expires its next call is refused and it shuts down.
    Do: edit the account profile's time until credentials expire.
    """
    require(profile, live[profile], "password_days")


def test_max_failures(profile: AccountProfile, live: Live) -> None:
    """Accounts under {profile} are locked after as many failures as declared.

    Field: max_failures
    Why: without a lock a password can be guessed; with one, anybody can lock AKO's user.
    Do: edit the account profile's number of failed logins.
    """
    require(profile, live[profile], "max_failures")


def test_lock_minutes(profile: AccountProfile, live: Live) -> None:
    """Accounts under {profile} stay locked for as long as declared.

    Field: lock_minutes
    Why: with 0 a locked account of a machine stays locked until somebody comes.
    Do: edit the account profile's lock time.
    """
    require(profile, live[profile], "lock_minutes")


def test_password_history(profile: AccountProfile, live: Live) -> None:
    """Former passwords are refused under {profile} as declared.

    Field: password_history
    Severity: minor
    Why: without a history an expired password comes back.
    Do: edit the account profile's number of former passwords.
    """
    require(profile, live[profile], "password_history")
