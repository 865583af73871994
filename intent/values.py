"""Values that are written in more than one way and mean one thing: addresses, ranges, names."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from intent.plain_data import shown
from intent.words import nearest, scoped

Address = IPv4Address | IPv6Address


def _network(value: Any) -> IPv4Network | IPv6Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    if not isinstance(value, str) or "/" not in value:
        raise ValueError("a subnet is written as address/length, such as 10.10.25.0/24")
    try:
        return ip_network(value)
    except ValueError:
        try:
            near = ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f"{value!r} is not an IP subnet; write it as 10.10.25.0/24") from None
        raise ValueError(f"{value} has host bits set; the subnet is {near}") from None


def _address(value: Any) -> Address:
    if isinstance(value, IPv4Address | IPv6Address):
        return value
    if not isinstance(value, str):
        raise ValueError("an IP address is written as text, such as 10.10.24.10")  # noqa: TRY004 -- pydantic's way
    try:
        return ip_address(value)
    except ValueError:
        raise ValueError(f"{value!r} is not an IP address; write it in full, such as 10.10.24.10") from None


Prefix = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_network),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9A-Fa-f:.]+/\d+$", "examples": ["10.10.25.0/24"]}),
]
"""An IP subnet, host bits zero."""

Ip = Annotated[
    Address,
    BeforeValidator(_address),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["10.10.24.10"]}),
]
"""One IP address."""


_RELEASE = r"^\d+\.\d+(\.\d+)?$"


def _release(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError('has to stand in quotes, such as "1.30": without them it is a number, not a version')  # noqa: TRY004 -- pydantic's way
    if isinstance(value, str) and not re.fullmatch(_RELEASE, value):
        raise ValueError(f"{shown(value)} is not of the form X.Y or X.Y.Z")
    return value


Release = Annotated[str, Field(pattern=_RELEASE), BeforeValidator(_release)]
"""A version of AKO or Kubernetes, `2.1` or `2.1.3`."""


class IpRange(BaseModel):
    """An inclusive range of addresses, written `10.10.25.40-10.10.25.59`; one address stands for itself."""

    model_config = ConfigDict(frozen=True)

    begin: Ip
    end: Ip

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """In a file a range is text."""
        return {"type": "string", "examples": ["10.10.25.40-10.10.25.59"]}

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if isinstance(value, str):
            begin, dash, end = (part.strip() for part in value.partition("-"))
            return {"begin": begin, "end": end if dash else begin}
        if isinstance(value, (dict, cls)):
            return value
        raise ValueError("a range is written as first-last, such as 10.10.25.40-10.10.25.59")

    @model_validator(mode="after")
    def _ordered(self) -> "IpRange":
        if self.begin.version != self.end.version:
            raise ValueError(f"{self} mixes IPv4 and IPv6")
        if int(self.end) < int(self.begin):
            raise ValueError(f"{self} ends before it begins")
        return self

    @model_serializer
    def _text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """`first-last`."""
        return f"{self.begin}-{self.end}"

    @property
    def size(self) -> int:
        """How many addresses it holds."""
        return int(self.end) - int(self.begin) + 1

    def __contains__(self, address: object) -> bool:
        """Whether an address lies in it."""
        return (
            isinstance(address, IPv4Address | IPv6Address)
            and address.version == self.begin.version
            and int(self.begin) <= int(address) <= int(self.end)
        )

    def within(self, subnet: IPv4Network | IPv6Network) -> bool:
        """Whether it lies wholly inside a subnet."""
        return self.begin in subnet and self.end in subnet

    def overlaps(self, other: "IpRange") -> bool:
        """Whether the two share an address."""
        return self.begin.version == other.begin.version and not (
            int(self.end) < int(other.begin) or int(other.end) < int(self.begin)
        )


def _domain(value: str) -> str:
    name = value.rstrip(".").lower()
    labels = name.split(".")
    if not name or len(name) > 253 or any(not label or len(label) > 63 for label in labels):
        raise ValueError(f"{value!r} is not a domain name")
    return name


Domain = Annotated[str, AfterValidator(_domain)]
"""A domain name; case and a final dot do not count (RFC 1035 §2.3.3)."""

Ttl = Annotated[int, Field(ge=1, le=604_800, strict=True)]
"""A DNS time to live in seconds; the Controller takes 1 to 604800 [SCHEMA]."""


def _host(value: str) -> str:
    if "://" in value:
        host = value.partition("://")[2].split("/")[0]
        raise ValueError(f"give the host alone, without {value.partition('://')[0]}://, such as {host}")
    try:
        return str(ip_address(value))
    except ValueError:
        pass
    host, _, port = value.rpartition(":")
    if port.isdecimal() and host:
        raise ValueError(f"give the host alone, such as {host}; the port {port} has a key of its own, `port`")
    numbers = re.fullmatch(r"\d+(\.\d+){3,}", value)  # an address that is mistyped
    if numbers or not re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?", value):
        raise ValueError(f"{value!r} is neither a host name nor an IP address")
    return value


Host = Annotated[str, Field(min_length=1), AfterValidator(_host)]
"""A host name or an IP address, without scheme, port or path."""

Server = Annotated[str, Field(min_length=1), AfterValidator(lambda value: _host(value).rstrip(".").lower())]
"""The same, where case and a final dot do not count."""

Name = Annotated[str, Field(min_length=1)]
"""The name of an object, as on the Controller."""


class ScopedName(BaseModel):
    """The name of an object together with the cloud or the tenant that it lives in, where these are not its owner's.

    Written `{name: vrf-blue, tenant: blue}` in place of a bare name. What is left out of it is as for a bare name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    cloud: Annotated[Name | None, Field(description="the cloud it lives in, where that is another one")] = (
        None
    )
    tenant: Annotated[
        Name | None, Field(description="the tenant it lives in, where that is neither its owner's nor admin")
    ] = None

    @model_serializer
    def _members(self) -> dict[str, str]:
        members = {"name": self.name, "cloud": self.cloud, "tenant": self.tenant}
        return {member: value for member, value in members.items() if value is not None}

    def __str__(self) -> str:
        """`vrf-blue (tenant blue)`."""
        return scoped_text(self._members()) or self.name


def bare_name(name: str | ScopedName) -> str:
    """A name without the cloud or tenant that may stand with it."""
    return name.name if isinstance(name, ScopedName) else name


def scoped_name(name: str | ScopedName) -> ScopedName:
    """A name with the cloud and tenant that stand with it, None where none does."""
    return name if isinstance(name, ScopedName) else ScopedName.model_construct(None, name=name)


class Unresolved(BaseModel):
    """What a reference on the Controller points at, where that has no name: live, and never declared.

    `ref`: the reference as it is. `text`: what it points at, in words. `unknown`: it may be what is declared after all,
    so that no drift can be told; else it is certainly another object.
    """

    model_config = ConfigDict(frozen=True)

    ref: str
    text: str
    unknown: bool = False

    @model_serializer
    def _words(self) -> str:
        return self.text

    def __str__(self) -> str:
        """What it points at, in words."""
        return self.text


def scoped_text(value: dict[str, Any]) -> str:
    """A scoped name as plain data, as text for people: `vrf-blue (cloud west, tenant blue)`; "" for other data."""
    if not ("name" in value and len(value) > 1 and _SCOPED.issuperset(value)):
        return ""
    return scoped(value["name"], value.get("cloud", ""), value.get("tenant", ""))


_SCOPED = frozenset(ScopedName.model_fields)


def _any_name(value: Any) -> Any:
    if isinstance(value, ScopedName):
        return value
    if isinstance(value, dict):
        return _scoped(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is written as a name, or as {name: ..., cloud: ..., tenant: ...}")
    return value


def _scoped(value: dict[Any, Any]) -> Any:
    for key, inner in value.items():
        if key not in _SCOPED:
            raise ValueError(
                f"unknown key {key!r} in a name that says where its object lives{nearest(key, _SCOPED)}"
            )
        if not (isinstance(inner, str) and inner.strip()) and (inner is not None or key == "name"):
            raise ValueError(f"its {key} is written as text")
    if "name" not in value:
        raise ValueError("its name is not there, as in {name: vrf-blue, tenant: blue}")
    scoped = ScopedName.model_validate(value)
    return scoped if scoped.cloud or scoped.tenant else scoped.name


AnyName = Annotated[Name | ScopedName, BeforeValidator(_any_name)]
"""The name of another object: bare for one of the owner's own cloud and tenant, else of admin's; or a `ScopedName`."""
