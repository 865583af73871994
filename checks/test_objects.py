"""Objects: of any type of the Controller's model, as declared under `objects`."""

from intent import EXISTENCE, ConfigObject, Drift, Drifted, ObjectMember, require_once
from live.avi.identity import maker
from live.avi.snapshot import Live
from live.illness import roots
from live.kinds.objects import member_drifts, rows_left


def test_exists(config: ConfigObject, live: Live) -> None:
    """{config} is there once, and is nobody else's.

    If: is to be there
    Where: objects[].name
    Severity: critical
    Why: what refers to it has nothing to stand on; one that AKO keeps is made anew as AKO wants it.
    Do: create it, or take it out of the file where AKO makes it.
    """
    rows = live.found(config)
    require_once(config, rows, live.elsewhere(config))
    whose = maker(rows[0])
    assert not whose, (
        f"{whose} has made {config.key} and keeps it as its own cluster says; leave it out of the file"
    )


def test_absent(config: ConfigObject, live: Live) -> None:
    """{config} is not there.

    If: is to be absent
    Where: objects[].absent
    Why: what nobody needs any more is still in use by somebody, or will be.
    Do: look who refers to it, then delete it; nothing here deletes.
    """
    if rows := rows_left(live, config):
        raise Drifted(
            [Drift(config.key, EXISTENCE, None, f"there{' several times' if len(rows) > 1 else ''}")]
        )


def test_member(setting: ObjectMember, live: Live) -> None:
    """{setting} is as declared.

    Where: objects[].fields
    Severity: normal
    Why: it was declared, and something else is there.
    Do: compare both sides, then edit the object or the file.
    """
    if drifts := member_drifts(live, setting.object, setting.member):
        raise Drifted(drifts)


def test_serves(config: ConfigObject, live: Live) -> None:
    """{config} serves.

    If: is to serve
    Reads: virtualservice, virtualservice-inventory, pool, pool-inventory, vsvip, cloud, cloud-inventory,
        serviceenginegroup, serviceengine-inventory, ipamdnsproviderprofile, network-inventory, cluster/runtime
    Where: virtualservice-inventory.runtime.oper_status
    Severity: critical
    Why: that it is configured as declared helps nobody while it is down.
    Do: mend the cause that is named, else read the reason on its page.
    """
    problem = roots.problem(live, config)
    assert not problem, problem
