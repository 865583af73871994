"""Declared objects: their key and kind, how each field is compared, and what it refers to."""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, PrivateAttr

from intent.values import Name
from intent.words import FORMER

Kind = TypeVar("Kind", bound="Intent")
Marker = TypeVar("Marker")


class _Key(NamedTuple):
    kind: str
    name: str
    cloud: str = ""
    tenant: str = "admin"


class Key(_Key):
    """Names one object on a Controller: names are unique only within (kind, tenant, cloud).

    `kind` is the kind's word; one of earlier versions, as it stands in journals, becomes today's.
    `cloud` is "" for kinds that live in no cloud.
    """

    __slots__ = ()

    def __new__(cls, kind: str, name: str, cloud: str = "", tenant: str = "admin") -> Self:
        """A key; a former word of its kind becomes today's."""
        return super().__new__(cls, FORMER.get(kind, kind), name, cloud, tenant)

    def __str__(self) -> str:
        """`network AVI_FRONTEND_3025`, with the tenant where it is not admin."""
        return self.text(cloud=False)

    def text(self, *, cloud: bool) -> str:
        """The same; `cloud`: with its cloud, where there are several."""
        scopes = [f"cloud {self.cloud}"] if cloud and self.cloud else []
        scopes += [] if self.tenant == "admin" else [f"tenant {self.tenant}"]
        return f"{self.kind} {self.name}" + (f" ({', '.join(scopes)})" if scopes else "")


def in_several_clouds(keys: Iterable[Key]) -> bool:
    """Whether objects are of more than one cloud, so that people are told whose each is; a cloud is its own."""
    return len({key.name if key.kind == "cloud" else key.cloud for key in keys} - {""}) > 1


class Declarations(Protocol):
    """What is declared of one site."""

    def each(self, kind: type[Kind]) -> list[Kind]:
        """Every declared object of a kind."""


class LeafDrift(NamedTuple):
    """A drift within an object, as plain data: elements of lists in the path by what tells them apart.

    `want` is None for what should not be there, `have` for what is not there.
    """

    path: str
    want: Any
    have: Any


@dataclass(frozen=True)
class Keyed:
    """A list whose elements are told apart by one field.

    `exact`: an element that is not declared is drift. Otherwise what others added is theirs.
    """

    by: str
    exact: bool = False


@dataclass(frozen=True)
class Unordered:
    """A list that means a set. `exact` as in `Keyed`."""

    exact: bool = True


class Ordered:
    """A list whose order matters, such as DNS servers."""


@dataclass(frozen=True)
class OnlyIn:
    """A field that means something only in clouds of some types, such as `vcenter`.

    `instead`: by the word of another type, which key means it there.
    """

    types: tuple[str, ...]
    instead: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.types)


class NotCompared:
    """A field for people or for our own use: it has no counterpart on the Controller."""


@dataclass(frozen=True)
class Refers:
    """A field that holds the name of another object, or several names: the one place where that reference stands.

    `to`: the model of what is named, or its class name where importing it would make a circle; for objects that
    nothing declares, the Controller's own type, such as `applicationprofile`.
    `builtin`: names that are there on every Controller and need no declaration.
    `takes`: the fields of the named object that matter to this one; None for all of them.
    `through`: the fields of this object in which they matter, where it is not this field alone.
    `drives`: what is done to this object changes the state of the named one, as engines come up in an SE group.
    `optional`: what is named is read only where such a name is declared; not every account may read it.
    """

    to: "type[Intent] | str"
    builtin: tuple[str, ...] = ()
    takes: tuple[str, ...] | None = None
    through: tuple[str, ...] = ()
    drives: bool = False
    optional: bool = False


@dataclass(frozen=True)
class LivesIn(Refers):
    """The cloud that an object lives in: part of what names it. What is merely amended in a cloud holds nobody back."""

    to: "type[Intent] | str" = "Cloud"
    takes: tuple[str, ...] | None = ()
    drives: bool = True


class Advice(NamedTuple):
    """How grave it is that something is wrong with one object, why it matters, and what a person can do."""

    severity: str
    why: str
    do: str


class Declared(BaseModel):
    """A part of a declaration. Frozen; an unknown member is an error. `None` means: not declared, not ours.

    The text beneath a field is what editors show of it, out of the JSON Schema.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, defer_build=True)

    @classmethod
    @cache
    def marker(cls, field: str) -> Any:
        """How a field is compared (Keyed, Unordered, Ordered, NotCompared), or None for a plain value."""
        if field not in cls.model_fields:
            return None  # a member of the Controller's own, which its semantics tell
        for marker in cls.model_fields[field].metadata:
            if isinstance(marker, Keyed | Unordered | Ordered | NotCompared):
                return marker
            if marker in (Ordered, NotCompared):
                return marker()
        return None

    @classmethod
    @cache
    def refers(cls, field: str) -> Refers | None:
        """What a field refers to, where it holds names of other objects."""
        return of_type(Refers, cls.model_fields[field].metadata)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The schema of a part of a file, each member with the text beneath its field."""
        described = handler(schema)
        members = handler.resolve_ref_schema(described)["properties"]
        parts = [part for part in cls.__mro__ if issubclass(part, Declared)]
        for name, member in cls.model_fields.items():
            for text in filter(None, (_texts(part.__module__).get((part.__name__, name)) for part in parts)):
                members[member.alias or name].setdefault("description", text)
        return described


@cache
def _texts(module: str) -> dict[tuple[str, str], str]:
    """The text beneath each field, by class and field. Read where a schema is made: pydantic would at every start."""
    return {
        (part.name, member.target.id): " ".join(str(text.value.value).split())
        for part in ast.walk(ast.parse(inspect.getsource(sys.modules[module])))
        if isinstance(part, ast.ClassDef)
        for member, text in pairwise(part.body)
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }


class Intent(Declared):
    """One declared object.

    Its `repr` is its identity and never a value: reports hash it, and history must survive a changed value.
    """

    kind: ClassVar[str]
    """The field's word for this kind of object, such as `SE group`."""
    api: ClassVar[str] = ""
    """The Controller's type of which such an object is, such as `network`; "" where it is none of a Controller's."""
    section: ClassVar[str] = ""
    """The environment file's list that holds this kind; "" for one that is derived from others."""
    singleton: ClassVar[bool] = False
    """Whether its section holds one object instead of a list."""
    step: ClassVar[int] = 6
    """The blog's step in which such objects are made: their order in an environment."""
    scoped: ClassVar[bool] = False
    """Whether objects of this kind live in a cloud."""
    cloud_types: ClassVar[OnlyIn | None] = None
    """In clouds of which types there are such objects; None for all."""
    tenancy: ClassVar[Literal["own", "provider", "discovered"]] = "own"
    """Whose an object without `tenant:` is. own: the file's `controller.tenant`. provider: admin's. discovered: admin's
    where its cloud discovers such objects, else as own. What can have a tenant at all has a field of that name."""
    implied: ClassVar[Mapping[str, str]] = {}
    """By a field, another one that says the same in more detail: where both are known, only that is written down."""

    name: Annotated[Name, NotCompared()]

    _home: str = PrivateAttr(default="")

    def __init_subclass__(cls, **facts: str | int) -> None:
        """What a kind says of itself behind its name, `class Network(Intent, kind="network", section="networks")`."""
        super().__init_subclass__()
        if unknown := facts.keys() - Intent.__class_vars__:
            raise TypeError(f"{cls.__name__}: nothing is called {min(unknown)} that a kind says of itself")
        for name, value in facts.items():
            setattr(cls, name, value)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """A kind registers itself under its class name."""
        cls.scoped = any(isinstance(cls.refers(field), LivesIn) for field in cls.model_fields)
        KINDS[cls.__name__] = cls

    @classmethod
    def derived(cls, site: Declarations) -> "Iterator[Intent]":
        """Every object of a kind that is derived from what a site declares, instead of standing in a file."""
        del site
        yield from ()

    @property
    def key(self) -> Key:
        """What names this object on the Controller."""
        cloud = getattr(self, "cloud", "") if self.scoped else ""
        return Key(
            self.kind, self.name, cloud, "admin" if self.singleton else getattr(self, "tenant", "admin")
        )

    @property
    def home(self) -> str:
        """The tenant whose objects its bare names mean first: its own, or that of the file where it gives none."""
        return self._home or self.key.tenant

    @property
    def tenants(self) -> tuple[str, ...]:
        """The tenants in which it is looked for, in this order."""
        own = self.key.tenant
        return (self.home, own) if self.tenancy == "discovered" and self.home != own else (own,)

    @property
    def bare_tenants(self) -> tuple[str, ...]:
        """The tenants in which its bare names mean an object, the first that has it; none: in any, after admin."""
        own = "tenant" in type(self).model_fields or self.home != self.key.tenant
        return tuple(dict.fromkeys((self.home, self.key.tenant, "admin"))) if own else ()

    def by_default_of(self, tenant: str, *, discovered: bool) -> Self:
        """The same object by the default tenant of its file, where it gives none.

        `discovered`: its cloud may discover such objects, which are admin's then; one that somebody has made in the
        file's tenant all the same is meant first.
        """
        if "tenant" in self.model_fields_set:
            return self
        movable = "tenant" in type(self).model_fields and self.tenancy != "provider"
        if movable and (self.tenancy == "own" or not discovered):
            return self.model_copy(update={"tenant": tenant})
        copy = self.model_copy()
        copy._home = tenant  # noqa: SLF001 -- of its own kind
        return copy

    @property
    def test_id(self) -> str:
        """What names it in the ids of tests, where that is not its name alone."""
        return ""

    def own_drifts(self, live: "Intent", paths: tuple[str, ...]) -> Iterable[LeafDrift] | None:
        """What is not as declared, of these paths, where a kind compares by itself; None for all others.

        Raises Unknown.
        """
        del live, paths
        return None

    @property
    def advice(self) -> Advice | None:
        """What is said of this object in place of what a check says of all its kind; None as a rule."""
        return None

    @property
    def reads(self) -> frozenset[str]:
        """Collections of the Controller that checks of this object read besides those of its kind."""
        return frozenset()

    def declares(self, path: str) -> bool:
        """Whether a field path such as `subnets.pools.use` is declared anywhere in this object."""
        return _declares(self, path.split("."))

    def __str__(self) -> str:
        """The object's name."""
        return self.name

    def __repr__(self) -> str:
        """The object's identity; never a value of it."""
        return f"{self.kind} {self.name}"


def of_type(marker: type[Marker], metadata: Iterable[Any]) -> Marker | None:
    """The marker of a type that a field bears, of all that its annotation says of it; None where it bears none."""
    return next((each for each in metadata if isinstance(each, marker)), None)


KINDS: dict[str, type[Intent]] = {}
"""Every kind of declared object, by its class name."""


def _declares(part: Any, path: list[str]) -> bool:
    if part is None:
        return False
    if not path:
        return True  # an empty list is declared too: there must be nothing
    if isinstance(part, tuple):
        return any(_declares(element, path) for element in part)
    return _declares(getattr(part, path[0]), path[1:])


def cloud_of(want: Intent) -> str:
    """The cloud in which an object means what it names; "" where that may be any."""
    return want.name if want.kind == "cloud" else getattr(want, "cloud", None) or ""
