"""A small environment file in which everything is right."""

GOOD = """\
name: site
controller:
  address: 10.10.20.10
clouds:
  - name: Default-Cloud
    dns_profile: DNS_Default
dns_profiles:
  - name: DNS_Default
    domains:
      - name: avi.iberia.local
    ttl: 30
vrfs:
  - name: VRF_AZ1
networks:
  - name: front
    vrf: VRF_AZ1
    dhcp: false
    subnets:
      - prefix: 10.10.25.0/24
        pools:
          - range: 10.10.25.40-10.10.25.59
            use: vip
  - name: back
    vrf: VRF_AZ1
    subnets:
      - prefix: 10.10.24.0/24
se_groups:
  - name: DNS-SE-Group
dns_services:
  - name: dns
    se_group: DNS-SE-Group
    vrf: VRF_AZ1
    vip:
      network: front
    records:
      - name: test.avi.iberia.local
        addresses: [10.10.24.10]
system:
  dns_services: [dns]
"""
