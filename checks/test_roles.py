"""Step 1: roles, and what they may do."""

from intent import require, require_once
from intent.kinds.accounts import Role
from live.avi.snapshot import Live


def test_exists(role: Role, live: Live) -> None:
    """{role} exists.

    Severity: critical
    Why: a user without it may do nothing.
    Do: create it under Administration > Accounts > Roles.
    """
    require_once(role, live.found(role), live.elsewhere(role))


def test_privileges(role: Role, live: Live) -> None:
    """{role} has its privileges.

    Field: privileges
    Severity: critical
    Why: AKO fails at the first object that it may not write; a right that nobody planned is one that somebody can use.
    Do: edit the role and set what it may read and write.
    """
    require(role, live[role], "privileges")


def test_access(role: Role, live: Live) -> None:
    """The privileges of {role} reach as far as declared.

    Field: privileges.access
    Severity: critical
    Why: with read access alone AKO's writes are refused; with write access a reader can destroy.
    Do: edit the role and set what it may read and write.
    """
    require(role, live[role], "privileges.access")


def test_unlabelled(role: Role, live: Live) -> None:
    """{role} sees objects without a marker as declared.

    Field: unlabelled
    Why: a role that is kept to marked objects sees all the others too, or none.
    Do: edit the role and switch the access to objects without markers to what is declared.
    """
    require(role, live[role], "unlabelled")
