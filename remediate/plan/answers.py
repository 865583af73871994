"""Answers on which guards rest: the shapes of what a Controller is asked before a guarded write, as typed models.

Members that no model names are ignored. A member that is named and is missing or of another type, or a word that is
not one of the schema's, makes the whole answer Unknown: a guard that does not understand lets nothing through. The
shapes are [SCHEMA]; a Controller leaves out a list in which nothing stands.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    ValidationError,
    model_validator,
)

from intent import Unknown

Ref = Annotated[str, Field(pattern="^(https?://[^/]+)?/api/")]
"""A reference to another object."""


def _no_error(_value: Any) -> None:
    raise ValueError("it reports an error")


class Answer(BaseModel):
    """A message of the Controller, of which only the named members are read."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    error: Annotated[None, BeforeValidator(_no_error)] = None


Shape = TypeVar("Shape", bound=Answer)


class Address(Answer):
    """An IP address."""

    addr: Annotated[str, AfterValidator(lambda text: str(ip_address(text)))]


class Prefix(Answer):
    """A subnet."""

    ip_addr: Address
    mask: NonNegativeInt

    @model_validator(mode="after")
    def _valid(self) -> Self:
        ip_interface(f"{self.ip_addr.addr}/{self.mask}")
        return self

    def __str__(self) -> str:
        """`10.10.25.0/24`."""
        return str(ip_interface(f"{self.ip_addr.addr}/{self.mask}").network)


class AllocatedIp(Answer):
    """An address that was given out, and the object that has it."""

    ip: Address
    obj_uuid: str = ""
    obj_info: str = ""


def _taken(total: int | None, free: int | None) -> int | None:
    """How many addresses are taken; None where that is not told. Raises ValueError where more than all are free."""
    if total is None or free is None:
        return None
    if free > total:
        raise ValueError(f"{free} addresses are free, of {total}")
    return total - free


def _all_listed(taken: int | None, entries: list[AllocatedIp]) -> None:
    """Raise ValueError where more addresses are taken than are listed."""
    listed = {entry.ip.addr for entry in entries}
    if (taken or 0) > len(listed):
        raise ValueError(f"{taken} addresses are taken and {len(listed)} are listed")


class RangeRuntime(Answer):
    """What of one pool is given out; from 20.1.3. One that does not tell, or lists less than is taken, is no answer."""

    total_ip_count: NonNegativeInt | None = None
    free_ip_count: NonNegativeInt | None = None
    allocated_ips: list[AllocatedIp] = Field(default_factory=list)

    @model_validator(mode="after")
    def _all_listed(self) -> Self:
        taken = _taken(self.total_ip_count, self.free_ip_count)
        if taken is None and not self.allocated_ips:
            raise ValueError("it tells neither which addresses are taken nor how many")
        _all_listed(taken, self.allocated_ips)
        return self


class SubnetRuntime(Answer):
    """What of one subnet is given out, per pool; before 22.1 for the subnet as a whole, or both."""

    prefix: Prefix
    ip_range_runtimes: list[RangeRuntime] = Field(default_factory=list)
    ip_alloced: list[AllocatedIp] = Field(default_factory=list)
    total_ip_count: NonNegativeInt | None = None
    used_ip_count: NonNegativeInt | None = None
    free_ip_count: NonNegativeInt | None = None

    @model_validator(mode="after")
    def _within(self) -> Self:
        subnet = ip_network(str(self.prefix))
        if other := next(
            (entry.ip for entry in self.entries if ip_address(entry.ip.addr) not in subnet), None
        ):
            raise ValueError(f"{other.addr} was given out and does not lie in {subnet}")
        return self

    @model_validator(mode="after")
    def _all_listed(self) -> Self:
        for taken in (self.used_ip_count, _taken(self.total_ip_count, self.free_ip_count)):
            _all_listed(taken, self.entries)
        return self

    @property
    def entries(self) -> list[AllocatedIp]:
        """Every address that is given out."""
        return [*(entry for part in self.ip_range_runtimes for entry in part.allocated_ips), *self.ip_alloced]

    @property
    def counts(self) -> bool:
        """Whether it says anything of pools."""
        counted = (
            self.used_ip_count is not None or _taken(self.total_ip_count, self.free_ip_count) is not None
        )
        return bool(self.ip_range_runtimes or self.ip_alloced) or counted


class NetworkRuntime(Answer):
    """What of a network's subnets is given out: `network/<uuid>/runtime`."""

    name: str
    subnet_runtime: list[SubnetRuntime] = Field(default_factory=list)


class ConfiguredSubnet(Answer):
    """A subnet that is configured on a network; its pools under the names of all releases."""

    prefix: Prefix
    static_ip_ranges: list[Any] = Field(default_factory=list)
    static_ranges: list[Any] = Field(default_factory=list)
    static_ips: list[Any] = Field(default_factory=list)


class Network(Answer):
    """A network, as far as its runtime must agree with it."""

    uuid: str
    configured_subnets: list[ConfiguredSubnet] = Field(default_factory=list)


class VnicAddress(Answer):
    """An address of a vNIC, and how it came by it."""

    mode: Literal["DHCP", "STATIC", "VIP", "DOCKER_HOST"]


class Vnic(Answer):
    """A vNIC of a Service Engine."""

    network_ref: Ref = ""
    vnic_networks: list[VnicAddress] = Field(default_factory=list)


class ServiceEngine(Answer):
    """A Service Engine with the vNICs of its data and of its management."""

    uuid: str
    name: str = ""
    mgmt_vnic: Vnic = Field(default_factory=Vnic)
    data_vnics: list[Vnic] = Field(default_factory=list)


class NetworkChoice(Answer):
    """The network from which a VIP's address was asked, or one that it is placed on."""

    network_ref: Ref = ""


class Vip(Answer):
    """An address of a VIP object."""

    vip_id: str
    ip_address: Address | None = None
    ip6_address: Address | None = None
    auto_allocate_ip: bool = False
    network_ref: Ref = ""
    ipam_network_subnet: NetworkChoice = Field(default_factory=NetworkChoice)
    discovered_networks: list[NetworkChoice] = Field(default_factory=list)
    placement_networks: list[NetworkChoice] = Field(default_factory=list)

    @property
    def addresses(self) -> list[IPv4Address | IPv6Address]:
        """Its addresses of either family."""
        return [ip_address(each.addr) for each in (self.ip_address, self.ip6_address) if each]


class DnsName(Answer):
    """A DNS name of a VIP object."""

    fqdn: str = ""


class VsVip(Answer):
    """A VIP object; it has one address at least [SCHEMA]."""

    name: str
    vrf_context_ref: Ref = ""
    vip: Annotated[list[Vip], Field(min_length=1)]
    dns_info: list[DnsName] = Field(default_factory=list)


class ObjectUuid(Answer):
    """An object by its uuid alone."""

    uuid: str


class Cloud(Answer):
    """A cloud with the profiles that are attached to it."""

    uuid: str
    dns_provider_ref: Ref = ""
    ipam_provider_ref: Ref = ""


class ServiceConfig(Answer):
    """A virtual service as its inventory shows it."""

    name: str
    cloud_ref: Ref


class OperStatus(Answer):
    """How a virtual service is."""

    state: Annotated[str, Field(pattern="^OPER_[A-Z_]+$")]


class ServiceRuntime(Answer):
    """The runtime of a virtual service as its inventory shows it."""

    oper_status: OperStatus


class ServiceInventory(Answer):
    """A row of `virtualservice-inventory`."""

    config: ServiceConfig
    runtime: ServiceRuntime


class VirtualService(Answer):
    """A virtual service, as far as its clients are concerned; in former releases its VIPs stand in it."""

    uuid: str
    name: str = ""
    enabled: bool = True
    vip: list[Vip] = Field(default_factory=list)


def understood(shape: type[Shape], data: Any, where: str) -> Shape:
    """An answer as its model. Raises Unknown with the place that is not understood."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
        raise Unknown(
            f"{where} was not understood: {place.lstrip('.') or 'the answer'}: {first['msg']}"
        ) from error


def agreed(network: Network, runtime: NetworkRuntime, where: str) -> None:
    """Hold a network's runtime against its subnets. Raises Unknown where it is silent about one with pools."""
    pools = {
        str(subnet.prefix): subnet.static_ip_ranges or subnet.static_ranges or subnet.static_ips
        for subnet in network.configured_subnets
    }
    if any(pools.values()) and not runtime.subnet_runtime:
        raise Unknown(f"{where} was not understood: it has no subnet, and the network has")
    counted = {str(subnet.prefix) for subnet in runtime.subnet_runtime if subnet.counts}
    for prefix, ranges in pools.items():
        if ranges and prefix not in counted:
            raise Unknown(f"{where} was not understood: it says nothing of the pools of {prefix}")
