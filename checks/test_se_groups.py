"""Step 4: Service Engine groups, one for each cluster and one for DNS."""

from intent import ServiceEngineGroup, require, require_once
from live.avi.snapshot import Live
from live.illness import roots


def test_exists(group: ServiceEngineGroup, live: Live) -> None:
    """{group} exists in its cloud.

    Severity: blocker
    Why: AKO does not notice a missing group when it starts; its first virtual service fails.
    Do: create it under Infrastructure > Cloud Resources > Service Engine Group.
    """
    require_once(group, live.found(group), live.elsewhere(group))


def test_ha_mode(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has its high-availability mode.

    Field: ha_mode
    Severity: critical
    Why: the mode decides how many Service Engines carry a virtual service, and what a failure costs.
    Do: edit the group's high-availability mode; new placements follow it.
    """
    require(group, live[group], "ha_mode")


def test_buffer(group: ServiceEngineGroup, live: Live) -> None:
    """{group} keeps its number of buffer Service Engines.

    Field: buffer
    Why: each buffer Service Engine costs a VM, a licence and addresses.
    Do: edit the group's Buffer Service Engines.
    """
    require(group, live[group], "buffer")


def test_name_prefix(group: ServiceEngineGroup, live: Live) -> None:
    """{group} names its Service Engines with its prefix.

    Field: name_prefix
    Severity: minor
    Why: the prefix is how people tell whose VM it is; only new Service Engines follow a change.
    Do: edit the group's Service Engine Name Prefix in its advanced settings.
    """
    require(group, live[group], "name_prefix")


def test_folder(group: ServiceEngineGroup, live: Live) -> None:
    """{group} puts its Service Engines into its vCenter folder.

    Field: folder
    Why: permissions and backups follow the folder.
    Do: edit the group's Service Engine Folder in its advanced settings.
    """
    require(group, live[group], "folder")


def test_realtime_metrics(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has real-time metrics as declared.

    Field: realtime_metrics.enabled
    Why: without them metrics come every five minutes, too late to see a short peak.
    Do: edit the group and switch Real-Time Metrics to what is declared.
    """
    require(group, live[group], "realtime_metrics.enabled")


def test_realtime_duration(group: ServiceEngineGroup, live: Live) -> None:
    """{group} keeps real-time metrics on for as long as declared.

    Field: realtime_metrics.duration
    Severity: minor
    Why: with a duration other than 0 they switch themselves off after so many minutes.
    Do: edit the group and set the duration of its real-time metrics; 0 means without end.
    """
    require(group, live[group], "realtime_metrics.duration")


def test_vcenters(group: ServiceEngineGroup, live: Live) -> None:
    """{group} places Service Engines in the declared vCenter servers.

    Field: vcenters
    Severity: critical
    Why: in a vCenter that is missing no Service Engine of the group is made.
    Do: edit the group and add the vCenter server to its placement scope.
    """
    require(group, live[group], "vcenters")


def test_vcenter_folders(group: ServiceEngineGroup, live: Live) -> None:
    """{group} puts its Service Engines into its folder in each vCenter server.

    Field: vcenters.folder
    Why: permissions and backups follow the folder.
    Do: edit the group's placement scope and choose the folder.
    """
    require(group, live[group], "vcenters.folder")


def test_vcenter_clusters(group: ServiceEngineGroup, live: Live) -> None:
    """{group} knows the declared clusters of each vCenter server.

    Field: vcenters.clusters.ids
    Severity: critical
    Why: elsewhere Service Engines take what was planned for others, or lack the networks that they need.
    Do: edit the group's placement scope and choose the clusters.
    """
    require(group, live[group], "vcenters.clusters.ids")


def test_vcenter_clusters_included(group: ServiceEngineGroup, live: Live) -> None:
    """{group} includes or excludes its clusters as declared.

    Field: vcenters.clusters.include
    Severity: critical
    Why: elsewhere Service Engines take what was planned for others, or lack the networks that they need.
    Do: edit the group's placement scope and choose the clusters.
    """
    require(group, live[group], "vcenters.clusters.include")


def test_vcenter_hosts(group: ServiceEngineGroup, live: Live) -> None:
    """{group} knows the declared hosts of each vCenter server.

    Field: vcenters.hosts.ids
    Severity: critical
    Why: elsewhere Service Engines take what was planned for others, or lack the networks that they need.
    Do: edit the group's placement scope and choose the hosts.
    """
    require(group, live[group], "vcenters.hosts.ids")


def test_vcenter_hosts_included(group: ServiceEngineGroup, live: Live) -> None:
    """{group} includes or excludes its hosts as declared.

    Field: vcenters.hosts.include
    Severity: critical
    Why: elsewhere Service Engines take what was planned for others, or lack the networks that they need.
    Do: edit the group's placement scope and choose the hosts.
    """
    require(group, live[group], "vcenters.hosts.include")


def test_vcenter_datastores(group: ServiceEngineGroup, live: Live) -> None:
    """{group} knows the declared datastores of each vCenter server.

    Field: vcenters.datastores.ids
    Severity: critical
    Why: elsewhere Service Engines take what was planned for others, or lack the networks that they need.
    Do: edit the group's placement scope and choose the datastores.
    """
    require(group, live[group], "vcenters.datastores.ids")


def test_vcenter_datastores_included(group: ServiceEngineGroup, live: Live) -> None:
    """{group} includes or excludes its datastores as declared.

    Field: vcenters.datastores.include
    Severity: critical
    Why: elsewhere Service Engines take what was planned for others, or lack the networks that they need.
    Do: edit the group's placement scope and choose the datastores.
    """
    require(group, live[group], "vcenters.datastores.include")


def test_engines_serve(group: ServiceEngineGroup, live: Live) -> None:
    """The Service Engines of {group} serve.

    Reads: serviceengine-inventory
    Where: serviceengine-inventory.runtime.oper_status
    Severity: critical
    Why: one that is down carries nothing; where none is up, or none can be made, every service of the group is down.
    Do: read the reason on the Service Engine's page; look at its VM, its host and its management network.
    """
    problem = roots.group_problem(live, group)
    assert not problem, problem


def test_engine_versions(group: ServiceEngineGroup, live: Live) -> None:
    """The Service Engines of {group} run the Controller's version.

    Reads: serviceengine-inventory
    Where: serviceengine-inventory.runtime.version
    Severity: minor
    Why: one that an upgrade left behind takes nothing that is newer than it.
    Do: upgrade the group under Administration > System Update.
    """
    others = roots.other_versions(live, group)
    assert not others, f"{'; '.join(others[:5])}; the Controller runs {live.snapshot.version}"
