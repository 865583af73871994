"""Step 4: size and limits of Service Engine groups, where their Service Engines are made, and their labels."""

from intent import ServiceEngineGroup, require
from live.avi.snapshot import Live


def test_vcpus(group: ServiceEngineGroup, live: Live) -> None:
    """{group} gives its Service Engines their virtual CPUs.

    Field: vcpus
    Severity: critical
    Why: fewer carry less than was planned, more cost licences; only new Service Engines follow a change.
    Do: edit the group's resources and set the virtual CPUs; then make its Service Engines anew, one by one.
    """
    require(group, live[group], "vcpus")


def test_memory(group: ServiceEngineGroup, live: Live) -> None:
    """{group} gives its Service Engines their memory.

    Field: memory_mb
    Severity: critical
    Why: too little, and Service Engines refuse virtual services; only new Service Engines follow a change.
    Do: edit the group's resources and set the memory; then make its Service Engines anew, one by one.
    """
    require(group, live[group], "memory_mb")


def test_disk(group: ServiceEngineGroup, live: Live) -> None:
    """{group} gives its Service Engines their disk.

    Field: disk_gb
    Why: a small disk keeps few logs, and is too small for an upgrade; only new Service Engines follow a change.
    Do: edit the group's resources and set the disk; then make its Service Engines anew, one by one.
    """
    require(group, live[group], "disk_gb")


def test_reserved_cpu(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has its CPUs reserved as declared.

    Field: reserve_cpu
    Why: without a reservation a busy host slows every virtual service; with one, a full host makes no Service Engine.
    Do: edit the group's resources and switch the CPU reservation to what is declared.
    """
    require(group, live[group], "reserve_cpu")


def test_reserved_memory(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has its memory reserved as declared.

    Field: reserve_memory
    Why: without a reservation a full host swaps a Service Engine out.
    Do: edit the group's resources and switch the memory reservation to what is declared.
    """
    require(group, live[group], "reserve_memory")


def test_most_engines(group: ServiceEngineGroup, live: Live) -> None:
    """{group} may have as many Service Engines as declared.

    Field: max_se
    Severity: critical
    Why: with fewer there is nowhere to go when a host fails; with more, licences and addresses run out.
    Do: edit the group and set the maximum number of Service Engines.
    """
    require(group, live[group], "max_se")


def test_fewest_engines(group: ServiceEngineGroup, live: Live) -> None:
    """{group} keeps at least as many Service Engines as declared.

    Field: min_se
    Why: each costs a VM, a licence and addresses, and stands ready when a virtual service comes.
    Do: edit the group and set the minimum number of Service Engines.
    """
    require(group, live[group], "min_se")


def test_services_per_engine(group: ServiceEngineGroup, live: Live) -> None:
    """{group} places as many virtual services on a Service Engine as declared.

    Field: max_vs_per_se
    Severity: critical
    Why: when every Service Engine is full and no more may be made, the next virtual service of AKO stays down.
    Do: edit the group and set the maximum number of virtual services a Service Engine.
    """
    require(group, live[group], "max_vs_per_se")


def test_first_scale(group: ServiceEngineGroup, live: Live) -> None:
    """{group} begins virtual services on as many Service Engines as declared.

    Field: min_scaleout
    Severity: critical
    Why: on one, a virtual service is down while its Service Engine is made anew.
    Do: edit the group and set the minimum scale a virtual service.
    """
    require(group, live[group], "min_scaleout")


def test_last_scale(group: ServiceEngineGroup, live: Live) -> None:
    """{group} lets virtual services grow to as many Service Engines as declared.

    Field: max_scaleout
    Why: it bounds what one virtual service can take of the group.
    Do: edit the group and set the maximum scale a virtual service.
    """
    require(group, live[group], "max_scaleout")


def test_algorithm(group: ServiceEngineGroup, live: Live) -> None:
    """{group} places virtual services as declared.

    Field: algorithm
    Why: packed leaves Service Engines empty and removes them; distributed spreads the load, and takes them all.
    Do: edit the group and choose compact or distributed placement; new placements follow it.
    """
    require(group, live[group], "algorithm")


def test_deprovision_delay(group: ServiceEngineGroup, live: Live) -> None:
    """{group} removes empty Service Engines after as long as declared.

    Field: deprovision_delay
    Severity: minor
    Why: with a short delay Service Engines come and go with every deployment.
    Do: edit the group's advanced settings and set the delay for deleting unused Service Engines.
    """
    require(group, live[group], "deprovision_delay")


def test_license_tier(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has its licence tier.

    Field: license_tier
    Severity: critical
    Why: another tier takes features away, or takes licences that were not planned for it.
    Do: edit the group and choose the licence tier.
    """
    require(group, live[group], "license_tier")


def test_clusters(group: ServiceEngineGroup, live: Live) -> None:
    """{group} knows the declared clusters of vCenter.

    Field: clusters.names
    Severity: critical
    Why: elsewhere Service Engines take what was planned for others, or lack the networks that they need.
    Do: edit the group's placement scope and choose the clusters.
    """
    require(group, live[group], "clusters.names")


def test_clusters_included(group: ServiceEngineGroup, live: Live) -> None:
    """{group} includes or excludes its clusters as declared.

    Field: clusters.include
    Severity: critical
    Why: excluded instead of included, Service Engines are made everywhere but where they belong.
    Do: edit the group's placement scope and choose Include or Exclude.
    """
    require(group, live[group], "clusters.include")


def test_hosts(group: ServiceEngineGroup, live: Live) -> None:
    """{group} knows the declared hosts of vCenter.

    Field: hosts.names
    Severity: critical
    Why: elsewhere Service Engines take what was planned for others, or lack the networks that they need.
    Do: edit the group's placement scope and choose the hosts.
    """
    require(group, live[group], "hosts.names")


def test_hosts_included(group: ServiceEngineGroup, live: Live) -> None:
    """{group} includes or excludes its hosts as declared.

    Field: hosts.include
    Severity: critical
    Why: excluded instead of included, Service Engines are made everywhere but where they belong.
    Do: edit the group's placement scope and choose Include or Exclude.
    """
    require(group, live[group], "hosts.include")


def test_datastores(group: ServiceEngineGroup, live: Live) -> None:
    """{group} knows the declared datastores of vCenter.

    Field: datastores.names
    Severity: critical
    Why: elsewhere Service Engines fill what was planned for others, or lie where their hosts cannot read them.
    Do: edit the group's placement scope and choose the datastores.
    """
    require(group, live[group], "datastores.names")


def test_datastores_included(group: ServiceEngineGroup, live: Live) -> None:
    """{group} includes or excludes its datastores as declared.

    Field: datastores.include
    Severity: critical
    Why: excluded instead of included, Service Engines are made everywhere but where they belong.
    Do: edit the group's placement scope and choose Include or Exclude.
    """
    require(group, live[group], "datastores.include")


def test_datastore_mode(group: ServiceEngineGroup, live: Live) -> None:
    """{group} takes the declared kind of datastore.

    Field: datastores.mode
    Why: from a local datastore a Service Engine cannot move when its host is maintained.
    Do: edit the group's placement scope and choose any, local or shared datastores.
    """
    require(group, live[group], "datastores.mode")


def test_management_network(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has its own management network.

    Field: management.network
    Severity: critical
    Why: on another network a Service Engine does not reach the Controller and never comes up.
    Do: edit the group's advanced settings and choose the management network.
    """
    require(group, live[group], "management.network")


def test_management_subnet(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has its own management subnet.

    Field: management.subnet
    Severity: critical
    Why: from another subnet a Service Engine gets an address that leads nowhere.
    Do: edit the group's advanced settings and set the management subnet.
    """
    require(group, live[group], "management.subnet")


def test_labels(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has its labels.

    Field: labels
    Why: tools of the site find the group by its labels; that of AKO's cluster is AKO's own.
    Do: edit the group and add the label.
    """
    require(group, live[group], "labels")


def test_label_values(group: ServiceEngineGroup, live: Live) -> None:
    """The labels of {group} have their values.

    Field: labels.value
    Why: tools of the site find the group by its labels.
    Do: edit the group and set the label.
    """
    require(group, live[group], "labels.value")


def test_markers(group: ServiceEngineGroup, live: Live) -> None:
    """{group} has its markers.

    Field: markers
    Why: a role that is kept to marked objects does not see the group without its marker.
    Do: edit the group's role-based access and add the marker.
    """
    require(group, live[group], "markers")


def test_marker_values(group: ServiceEngineGroup, live: Live) -> None:
    """The markers of {group} have their values.

    Field: markers.values
    Why: a role that is kept to marked objects does not see the group with another marker.
    Do: edit the group's role-based access and set the marker.
    """
    require(group, live[group], "markers.values")
