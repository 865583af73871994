"""Labels, markers and licence tiers: parts that objects of several kinds have."""

from typing import Annotated, Literal

from intent.base import Declared, Unordered
from intent.values import Name

LicenseTier = Literal[
    "enterprise",
    "enterprise-with-cloud-services",
    "basic",
    "essentials",
    "enterprise-16",
    "enterprise-18",
]


class Label(Declared):
    """A label: a key and its value."""

    key: Name
    value: str | None = None


class Marker(Declared):
    """A marker, by which a role is kept to some objects: a key and its values."""

    key: Name
    values: Annotated[tuple[str, ...] | None, Unordered()] = None
