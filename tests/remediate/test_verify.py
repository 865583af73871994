"""What may still become green with time, after the writes."""

from remediate.run.settling import affected
from tests.remediate.inprocess import environment


def words(changed):
    site = environment()
    return {str(key) for key in affected(site, {changed(site).key})}


def test_a_dns_service_takes_its_names_with_it_on_every_host():
    found = words(lambda site: site.dns_services[0])
    assert {
        "DNS name test.avi.iberia.local",
        "name on a host test.avi.iberia.local on k8sopsbox",
        "path k8sopsbox to local-dns-site1",
        "SE group DNS-SE-Group",
        "cloud Default-Cloud",
    } <= found
    assert "path k8sopsbox to vcenter" not in found
    assert "SE group S1-AZ1-SE-Group" not in found


def test_what_a_service_stands_on_takes_the_service_with_it():
    assert "DNS service local-dns-site1" in words(lambda site: site.networks[1])
    assert "DNS service local-dns-site1" not in words(lambda site: site.networks[3])


def test_the_site_is_in_memory_once(lab, runs):
    """What the first pass read has gone when the second reads: two of the largest site are too much."""
    lab.reset("drifted")
    networks = ("checks/test_networks.py",)
    code, said = runs("--remediate", "-s", "-p", "tests.remediate.witness_lives", checks=networks)
    assert code == 0, said
    assert "reading 1: 1 in memory" in said
    assert "reading 2: 1 in memory" in said
