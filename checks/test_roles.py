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


def test_filters(role: Role, live: Live) -> None:
    """{role} is kept to the objects with the declared labels.

    Field: filters
    Severity: critical
    Why: an object without the label is not there for its users, AKO too; a label that goes opens what was closed.
    Do: edit the role and set the labels that it filters by.
    """
    require(role, live[role], "filters")


def test_filter_values(role: Role, live: Live) -> None:
    """The label filters of {role} have their values.

    Field: filters.values
    Severity: critical
    Why: an object with another value is not there for its users, or is and should not be.
    Do: edit the role and set the values of the label.
    """
    require(role, live[role], "filters.values")


def test_filter_match(role: Role, live: Live) -> None:
    """The label filters of {role} compare as declared.

    Field: filters.match
    Severity: critical
    Why: compared the other way round, the role reaches all that it should not.
    Do: edit the role and choose how the label is compared.
    """
    require(role, live[role], "filters.match")


def test_unlabelled(role: Role, live: Live) -> None:
    """{role} sees objects without a marker as declared.

    Field: unlabelled
    Why: a role that is kept to marked objects sees all the others too, or none.
    Do: edit the role and switch the access to objects without markers to what is declared.
    """
    require(role, live[role], "unlabelled")
