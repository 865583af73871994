"""Rights of AKO's user, proved by logging in as it and asking with GET what AKO asks when it starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from intent import Controller, Unknown
from intent.ako.boot import CACHED
from intent.ako.seen import ADMIN, Account, Seen
from intent.ako.settings import Settings
from intent.drift import Unread
from live.avi.gateway import Gateway
from live.avi.session import Credentials
from live.deadlines import Timeouts
from live.errors import LoginRefused, ReadDenied

READS = {
    "tenant": "PERMISSION_TENANT",
    "cloud": "PERMISSION_CLOUD",
    "network": "PERMISSION_NETWORK",
    "vrfcontext": "PERMISSION_VRFCONTEXT",
    "serviceenginegroup": "PERMISSION_SERVICEENGINEGROUP",
    "cluster/runtime": "PERMISSION_CONTROLLER",
    "systemconfiguration": "PERMISSION_SYSTEMCONFIGURATION",
    "ipamdnsproviderprofile": "PERMISSION_IPAMDNSPROVIDERPROFILE",
    **{name.lower(): f"PERMISSION_{name}" for name in CACHED},
}
"""What AKO reads when it starts, and the permission of each."""


SINGLE = ("cluster/runtime", "systemconfiguration")
"""Of them, those that are one object and no list."""


def ask_as(settings: Settings, controller: Controller, base: Path, seconds: float) -> Account:
    """What AKO's user is answered: whether it is let in, and what it may not read in its tenant and in tenant admin.

    Only the login and GET are sent. Raises Unknown where the values hold no login, or nothing answers.
    """
    login = settings.login
    if not login.username or not (login.password or login.token):
        raise Unknown("the values hold no login of AKO; --as-ako needs avicredentials")
    credentials = Credentials(username=login.username, password=login.password, token=login.token)
    gateway = Gateway(controller, credentials, base=base, timeouts=Timeouts(seconds))
    account = Account(login.username, proved=True)
    denied = set()
    try:
        for tenant in dict.fromkeys((settings.tenant, ADMIN)):
            for api, permission in READS.items():
                try:
                    gateway.read(api, None if api in SINGLE else {"page_size": "1"}, tenant=tenant)
                except ReadDenied:
                    denied.add((tenant, permission))
    except LoginRefused:
        return replace(
            account, refused="the Controller refuses its login: password, lockout, or limit of sessions"
        )
    finally:
        gateway.close()
    return replace(account, denied=frozenset(denied))


def with_proofs(seen: Seen, proofs: Iterable[Account]) -> Seen:
    """The site with what was proved of users, in place of or beside what an auditor has read of them."""
    known = () if isinstance(seen.accounts, Unread) else seen.accounts
    accounts = {each.name: each for each in known}
    for proof in proofs:
        read = accounts.get(proof.name, proof)
        accounts[proof.name] = replace(read, proved=True, denied=proof.denied, refused=proof.refused)
    return replace(seen, accounts=tuple(accounts.values()))
