"""The environment: everything that is declared of one site, as the model `Environment` of an environment file.

`Environment` is made from `_Environment` and one section for every kind in `intent.kinds`.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast
from urllib.parse import quote

from pydantic import AfterValidator, Field, PrivateAttr, create_model, model_validator

import avi_schema
import intent.kinds  # noqa: F401 -- registers every kind
from avi_schema import Version
from intent.base import KINDS, Declared, Intent, Key, Kind, in_several_clouds
from intent.cloud_types import MAKES_NETWORKS, MAKES_VRFS, cloud_type, declared_types
from intent.kinds.cloud import Cloud
from intent.kinds.controller import Controller
from intent.kinds.objects import WORD, ConfigObject
from intent.kinds.routing import Network, VrfContext
from intent.kinds.vcenter import Vcenter
from intent.messages import MessageSettings
from intent.notice import NoticeSettings, known_types
from intent.values import Name


def _configurable(observe: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Types by the Controller's own names. Raises ValueError."""
    return known_types(observe, [name for name, kind in avi_schema.load().types.items() if kind.configurable])


class Remediation(Declared):
    """What `--remediate` may do here."""

    mode: Literal["allowed", "forbidden"] = "allowed"
    max_changes: Annotated[int, Field(ge=1)] = 25
    """a larger plan is refused"""


class Contacts(Declared):
    """Who acts on what is not as declared, and where they read what to do. For reports; nothing is compared with it."""

    owner: Name | None = None
    """who answers for what `owners` does not name"""
    owners: dict[Name, Name] | None = None
    """who answers for a topic, as reports name it: networks, se groups, ..."""
    runbook: Annotated[str | None, Field(pattern=r"^https?://[^\s]+$")] = None
    """address of your own instructions; {topic}, {check} and {environment} are filled in"""

    def owner_of(self, topic: str) -> str:
        """Who answers for a topic; empty where nobody is named."""
        return (self.owners or {}).get(topic) or self.owner or ""

    def runbook_of(self, **known: str) -> str:
        """The address of the instructions for one check; empty where there are none."""
        address = self.runbook or ""
        for name, value in known.items():
            address = address.replace(f"{{{name}}}", quote(value, safe=""))
        return address


class _Environment(Declared):
    """One site as its owner declares it. What is left out is not ours: never compared, never written."""

    name: Annotated[Name, Field(pattern=r"^[A-Za-z0-9._-]+$")]
    """names reports, history and the lock"""
    group_by: Literal["topic", "step"] = "topic"
    """how reports group what is not as declared: by topic, or by the steps of the blog"""
    observe: Annotated[Literal["all", "declared"] | tuple[Name, ...], AfterValidator(_configurable)] = "all"
    """which of the Controller's types a whole run lists besides, to tell how much is declared: all of them, those of
    which something is declared, or these"""
    contacts: Contacts = Contacts()
    notices: NoticeSettings = NoticeSettings()
    messages: MessageSettings = MessageSettings()
    remediation: Remediation = Remediation()
    controller: Controller
    vcenter: Vcenter | None = None
    vcenters: tuple[Vcenter, ...] = ()
    """several vCenters, each with the clouds that run in it and credentials of its own"""

    _path: Path = PrivateAttr(default=Path())
    _classes: dict[type[Intent], list[Intent]] = PrivateAttr(default_factory=dict)
    _each: dict[type[Intent], list[Intent]] = PrivateAttr(default_factory=dict)
    _index: dict[Key, Intent] = PrivateAttr(default_factory=dict)
    _named: dict[tuple[str, str], list[Intent]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _in_their_tenants(self) -> Self:
        """Every object that gives no tenant in its default one; where that is admin, it is there already."""
        if (tenant := self.controller.tenant) != "admin":
            types = declared_types(getattr(self, Cloud.section))

            def placed(want: Intent) -> Intent:
                return want.by_default_of(tenant, discovered=_discovered(want, cloud_type(want, types)))

            for kind in DECLARED:
                section = getattr(self, kind.section)
                many = isinstance(section, tuple)
                self.__dict__[kind.section] = (
                    tuple(map(placed, section)) if many else section and placed(section)
                )
        return self

    @property
    def path(self) -> Path:
        """The file it came from."""
        return self._path

    def __iter__(self) -> Iterator[Intent]:  # type: ignore[override]
        """Every declared object, each section in the file's order."""
        yield self.controller
        for kind in DECLARED:
            section = getattr(self, kind.section)
            yield from section if isinstance(section, tuple) else (section,) if section else ()
        if self.vcenter:
            yield self.vcenter
        yield from self.vcenters

    @property
    def object_count(self) -> int:
        """How many objects it declares."""
        return sum(1 for _ in self)

    def each(self, kind: type[Kind]) -> list[Kind]:
        """Every declared object of a kind, or every object of one that is derived from what is declared."""
        known = self._each
        if kind not in known:
            if not self._classes:
                for want in self:
                    self._classes.setdefault(type(want), []).append(want)
            # Not `isinstance` of each: pydantic's classes answer that in Python, for every object of a large site.
            declared = (same for of, same in self._classes.items() if kind in of.__mro__)
            known[kind] = list(chain.from_iterable(declared) if kind.section else kind.derived(self))
        return cast("list[Kind]", list(known[kind]))

    @property
    def several_clouds(self) -> bool:
        """Whether more than one cloud is in play, declared itself or as where an object lives."""
        return in_several_clouds(want.key for want in self)

    def every(self) -> Iterator[Intent]:
        """Every declared object, and every one that is derived from those."""
        yield from self
        for kind in DERIVED:
            yield from self.each(kind)

    def find(self, key: Key) -> Intent | None:
        """The declared object of a key; None where that is not declared."""
        if not self._index:
            for declared in self.every():
                self._index.setdefault(declared.key, declared)
        return self._index.get(key)

    def named(self, kind: str, name: str) -> list[Intent]:
        """The declared objects of a kind's word and a name, whatever cloud and tenant they live in."""
        if not self._named:
            for declared in sorted(self.every(), key=lambda each: isinstance(each, ConfigObject)):
                for word in _words(declared):
                    same = self._named.setdefault((word, declared.name), [])
                    # One that is declared under a section of its own and under `objects` is one object.
                    if all(other.key[1:] != declared.key[1:] for other in same):
                        same.append(declared)
        return self._named.get((kind, name), [])

    def replaced(self, **sections: Any) -> Self:
        """The same declaration, of the same file, with other values in these sections."""
        fields = self.model_fields_set | sections.keys()
        copy = type(self).model_construct(fields, **{**vars(self), "_path": self._path, **sections})
        return cast("Self", copy)

    @classmethod
    def schema_text(cls, version: Version | None = None) -> str:
        """The JSON Schema of environment files, for editors; with every type's members in the model of a version."""
        schema = cls.model_json_schema()
        if version is not None:
            from intent.objects.editor_schema import with_objects  # noqa: PLC0415 -- only `python -m intent --schema` asks

            schema = with_objects(schema, version)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = "Avi Compliance environment"
        return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def _words(want: Intent) -> tuple[str, ...]:
    """The words of the kinds of which an object can be meant: its own, and those of the same type of the Controller."""
    if isinstance(want, ConfigObject):
        return (want.kind, *_typed_words(want.api))
    return (want.kind, f"{want.api}{WORD}") if want.api else (want.kind,)


@cache
def _typed_words(api: str) -> tuple[str, ...]:
    """The words of the kinds of a type of the Controller that have sections of their own."""
    return tuple(kind.kind for kind in DECLARED if kind.api and kind.api == api)


def _discovered(want: Intent, word: str) -> bool:
    """Whether a cloud may discover an object, by the word of its type; "" where that is not declared."""
    if want.api == Network.api:
        return word not in MAKES_NETWORKS
    return want.api == VrfContext.api and word != "" and word not in MAKES_VRFS


DERIVED = tuple(kind for kind in KINDS.values() if not kind.section)
"""The kinds whose objects are derived from others."""
DECLARED = tuple(
    sorted(
        (kind for kind in KINDS.values() if kind.section and kind.section not in _Environment.model_fields),
        key=lambda kind: (not kind.singleton, kind.step),
    )
)
"""The kinds that have a section of their own, in the order of an environment."""
SECTIONS = tuple(kind.section for kind in DECLARED if not kind.singleton)
"""The sections that are lists."""


def _field(kind: type[Intent]) -> tuple[Any, Any]:
    """The member of an environment that holds the objects of a kind."""
    return (kind | None, None) if kind.singleton else (tuple[kind, ...], ())  # type: ignore[valid-type]


if TYPE_CHECKING:

    class Environment(_Environment):
        """One site as its owner declares it, with a member for the section of every kind."""

        def __getattr__(self, section: str) -> Any:
            """The objects of a section."""

else:
    Environment = create_model(
        "Environment",
        __base__=_Environment,
        __doc__=_Environment.__doc__,
        __module__=__name__,
        **{kind.section: _field(kind) for kind in DECLARED},
    )
