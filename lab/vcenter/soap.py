"""SOAP messages to and from pyVmomi's own types, tables and serializers.

A request becomes a `Call` with typed arguments; a result or a fault becomes an envelope in the client's API version,
for which pyVmomi itself leaves out what that version does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from pyVmomi import SoapAdapter, VmomiSupport, vim, vmodl

from lab.datacenter.inventory import canonical

NAMESPACE = "urn:vim25"
NEWEST = "vim.version.v8_0_3_0"
"""The newest API version this endpoint offers."""
DEEPEST = 8
"""How many levels of required members `complete` fills; no type of the inventory nests deeper."""

_BASE = VmomiSupport.BASE_VERSION
_OPTIONAL = VmomiSupport.F_OPTIONAL
_NAMESPACES = {**SoapAdapter.SOAP_NSMAP, NAMESPACE: ""}


@dataclass(frozen=True)
class Call:
    """One method call: its WSDL name, pyVmomi's description of it (None: no such method), and its arguments."""

    name: str
    info: Any
    arguments: Any

    @property
    def target(self) -> Any:
        """The managed object the method was called on."""
        return getattr(self.arguments, "_this", None)


class NotSoap(ValueError):
    """A request body is not a SOAP request."""


_arguments: dict[str, tuple[Any, Any]] = {}


def _described(name: str) -> tuple[Any, Any]:
    """PyVmomi's description of a method, and a data object class of its arguments. Raises KeyError."""
    if name not in _arguments:
        info = _fetch_info() if name == "Fetch" else VmomiSupport.GetWsdlMethod(NAMESPACE, name).info
        this = VmomiSupport.Object(name="_this", type=VmomiSupport.ManagedObject, version=_BASE, flags=0)
        members: list[Any] = [this] + [
            VmomiSupport.Object(name=p.name, type=p.type, version=p.version, flags=p.flags | _OPTIONAL)
            for p in info.params
        ]
        body = {
            "_wsdlName": name,
            "_version": _BASE,
            "_propList": members,
            "_propInfo": {member.name: member for member in members},
        }
        _arguments[name] = info, type(f"Arguments{name}", (VmomiSupport.DataObject,), body)
    return _arguments[name]


def _fetch_info() -> Any:
    """`Fetch`, the read of one property: every client uses it, and pyVmomi's tables do not list it."""
    prop = VmomiSupport.Object(name="prop", type=str, version=_BASE, flags=0)
    return VmomiSupport.Object(
        name="Fetch",
        wsdlName="Fetch",
        isTask=False,
        result=object,
        resultFlags=_OPTIONAL,
        version=_BASE,
        privId=None,
        params=(prop,),
    )


class _Reader(SoapAdapter.ExpatDeserializerNSHandlers):
    """Finds the first element inside the Body and hands the parser over to pyVmomi's deserializer there."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.inside = False
        self.name = ""
        self.info: Any = None
        self.deserializer = SoapAdapter.SoapDeserializer()
        self.parser = ParserCreate(namespace_separator=SoapAdapter.NS_SEP)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._no_doctype
        SoapAdapter.SetHandlers(self.parser, SoapAdapter.GetHandlers(self))
        self.parser.Parse(body, True)

    @staticmethod
    def _no_doctype(*_: object) -> None:
        raise NotSoap("a SOAP message has no document type declaration")

    def StartElementHandler(self, tag: str, attr: dict[str, str]) -> None:  # noqa: N802, ARG002 -- expat's name
        if tag == f"{SoapAdapter.XMLNS_SOAPENV}{SoapAdapter.NS_SEP}Body":
            self.inside = True
        elif self.inside and not self.name:
            self.name = tag.rsplit(SoapAdapter.NS_SEP, maxsplit=1)[-1]
            try:
                self.info, arguments = _described(self.name)
            except KeyError:
                return
            self.deserializer.Deserialize(self.parser, arguments, False, self.nsMap)
            self.deserializer.StartElementHandler(tag, {})

    def EndElementHandler(self, tag: str) -> None:  # noqa: N802 -- expat's name
        """Nothing: only the deserializer's ends matter."""

    def CharacterDataHandler(self, data: str) -> None:  # noqa: N802 -- expat's name
        """Nothing: only the deserializer's text matters."""


def parse(body: bytes) -> Call:
    """Read a request. Raises NotSoap, and pyVmomi's own errors for arguments that do not fit their types."""
    try:
        reader = _Reader(body)
    except ExpatError as error:
        raise NotSoap(f"XML document is not valid: {error}") from error
    if not reader.name:
        raise NotSoap("the message has no Body with a method call")
    arguments = reader.deserializer.GetResult() if reader.info is not None else None
    return Call(reader.name, reader.info, arguments)


class _Writer(SoapAdapter.SoapSerializer):
    """pyVmomi's serializer, with what a vCenter says differently on the answering side."""

    def __init__(self, writer: StringIO, version: str) -> None:
        super().__init__(writer, version, _NAMESPACES)
        self.outermostAttrs = ""

    def _QName(self, typ: Any, defNS: str) -> tuple[str, str]:  # noqa: N802, N803 -- overrides pyVmomi's
        # A reference inside an anyType is tagged ManagedObjectReference; strict clients drop it otherwise.
        attributes, name = super()._QName(typ, defNS)
        return attributes, f"{name}Reference" if typ is VmomiSupport.ManagedObject else name

    def _Serialize(self, val: Any, info: Any, defNS: str) -> None:  # noqa: N802, N803 -- overrides pyVmomi's
        # A list that must be there and is empty is no element at all; pyVmomi refuses it.
        if isinstance(val, list) and not val and info.type is not object:
            return
        super()._Serialize(val, info, defNS)


def _envelope(body: str) -> bytes:
    text = f"{SoapAdapter.XML_HEADER}\n{SoapAdapter.SOAP_START}{body}{SoapAdapter.SOAP_END}"
    return text.encode("utf-8")


def answer(call: Call, result: Any, version: str) -> bytes:
    """The envelope of a result, in the client's API version."""
    text = ""
    declared = call.info.result
    if declared is not type(None) and result is not None:
        if isinstance(result, list) and not isinstance(result, VmomiSupport.Array):
            result = declared(result)
        flags = call.info.resultFlags | _OPTIONAL
        info = VmomiSupport.Object(name="returnval", type=declared, version=_BASE, flags=flags)
        writer = StringIO()
        _Writer(writer, version).Serialize(result, info)
        text = writer.getvalue()
    return _envelope(f'<{call.name}Response xmlns="{NAMESPACE}">{text}</{call.name}Response>')


def on_the_wire(value: Any) -> str:
    """A value as it is written inside an anyType: two that read alike are alike."""
    info = VmomiSupport.Object(name="val", type=object, version=_BASE, flags=_OPTIONAL)
    writer = StringIO()
    _Writer(writer, NEWEST).Serialize(value, info)
    return writer.getvalue()


def refusal(problem: Any, version: str) -> bytes:
    """The envelope of a fault, in the client's API version."""
    kind = VmomiSupport.GetCompatibleType(type(problem), version)
    tag = f"{kind._wsdlName}Fault"  # noqa: SLF001 -- pyVmomi has no public way to a type's wire name
    info = VmomiSupport.Object(name=f'{tag} xmlns="{NAMESPACE}"', type=object, version=_BASE, flags=0)
    writer = StringIO()
    _Writer(writer, version).SerializeFaultDetail(problem, info)
    detail = writer.getvalue().replace(f'</{tag} xmlns="{NAMESPACE}">', f"</{tag}>")
    text = SoapAdapter.XmlEscape(problem.msg or kind._wsdlName)  # noqa: SLF001
    return _envelope(
        "<soapenv:Fault><faultcode>ServerFaultCode</faultcode>"
        f"<faultstring>{text}</faultstring><detail>{detail}</detail></soapenv:Fault>"
    )


def versions(newest: str = NEWEST) -> bytes:
    """`vimServiceVersions.xml`: the API versions up to one that pyVmomi names, newest first."""
    spoken = {newest, *VmomiSupport.GetVersionParents(newest)}
    known = [
        VmomiSupport.versionIdMap[version]
        for version in VmomiSupport.GetServiceVersions("vim25")
        if version in spoken
    ]
    first, *prior = [number for number in known if number]
    listed = "".join(f"<version>{number}</version>" for number in prior)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><namespaces version="1.0"><namespace>'
        f"<name>{NAMESPACE}</name><version>{first}</version><priorVersions>{listed}</priorVersions>"
        "</namespace></namespaces>"
    ).encode()


def version_of(action: str, newest: str = NEWEST) -> str:
    """PyVmomi's word for the API version a client names in its SOAPAction (`"urn:vim25/8.0.3.0"`).

    A client that names none, or a newer one than is spoken, gets the newest that is.
    """
    found = str(VmomiSupport.versionMap.get(action.strip('"').rpartition(":")[2], newest))
    return found if found == newest or found in VmomiSupport.GetVersionParents(newest) else newest


def typed(value: Any, info: Any) -> Any:
    """A plain Python value as the type the API declares, so that an anyType is tagged right on the wire."""
    kind = info.type
    if issubclass(kind, list):
        return value if isinstance(value, kind) else kind(value or [])
    if value is None or isinstance(value, bool | VmomiSupport.DataObject | VmomiSupport.ManagedObject):
        return value
    plain = isinstance(value, int | float | str) and kind is not object
    if plain and not isinstance(value, kind) and issubclass(kind, int | float | str):
        return kind(value)
    return value


def complete(message: Any, depth: int = 0) -> Any:
    """Fill the required members that are unset, and return the message: a serializer insists on them."""
    for name, kind, required in _members(type(message)):  # type: ignore[arg-type]
        value = getattr(message, name)
        if value is None:
            if required and depth < DEEPEST and (filler := _filler(kind, depth)) is not None:
                object.__setattr__(message, name, filler)
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, VmomiSupport.DataObject):
                complete(inner, depth + 1)
    return message


@cache
def _members(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """The members of a data object type that `complete` has to look at: those that hold objects, or must be set."""
    found = []
    for member in kind._GetPropertyList():  # noqa: SLF001 -- pyVmomi's reflection
        required = not member.flags & _OPTIONAL
        item = getattr(member.type, "Item", member.type)
        holds = member.type is object or (
            isinstance(item, type) and issubclass(item, VmomiSupport.DataObject)
        )
        if required or holds:
            found.append((member.name, member.type, required))
    return tuple(found)


def _filler(kind: Any, depth: int) -> Any:
    if issubclass(kind, VmomiSupport.DataObject):
        return complete(kind(), depth + 1)
    if issubclass(kind, VmomiSupport.Enum):
        return next(value for value in vars(kind).values() if isinstance(value, kind))
    if kind is datetime:
        return datetime.now(UTC)
    return None


def property_info(kind: Any, name: str) -> Any:
    """PyVmomi's description of a property. Raises vmodl.query.InvalidProperty."""
    try:
        return VmomiSupport.GetPropertyInfo(kind, name)
    except AttributeError:
        raise vmodl.query.InvalidProperty(name=name, msg=f"Invalid property: {name}") from None


def inside(value: Any, kind: Any, path: list[str]) -> Any:
    """What stands at a nested path below a property's value; None where any of it is unset.

    Raises vmodl.query.InvalidProperty for a path that its types do not have.
    """
    for part in path:
        holder = type(value) if isinstance(value, VmomiSupport.DataObject) else kind
        if not (isinstance(holder, type) and issubclass(holder, VmomiSupport.DataObject)):
            raise vmodl.query.InvalidProperty(name=part, msg=f"Invalid property: {part}")
        info = property_info(holder, part)
        value = None if value is None else typed(getattr(value, part), info)
        kind = info.type
    return value


def spelled(principal: str) -> str:
    r"""A principal as vCenter tells it: `VSPHERE.LOCAL\svc`."""
    user, at, domain = canonical(principal).rpartition("@")
    return f"{domain.upper()}\\{user}" if at else principal


def escaped(name: str) -> str:
    """A name as the API writes it: `%`, `/` and a backslash are escaped."""
    return name.replace("%", "%25").replace("/", "%2f").replace("\\", "%5c")


def typed_name(name: str) -> str:
    """The reverse of `escaped`, for a name a client sent."""
    for code, letter in (("%2f", "/"), ("%2F", "/"), ("%5c", "\\"), ("%5C", "\\"), ("%25", "%")):
        name = name.replace(code, letter)
    return name


def no_longer(ref: Any) -> Any:
    """The fault for a managed object that is not there."""
    text = "The object has already been deleted or has not been completely created"
    return vmodl.fault.ManagedObjectNotFound(obj=ref, msg=text)


__all__ = [
    "Call",
    "NotSoap",
    "answer",
    "canonical",
    "complete",
    "escaped",
    "inside",
    "no_longer",
    "on_the_wire",
    "parse",
    "property_info",
    "refusal",
    "typed",
    "typed_name",
    "version_of",
    "versions",
    "vim",
]
