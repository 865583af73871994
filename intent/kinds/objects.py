"""Objects of any type of the Controller's model, declared by the Controller's own names."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Self

from pydantic import PrivateAttr, model_validator

from avi_schema import Type, Version, load, parse_version
from intent.base import Declarations, Intent, Key, LeafDrift, LivesIn, NotCompared
from intent.objects import validation
from intent.objects.canonical import NEWEST, Members
from intent.objects.comparison import ComparisonTerms, MemberDrift, member_drifts
from intent.source import Place
from intent.values import Name

WORD = " object"
"""How the word of a kind of such objects ends, behind the type: `healthmonitor object`."""
DISCOVERED = frozenset({"network", "vrfcontext"})
"""Types whose objects a cloud may discover: then they are tenant admin's."""

SERVING = frozenset({"virtualservice", "pool"})
"""Types whose objects are up or down."""


class ConfigObject(Intent, kind="object", api="", section="objects"):
    """An object of any type that can be configured, by the Controller's own names of types and members.

    Members that are left out are not ours. Each type has a class of its own, see `kind_of_type`.
    """

    type: Annotated[Name, NotCompared()]
    """type of the object, such as healthmonitor or virtualservice"""
    name: Annotated[Name, NotCompared()] = "the only one"
    """name; left out where a Controller has one such object"""
    cloud: Annotated[Name | None, NotCompared(), LivesIn()] = None
    """the cloud it lives in (Default-Cloud)"""
    tenant: Annotated[Name, NotCompared()] = "admin"
    fields: Annotated[dict[str, Any], NotCompared()] = {}  # noqa: RUF012 -- pydantic copies it for each
    """its declared members, by the Controller's own names; references by name"""
    exact: Annotated[tuple[Name, ...], NotCompared()] = ()
    """lists of which undeclared elements may be removed, such as services"""
    ignore: Annotated[tuple[Name, ...], NotCompared()] = ()
    """declared members that are not compared"""
    absent: Annotated[bool, NotCompared()] = False
    """true: it must not be there"""

    _version: Version = PrivateAttr(default=NEWEST)
    _around: tuple[Members, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_type(cls, value: Any, handler: Any) -> Self:
        """The same as an object of the class of its type, in its cloud."""
        declared: Self = handler(value)
        kind = load().types.get(declared.type)
        if cls is not ConfigObject or kind is None:
            return declared
        values: dict[str, Any] = {name: getattr(declared, name) for name in ConfigObject.model_fields}
        if kind.has_cloud and declared.cloud is None:
            values["cloud"] = "Default-Cloud"
        if kind.singleton and "name" not in declared.model_fields_set:
            values["name"] = kind.name
        typed: Self = kind_of_type(kind.name).model_construct(declared.model_fields_set, **values)  # type: ignore[assignment]
        return typed

    def __hash__(self) -> int:
        """By what names it."""
        return hash(self.key)

    @property
    def schema_type(self) -> Type | None:
        """Its type in the Controller's model; None where there is none of that name."""
        return load().types.get(self.type)

    @property
    def test_id(self) -> str:
        """`healthmonitor/web-8080`, with cloud and tenant where they are not the usual ones."""
        scopes = [self.tenant] if self.tenant != "admin" else []
        scopes += [self.cloud] if self.cloud and self.cloud != "Default-Cloud" else []
        named = [] if self.name == self.type else [self.name]
        return "/".join((self.type, *scopes, *named))

    @property
    def members(self) -> tuple[str, ...]:
        """The top-level members that it declares."""
        return tuple(name for name in self.fields if name not in self.ignore)

    @property
    def is_to_serve(self) -> bool:
        """Whether it is a virtual service or pool, and declared neither absent nor disabled."""
        return self.api in SERVING and not self.absent and self.fields.get("enabled") is not False

    def declares(self, path: str) -> bool:
        """Whether a member is declared."""
        head = path.partition(".")[0]
        return head in type(self).model_fields or head in self.fields

    def with_live(
        self, fields: Mapping[str, Any], version: Version, around: tuple[Members, ...] = ()
    ) -> Self:
        """The same object with these members, as a Controller of a model version has them."""
        live = self.model_copy(update={"fields": dict(fields)})
        live._version, live._around = version, around  # noqa: SLF001 -- of its own kind
        return live

    def own_drifts(self, live: Intent, paths: tuple[str, ...]) -> Iterable[LeafDrift]:
        """See `member_drifts`."""
        assert isinstance(live, ConfigObject)
        return (LeafDrift(each.path, each.want, each.have) for each in self.member_drifts(live, *paths))

    def member_drifts(self, live: "ConfigObject", *paths: str) -> Iterator[MemberDrift]:
        """What is not as declared, of these top-level members, or of all. Raises Unknown."""
        kind = self.schema_type
        assert kind is not None
        heads = {path.partition(".")[0].partition("[")[0] for path in paths}
        want = {name: value for name, value in self.fields.items() if not paths or name in heads}
        terms = self.terms(live._version, live._around)  # noqa: SLF001 -- of its own kind
        yield from member_drifts(kind.model, want, live.fields, terms)

    def terms(self, version: Version, around: tuple[Members, ...]) -> ComparisonTerms:
        """What its declaration says of its comparison with a live one of a model version."""
        return ComparisonTerms(version, frozenset(self.exact), frozenset(self.ignore), around)


@cache
def kind_of_type(name: str) -> type[ConfigObject]:
    """The class of the declared objects of a type of the Controller's model. Raises KeyError for what is none."""
    kind = load().types[name]
    tenancy = (
        "provider"
        if kind.singleton or name == "cloud" or not kind.has_tenant
        else "discovered"
        if name in DISCOVERED
        else "own"
    )
    members = {"kind": f"{name}{WORD}", "api": name, "tenancy": tenancy, "__doc__": ConfigObject.__doc__}
    base: Any = type(ConfigObject)
    of_type: type[ConfigObject] = base(
        f"{kind.model}Object", (ConfigObject,), {**members, "__module__": __name__}
    )
    of_type.scoped = kind.has_cloud
    return of_type


def kind_of_word(word: str) -> type[ConfigObject] | None:
    """The class by its word, `healthmonitor object`; None for any other word."""
    name = word.removesuffix(WORD)
    return kind_of_type(name) if word.endswith(WORD) and name in load().types else None


class ObjectMember(Intent, kind="object member"):
    """One declared top-level member of an object of any type."""

    object: Annotated[ConfigObject, NotCompared()]
    member: Annotated[Name, NotCompared()]

    @classmethod
    def derived(cls, site: Declarations) -> "Iterator[ObjectMember]":
        """Each declared member of each declared object."""
        for want in site.each(ConfigObject):
            for member in want.members:
                yield cls.model_construct(None, object=want, member=member, name=f"{want.name} {member}")

    @property
    def key(self) -> Key:
        """What names the object."""
        return self.object.key

    @property
    def test_id(self) -> str:
        """`healthmonitor/web-8080/send_interval`."""
        return f"{self.object.test_id}/{self.member}"

    def __str__(self) -> str:
        """`send_interval of healthmonitor web-8080`."""
        return f"{self.member} of {self.object.type} {self.object.name}"


def problems(objects: list[ConfigObject], pinned: str | None) -> Iterator[tuple[Place, str]]:
    """What is wrong with declared objects: types and members that the Controller's model does not have, and values."""
    version = parse_version(pinned) if pinned else NEWEST
    for index, want in enumerate(objects):
        at: Place = ("objects", index)
        kind = want.schema_type
        if why := validation.type_problem(want.type, version):
            yield (*at, "type"), why
            continue
        assert kind is not None
        yield from _identity(want, kind, at)
        if want.absent and want.fields:
            yield (
                (*at, "absent"),
                f"{want.key} must not be there and declares members; leave one of the two out",
            )
        yield from validation.problems(kind, want.fields, version, (*at, "fields"))
        yield from validation.member_paths(kind, want.exact, (*at, "exact"), lists=True)
        yield from validation.member_paths(kind, want.ignore, (*at, "ignore"))


def _identity(want: ConfigObject, kind: Type, at: Place) -> Iterator[tuple[Place, str]]:
    given = want.model_fields_set
    if kind.singleton and "name" in given and want.name != kind.name:
        yield (*at, "name"), f"a Controller has one {kind.name}; leave `name` out"
    if not kind.singleton and "name" not in given:
        yield at, f"objects[].name: is required for type {kind.name} and not there"
    if want.cloud and not kind.has_cloud:
        yield (*at, "cloud"), f"objects of type {kind.name} live in no cloud; leave `cloud` out"
    if "tenant" in given and (kind.singleton or not kind.has_tenant):
        yield (*at, "tenant"), f"objects of type {kind.name} belong to no tenant; leave `tenant` out"
    if want.absent and kind.singleton:
        yield (*at, "absent"), f"every Controller has its {kind.name}"
