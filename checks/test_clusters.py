"""Step 6: Kubernetes clusters, whose AKOs share this Controller."""

from intent import Cluster, Controller, Environment
from live.ako import services, traces
from live.avi.snapshot import Live


def test_name(cluster: Cluster, environment: Environment, live: Live) -> None:
    """{cluster} has a name that is mistaken for no other's.

    Reads: serviceenginegroup, vrfcontext, virtualservice, pool, vsvip, cloud
    Severity: critical
    Why: AKO takes for its own what bears its cluster's name, and deletes what it does not want of it.
    Do: give one of the two clusters another clusterName, a VRF context of its own, or a newer AKO, as the reason says.
    """
    declared = environment.each(Cluster)
    others = [] if [*cluster.collisions(declared)] else traces.names(live, declared)
    collisions = [*cluster.collisions((*declared, *others))]
    assert not collisions, "; ".join(dict.fromkeys(collisions))


def test_name_beginning(cluster: Cluster, environment: Environment, live: Live) -> None:
    """No name of a cluster in the VRF context of {cluster} begins with another's.

    Reads: serviceenginegroup, vrfcontext, virtualservice, pool, vsvip, cloud
    Severity: minor
    Why: AKO counts the routes whose id begins with its cluster's name, and writes the VRF context too often.
    Do: name clusters so that they differ at their beginning, or give them VRF contexts of their own.
    """
    beginnings = [*cluster.beginnings(traces.names(live, environment.each(Cluster)))]
    assert not beginnings, "; ".join(beginnings)


def test_pods(cluster: Cluster, environment: Environment, live: Live) -> None:
    """The pod networks of {cluster} overlap with no other cluster's in its VRF context.

    Reads: serviceenginegroup, vrfcontext, virtualservice, pool, vsvip, cloud
    Severity: critical
    Why: of two routes to one network one is taken, and the other cluster's pods are not reached.
    Do: give the cluster another VRF context, or other pod networks.
    """
    shared = traces.shared_pods(live, cluster, environment.each(Cluster))
    assert not shared, "; ".join(shared[:10])


def test_vrf(cluster: Cluster, live: Live) -> None:
    """The routes of {cluster} are in its VRF context alone.

    Field: vrf
    Reads: vrfcontext, cloud
    Why: routes elsewhere are left over from a move, or another cluster bears the same name.
    Do: find out which AKO writes them; routes that none writes any more can be deleted by hand.
    """
    astray = [*traces.astray(live, cluster)]
    assert not astray, f"it has routes elsewhere: {'; '.join(astray)}"


def test_cloud(cluster: Cluster, live: Live) -> None:
    """What AKO has made for {cluster} is in its cloud.

    Field: cloud
    Reads: serviceenginegroup, virtualservice, pool, vsvip, cloud
    Severity: critical
    Why: objects elsewhere are of another cluster of the same name, or left over from a move.
    Do: find out which AKO writes them, and give one of the two clusters another name.
    """
    abroad = [*traces.abroad(live, cluster)]
    assert not abroad, "; ".join(abroad)


def test_object_names(cluster: Cluster, live: Live) -> None:
    """What AKO has made for {cluster} is named as it names it.

    Reads: virtualservice, pool, vsvip, cloud
    Severity: minor
    Why: what bears the mark of AKO under another name was made or renamed by somebody else, and AKO deletes it.
    Do: take `created_by` off what is not AKO's, or name it anew.
    """
    misnamed = traces.misnamed(live, cluster)
    assert not misnamed, f"{len(misnamed)} objects are named otherwise: {', '.join(misnamed[:5])}"


def test_labels(controller: Controller, environment: Environment, live: Live) -> None:
    """Every label of a cluster on an SE group is that of a declared cluster.

    If: serves clusters
    Reads: serviceenginegroup, cloud
    Where: serviceenginegroup.labels
    Why: AKO of another name does not start with such a group; a failed start leaves a wrong or empty name behind.
    Do: declare the cluster under `clusters`, or take the label off where no cluster of that name exists.
    """
    orphans = traces.orphan_labels(live, environment.each(Cluster))
    assert not orphans, f"of no declared cluster: {'; '.join(orphans[:10])}"


def test_routes(controller: Controller, environment: Environment, live: Live) -> None:
    """Every route of a cluster is that of a declared cluster.

    If: serves clusters
    Reads: vrfcontext, cloud
    Where: vrfcontext.static_routes
    Why: routes of a cluster that is gone lead to nodes that are gone, or to whoever has their addresses now.
    Do: declare the cluster under `clusters`, or delete the routes by hand once it is gone.
    """
    orphans = traces.orphan_routes(live, environment.each(Cluster))
    assert not orphans, f"of no declared cluster: {'; '.join(orphans[:10])}"


def test_objects(controller: Controller, environment: Environment, live: Live) -> None:
    """Every object that an AKO has made is that of a declared cluster.

    If: serves clusters
    Reads: virtualservice, pool, vsvip, cloud
    Where: virtualservice.created_by, pool.created_by, vsvip.markers
    Why: services of a cluster that is gone hold addresses, names and Service Engines.
    Do: declare the cluster under `clusters`, or delete what it has left once it is gone.
    """
    orphans = traces.orphan_objects(live, environment.each(Cluster))
    assert not orphans, f"of no declared cluster: {'; '.join(orphans[:10])}"


def test_services_up(cluster: Cluster, live: Live) -> None:
    """Every virtual service of {cluster} is up.

    Reads: virtualservice, virtualservice-inventory, vsvip, cloud, cloud-inventory, serviceenginegroup,
        serviceengine-inventory, pool, pool-inventory
    Where: virtualservice-inventory.runtime.oper_status
    Severity: critical
    Why: AKO has made it and says nothing more: what waits for an address or a Service Engine is not reached.
    Do: mend the cause that is named: the VIP network's pool, the cloud, or the Service Engines of the group.
    """
    down = services.require_serving(live, cluster, services.services)
    assert not down, down


def test_vips(cluster: Cluster, live: Live) -> None:
    """Every VIP of {cluster} has an address.

    Reads: virtualservice, vsvip
    Where: vsvip.vip.ip_address
    Severity: critical
    Why: without an address nothing is placed, and no name is registered.
    Do: look at the IPAM profile's usable networks and at the free addresses of the VIP network.
    """
    bare = services.require_serving(live, cluster, services.vips)
    assert not bare, bare


def test_pools_up(cluster: Cluster, live: Live) -> None:
    """Every pool of {cluster} that has servers is up.

    Reads: pool, pool-inventory
    Where: pool-inventory.runtime.oper_status
    Severity: critical
    Why: a pool without a server that answers leads nowhere, however well its service is placed.
    Do: look at the pods behind it, at the routes to their nodes, and at the pool's health monitor.
    """
    down = services.require_serving(live, cluster, services.pools)
    assert not down, down


def test_pools_have_servers(cluster: Cluster, live: Live) -> None:
    """Every pool of {cluster} has a server.

    Reads: pool, pool-inventory
    Where: pool-inventory.runtime.num_servers
    Severity: minor
    Why: a Deployment that is scaled to zero is meant to be; a Service that selects no pod is not.
    Do: look at the Service's selector and endpoints, and at the Deployment's replicas.
    """
    empty = services.require_serving(live, cluster, services.empty_pools)
    assert not empty, empty
