"""Values of AKO: what its chart is given, as the texts of ConfigMap `avi-k8s-config` that its container reads.

They come from a `values.yaml`, completed by the chart's defaults of the version, or from the ConfigMap itself, as
`helm template` or `kubectl get configmap -o yaml` write it. A chart renders everything as text: a list as JSON.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from avi_schema import Version, parse_version
from intent.source import Invalid, Place, Problem, Source, read
from intent.words import did_you_mean

CONFIG_MAP, SECRET = "avi-k8s-config", "avi-secret"
CREDENTIALS = "avicredentials"
GATEWAY_CONTAINER = "ako-gateway-api"
MOST_REPLICAS = 2
LISTS = {
    "vipNetworkList": ("networkName", "networkUUID", "cidr", "v6cidr"),
    "nodeNetworkList": ("networkName", "networkUUID", "cidrs"),
    "bgpPeerLabels": (),
    "blockedNamespaceList": (),
}
"""Keys that hold a list, and the members of its elements."""
OTHER_SECTIONS = (
    "image",
    "imagePullSecrets",
    "GatewayAPI",
    "resources",
    "securityContext",
    "rbac",
    "logFile",
)
"""Sections of the chart that AKO's start does not depend on."""


@dataclass(frozen=True)
class AkoLogin:
    """With what AKO logs in. None: the file does not say, as where `helm install --set` gives it."""

    username: str | None = None
    password: SecretStr | None = None
    token: SecretStr | None = None
    ca: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no report may show."""
        return tuple(each.get_secret_value() for each in (self.password, self.token) if each)


@dataclass(frozen=True)
class AkoValues:
    """What AKO is given: the ConfigMap's texts by key, where each stands, and what is beside the ConfigMap.

    A key that is not in `texts` is not rendered, and AKO takes its own default.
    """

    path: Path
    texts: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict)
    login: AkoLogin = AkoLogin()
    replicas: int = 1
    gateway: bool = False
    ignored: tuple[str, ...] = ()
    """Keys of the file that the chart of this version does not know: nobody reads them."""
    namespace: str = ""
    """Where AKO runs; "" where the file does not say."""

    def line(self, key: str) -> int:
        """The line of a key's value, 1 where it is not in the file."""
        return self.lines.get(key, 1)


@dataclass(frozen=True)
class ChartKey:
    """One key of the chart: its path in values.yaml, the ConfigMap's key ("" for none), and defaults by version."""

    path: tuple[str, ...]
    key: str
    defaults: Mapping[Version, Any]


@cache
def chart() -> tuple[ChartKey, ...]:
    """Every key of the charts."""
    lines = Path(__file__).with_name("defaults.tsv").read_text(encoding="utf-8").splitlines()
    head, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    versions = [parse_version(each) for each in head[2:]]
    return tuple(
        ChartKey(
            tuple(path.split(".")),
            "" if key == "-" else key,
            {v: json.loads(text) for v, text in zip(versions, defaults, strict=True) if text != "-"},
        )
        for path, key, *defaults in rows
    )


@cache
def known_versions() -> tuple[Version, ...]:
    """The versions whose charts are known, oldest first."""
    return tuple(sorted({each for key in chart() for each in key.defaults}))


def chart_version(version: Version) -> Version:
    """The version whose chart is taken for an AKO: its own, else the nearest before it, else the oldest."""
    known = known_versions()
    if version == (1, 13, 3):  # has `vpcMode`, which the chart before it has not
        return (1, 13, 4)
    return max((each for each in known if each <= version), default=known[0])


def load(path: Path, version: Version) -> AkoValues:
    """What AKO of this version is given by a file. Raises Invalid with every problem and its line."""
    source = read(path, several=True)
    documents = source.data or []
    if any(isinstance(each, dict) and "kind" in each for each in documents):
        values = _Manifests(source).values()
    elif len(documents) > 1:
        why = f"holds {len(documents)} documents: a values.yaml is one, and manifests each have a kind"
        raise Invalid(path, [Problem(1, why)])
    elif not documents or not isinstance(documents[0], dict):
        raise Invalid(path, [Problem(1, "is neither a values.yaml of AKO's chart nor its ConfigMap")])
    else:
        values = _Chart(source, documents[0], chart_version(version)).values()
    if source.problems:
        raise Invalid(path, source.problems)
    return values


class _Chart:
    """A values.yaml, rendered as its chart renders it."""

    def __init__(self, source: Source, data: dict[str, Any], version: Version) -> None:
        self.source, self.data, self.version = source, data, version
        self.ignored: list[str] = []

    def values(self) -> AkoValues:
        self._unknown_keys()
        texts: dict[str, str] = {}
        lines: dict[str, int] = {}
        for key in chart():
            if self.version not in key.defaults:
                if self._at(key.path)[1]:
                    self.ignored.append(".".join(key.path))
                continue
            if not key.key:
                continue
            value, given = self._value(key)
            if key.key in texts and not value:
                continue  # `defaultDomain` of the network settings goes before that of L4Settings where it is given
            texts[key.key] = rendered(key.key, value)
            if given:
                lines[key.key] = self.source.line((0, *key.path))
        number, _ = self._at(("replicaCount",))
        self._replicas(number, texts.get("primaryInstance", ""))
        gateway, _ = self._at(("featureGates", "GatewayAPI"))
        return AkoValues(
            self.source.path,
            texts,
            lines,
            self._login(),
            number if isinstance(number, int) else 1,
            str(gateway).lower() == "true" and self.version >= (1, 11, 1),
            tuple(self.ignored),
        )

    def _value(self, key: ChartKey) -> tuple[Any, bool]:
        """A key's value and whether the file gives it. A `null` takes the chart's default away, as Helm has it."""
        value, given = self._at(key.path)
        if not given:
            return key.defaults[self.version], False
        if isinstance(value, dict | list) and key.key not in LISTS:
            self._wrong(key.path, "a text is wanted here")
        if key.key in LISTS and value is not None:
            self._list(key, value)
        return value, True

    def _at(self, path: tuple[str, ...]) -> tuple[Any, bool]:
        part: Any = self.data
        for name in path:
            if not isinstance(part, dict) or name not in part:
                return None, False
            part = part[name]
        return part, True

    def _replicas(self, number: Any, primary: str) -> None:
        if isinstance(number, int) and number > MOST_REPLICAS:
            self._wrong(("replicaCount",), f"Helm refuses more than {MOST_REPLICAS}")
        elif isinstance(number, int) and number > 1 and primary == "false":
            self._wrong(("replicaCount",), "Helm refuses more than 1 where primaryInstance is false")

    def _list(self, key: ChartKey, value: Any) -> None:
        if isinstance(value, dict):
            self._wrong(key.path, "a list is wanted here")
        if not isinstance(value, list):
            return  # Helm takes a text too, and AKO refuses it when it starts
        members = {name.lower(): name for name in LISTS[key.key]}  # Go takes them in any case
        for index, element in enumerate(value):
            for name in element if isinstance(element, dict) and members else ():
                if name.lower() in members:
                    continue
                if hint := did_you_mean(name, members.values()):
                    self._wrong((*key.path, index, name), f"unknown key {name!r}{hint}")
                else:
                    self.ignored.append(".".join((*key.path, name)))

    def _unknown_keys(self) -> None:
        """Keys that no chart knows: an error where one of almost that name exists, since Helm would not say a word."""
        known = [key.path for key in chart()]
        sections, mappings = {path[0] for path in known}, {path[0] for path in known if len(path) > 1}
        for name, section in self.data.items():
            if name not in sections:
                if isinstance(section, dict) and mappings & section.keys():
                    self._wrong(
                        (name,), "holds the sections of AKO's chart: put those into a file of their own"
                    )
                elif name not in OTHER_SECTIONS:
                    self._unknown((name,), sections)
            elif name in mappings:
                self._unknown_members((name,), section, known)

    def _unknown_members(self, at: tuple[str, ...], part: Any, known: list[tuple[str, ...]]) -> None:
        if part is None:
            return
        if not isinstance(part, dict):
            self._wrong(at, "a mapping of keys to values is wanted here")
            return
        below = [path for path in known if path[: len(at)] == at]
        names = {path[len(at)] for path in below}
        for name, value in part.items():
            if name not in names:
                self._unknown((*at, name), names)
            elif all(len(path) > len(at) + 1 for path in below if path[len(at)] == name):
                self._unknown_members((*at, name), value, known)

    def _unknown(self, path: tuple[str, ...], names: set[str]) -> None:
        if hint := did_you_mean(path[-1], names):
            self._wrong(path, f"unknown key, which Helm ignores without a word{hint}")
        else:
            self.ignored.append(".".join(path))

    def _wrong(self, path: Place, text: str) -> None:
        where = ".".join(str(part) for part in path if isinstance(part, str))
        self.source.wrong((0, *path), f"{where}: {text}")

    def _login(self) -> AkoLogin:
        def text(name: str) -> str | None:
            value, given = self._at((CREDENTIALS, name))
            if isinstance(value, dict | list):
                self._wrong((CREDENTIALS, name), "a text is wanted here")
            return rendered("", value) if given and value is not None else None

        return _login(text("username"), text("password"), text("authtoken"), text("certificateAuthorityData"))


def _login(user: str | None, password: str | None, token: str | None, ca: str | None) -> AkoLogin:
    return AkoLogin(
        user,
        None if password is None else SecretStr(password),
        None if token is None else SecretStr(token),
        ca,
    )


def rendered(key: str, value: Any) -> str:
    """A value as the chart writes it into the ConfigMap."""
    if key in LISTS:
        return json.dumps(value, separators=(",", ":"), default=str)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    """A number as Helm writes it: to Go each is a float64, from a million on with an exponent."""
    number = float(value)
    if 1e-4 <= abs(number) < 1e6 or number == 0:
        return f"{number:.17g}" if number.is_integer() else repr(number)
    digits = len(Decimal(repr(number)).normalize().as_tuple().digits)
    return f"{number:.{digits - 1}e}"


class _Manifests:
    """Manifests of Kubernetes, among them AKO's ConfigMap."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.items = [*_manifests(source.data)]

    def values(self) -> AkoValues:
        maps = [each for each in self.items if each[1].get("kind") == "ConfigMap" and _is_akos(each[1])]
        if len(maps) != 1:
            why = "holds no ConfigMap avi-k8s-config" if not maps else f"holds {len(maps)} of them; keep one"
            raise Invalid(self.source.path, [Problem(1, why)])
        place, config = maps[0]
        metadata = config.get("metadata")
        data = {name: rendered("", value) for name, value in config["data"].items()}
        known = {key.key for key in chart() if key.key}
        for name in data:
            if name not in known and (hint := did_you_mean(name, known)):
                self.source.wrong((*place, "data", name), f"data.{name}: unknown key{hint}")
        lines = {name: self.source.line((*place, "data", name)) for name in data}
        sets = [each for _, each in self.items if each.get("kind") in ("StatefulSet", "Deployment")]
        replicas = [spec.get("replicas") for each in sets if isinstance(spec := each.get("spec"), dict)]
        return AkoValues(
            self.source.path,
            data,
            lines,
            self._login(),
            next((each for each in replicas if isinstance(each, int)), 1),
            any(GATEWAY_CONTAINER in json.dumps(each, default=str) for each in sets),
            namespace=str(metadata.get("namespace") or "") if isinstance(metadata, dict) else "",
        )

    def _login(self) -> AkoLogin:
        for place, each in self.items:
            if each.get("kind") == "Secret" and _name(each) == SECRET:
                known: dict[str, str | None] = {}
                for section in ("data", "stringData"):
                    given = each.get(section) or {}
                    if not isinstance(given, dict):
                        self.source.wrong((*place, section), f"{section}: a mapping of texts is wanted here")
                        continue
                    for name, value in given.items():
                        coded = section == "data"
                        known[name] = self._decoded(place, name, value) if coded else rendered("", value)
                names = ("username", "password", "authtoken", "certificateAuthorityData")
                return _login(*(known.get(name) for name in names))
        return AkoLogin()

    def _decoded(self, place: Place, name: str, value: Any) -> str | None:
        try:
            return base64.b64decode(str(value or ""), validate=True).decode()
        except ValueError:  # no base64, or not of a text
            self.source.wrong((*place, "data", name), f"data.{name}: is not base64 of a text")
            return None


def _manifests(documents: list[Any], place: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every manifest of a file, those in a `kind: List` too, and where it stands."""
    for index, each in enumerate(documents):
        if isinstance(each, dict) and isinstance(each.get("items"), list):
            yield from _manifests(each["items"], (*place, index, "items"))
        elif isinstance(each, dict):
            yield (*place, index), each


def manifests(path: Path) -> tuple[Source, list[tuple[Place, dict[str, Any]]]]:
    """A file of manifests, parsed: each with its place. Raises Invalid."""
    source = read(path, several=True)
    if source.problems:
        raise Invalid(path, source.problems)
    return source, [*_manifests(source.data or [])]


def _name(manifest: Mapping[str, Any]) -> str:
    metadata = manifest.get("metadata")
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


def _is_akos(manifest: Mapping[str, Any]) -> bool:
    data = manifest.get("data")
    return isinstance(data, dict) and (_name(manifest) == CONFIG_MAP or "vipNetworkList" in data)
