"""Ansible's playbooks, task lists and vars, read into objects: the arguments of `avi_*` modules, or lists by type.

Only what stands in the file is known: `{{ ... }}` is filled in where it names a variable of the file or an item of a
list that stands there; any other is a missing value.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from avi_schema import Field, load
from avi_schema.semantics import meaning
from intent.objects import references
from live.imports.written import MISSING_VALUE, Import, ImportedObject, Json, by_name, cast, is_set, type_of

CONNECTION = frozenset(
    {
        "api_context", "api_version", "avi_api_context", "avi_api_patch_op", "avi_api_patch_path",
        "avi_api_patch_value", "avi_api_update_method", "avi_credentials", "avi_deactivate_session_cache_as_fact",
        "avi_disable_session_cache_as_fact", "avi_patch_path", "avi_patch_value", "avi_tenant", "controller",
        "password", "state", "tenant", "tenant_uuid", "token", "username",
    }
)  # fmt: skip
"""Arguments of every module that say how it works, and nothing of the object."""
LOOPS = ("loop", "with_items", "with_list")
NESTED = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always", "roles")
ACTIONS = ("action", "local_action")
INVENTORY = ("all", "children", "hosts", "ungrouped")
"""Parts of an inventory: groups, and hosts or groups by name, which hold variables."""
_PATH = r"\w+(?:\.\w+|\[\s*(?:'[^']*'|\"[^\"]*\"|\d+)\s*\])*"
_ONE = re.compile(rf"^\{{\{{\s*({_PATH})\s*(\|\s*dict2items\s*)?\}}\}}$")
_STEP = re.compile(r"\w+|'[^']*'|\"[^\"]*\"")
_ANY = re.compile(r"\{\{.*?\}\}")


class _Loader(yaml.SafeLoader):
    """YAML as Ansible writes it: what a tag of its own hides, such as a vault's secret, is a missing value."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: MISSING_VALUE)


def parse(text: str) -> Any:
    """The file's data; of several documents, a list of what they hold. Raises yaml.YAMLError."""
    documents = [each for each in yaml.load_all(text, _Loader) if each is not None]
    if len(documents) == 1:
        return documents[0]
    return [part for each in documents for part in (each if isinstance(each, list) else [each])]


def read(data: Any) -> Import:
    """The objects of a playbook, a list of tasks, or vars."""
    taken = Import()
    for plays in data if isinstance(data, list) else [data]:
        if isinstance(plays, Mapping):
            _Play(
                taken, {**_mapping(plays.get("vars")), **(plays if not isinstance(data, list) else {})}
            ).walk(plays)
    return taken


def _mapping(value: Any) -> Json:
    return dict(value) if isinstance(value, Mapping) else {}


@dataclass
class _Play:
    """One play or task list, with the variables that stand in it."""

    taken: Import
    variables: Json

    def walk(self, part: Mapping[str, Any]) -> None:
        """Every task below, and every list of objects by type."""
        inside = _Play(self.taken, {**self.variables, **_mapping(part.get("vars"))})
        for below in _below(part):
            inside.walk(below)
        for name, value in _spelled_out(part).items():
            if isinstance(value, Mapping) and (type_of(str(name)) or _is_module(str(name))):
                inside.task(part, str(name), value)
            elif (
                isinstance(value, list)
                and type_of(str(name))
                and all(isinstance(each, Mapping) for each in value)
            ):
                for number, each in enumerate(value):
                    inside.object(str(name), f"{name}[{number}]", each, {})
            elif name in ("vars", "avi_config") and isinstance(value, Mapping):
                inside.walk(value)

    def task(self, task: Mapping[str, Any], module: str, arguments: Mapping[str, Any]) -> None:
        """One task: an object, or one for each item of its loop."""
        title = str(task.get("name") or module)
        loop = next((task[name] for name in (*LOOPS, "with_dict") if name in task), None)
        if loop is None:
            self.object(module, title, arguments, {})
            return
        items = self.filled(loop)
        if "with_dict" in task and isinstance(items, Mapping):
            items = _items(items)
        if not isinstance(items, list):
            self.taken.missing.append(f"{title}: its loop is over values that the file does not hold")
            return
        variable = str(_mapping(task.get("loop_control")).get("loop_var", "item"))
        for number, item in enumerate(items):
            self.object(module, f"{title} [{number}]", arguments, {variable: item})

    def object(self, module: str, source: str, arguments: Mapping[str, Any], items: Json) -> None:
        """One object from a module's arguments."""
        api = type_of(module)
        if api is None:
            self.taken.leave(source, "", f"{module} is no type of object that can be declared")
            return
        own = _Play(self.taken, {**self.variables, **items})
        kind = load().types[api]
        given = {
            name: value
            for name, value in arguments.items()
            if name not in CONNECTION or _is_member(api, name)
        }
        tenant = own.filled(arguments.get("tenant"))
        credentials = _mapping(own.filled(arguments.get("avi_credentials")))
        address = own.filled(arguments.get("controller") or credentials.get("controller"))
        self.taken.address = self.taken.address or (address if isinstance(address, str) else "")
        body = own.message(kind.model, given, source, ())
        if kind.has_tenant and "tenant_ref" not in body and isinstance(tenant, str):
            body["tenant_ref"] = by_name("tenant", tenant)
        if not kind.singleton and not body.get("name"):
            self.taken.missing.append(f"{source}: the file holds no name")
            return
        absent = own.filled(arguments.get("state")) == "absent"
        self.taken.objects.append(ImportedObject(api, source, body, dict(body), absent=absent, authored=True))

    def message(self, message: str, members: Mapping[str, Any], source: str, at: tuple[str, ...]) -> Json:
        """The members of a message in the Controller's form."""
        fields = load().message(message).fields
        body: Json = {}
        for name, value in members.items():
            place, described = (*at, str(name)), fields.get(str(name))
            if value is None:
                continue
            if described is None:
                self.taken.leave(source, ".".join(place), "no member of the Controller's model")
            elif meaning(message, described.name).mode == "secret":
                self.taken.leave(source, ".".join(place), "a secret")
            elif meaning(message, described.name).mode != "server":
                inner = self.member(described, self.filled(value), source, place)
                if inner is not MISSING_VALUE and is_set(inner):
                    body[str(name)] = inner
        return body

    def member(self, described: Field, value: Any, source: str, place: tuple[str, ...]) -> Any:
        """One member; a list of which a part is missing is missing as a whole."""
        if described.many and not isinstance(value, list):
            value = [value]
        if isinstance(value, list):
            read = [self.value(described, self.filled(each), source, place) for each in value]
            return MISSING_VALUE if any(each is MISSING_VALUE for each in read) else read
        return self.value(described, value, source, place)

    def value(self, described: Field, value: Any, source: str, place: tuple[str, ...]) -> Any:
        """One value, MISSING_VALUE where the file holds none."""
        if value is MISSING_VALUE:
            self.taken.missing.append(f"{source}: {'.'.join(place)}: the file holds no value")
            return MISSING_VALUE
        if described.message and isinstance(value, Mapping):
            return self.message(described.message, value, source, place)
        if described.kind == "ref" and (api := references.target(described)):
            return self.reference(api, value, source, place)
        try:
            return cast(described, value)
        except ValueError as why:
            self.taken.leave(source, ".".join(place), str(why))
            return MISSING_VALUE

    def reference(self, api: str, value: Any, source: str, place: tuple[str, ...]) -> Any:
        """A reference by name; `/api/pool?name=web`, `/api/pool/?name=web&cloud=east`, or a bare name."""
        text = str(value)
        meant = references.named(f"/{text}" if text.startswith("api/") else text)
        if meant is None:
            self.taken.missing.append(
                f"{source}: {'.'.join(place)}: it names {text}, of which the file holds no name"
            )
            return MISSING_VALUE
        if isinstance(meant, str):
            return by_name(api, meant)
        return by_name(api, meant.name, meant.cloud or "", meant.tenant or "")

    def filled(self, value: Any) -> Any:
        """A value with variables filled in; MISSING_VALUE where one is not in the file."""
        if isinstance(value, Mapping):
            return value
        if not isinstance(value, str) or "{{" not in value:
            return value
        if (match := _ONE.match(value.strip())) is not None:
            there = self.filled(self._variable(match[1]))
            return _items(there) if match[2] and isinstance(there, Mapping) else there
        parts = {each: self.filled(self._variable(each[2:-2].strip())) for each in _ANY.findall(value)}
        if any(isinstance(each, Mapping | list) or each is MISSING_VALUE for each in parts.values()):
            return MISSING_VALUE
        for each, text in parts.items():
            value = value.replace(each, str(text))
        return value

    def _variable(self, path: str) -> Any:
        """A variable, or what is in it: `pools`, `pools.web.port`, `pools['web'].servers[0]`."""
        if re.fullmatch(_PATH, path) is None:
            return MISSING_VALUE
        value: Any = self.variables
        for step in _STEP.findall(path):
            name = step.strip("'\"")
            if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            elif isinstance(value, Mapping) and name in value:
                value = value[name]
            else:
                return MISSING_VALUE
        return value if value != f"{{{{ {path} }}}}" else MISSING_VALUE


def _below(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The plays, tasks, roles, groups and hosts in a part of a file."""
    groups = [_mapping(part.get(name)) for name in INVENTORY]
    every = [task for name in NESTED if isinstance(tasks := part.get(name), list) for task in tasks]
    every += [each for group in groups for each in (group, *group.values())]
    yield from (each for each in every if each and isinstance(each, Mapping))


def _items(value: Mapping[str, Any]) -> list[Json]:
    """What a loop over a mapping goes through."""
    return [{"key": key, "value": each} for key, each in value.items()]


def _spelled_out(part: Mapping[str, Any]) -> Json:
    """A task with its module's arguments as a mapping, however they are written.

    `avi_pool: name=web`, `avi_pool:` with `args:`, `action: avi_pool name=web`, `local_action: {module: avi_pool}`.
    """
    task = dict(part)
    for name in ACTIONS:
        if isinstance(given := task.get(name), str):
            module, _, rest = given.strip().partition(" ")
            task[module] = rest
        elif isinstance(given, Mapping) and "module" in given:
            task[str(given["module"])] = {key: each for key, each in given.items() if key != "module"}
    for name, value in task.items():
        is_module = type_of(str(name)) and str(name).rpartition(".")[2].startswith("avi_")
        if is_module and (value is None or isinstance(value, str)):
            task[name] = _mapping(part.get("args")) | _pairs(value or "")
    return task


def _pairs(text: str) -> Json:
    """Arguments of a module in one line: `name=web default_server_port={{ port }}`."""
    # An expression is one word, whatever spaces and quotes are in it; in a text in quotes, its own are escaped.
    expressions = (each.replace('\\"', '"') for each in _ANY.findall(text))
    try:
        words = shlex.split(_ANY.sub("{{}}", text))
    except ValueError:
        return {}
    words = [_ANY.sub(lambda _: next(expressions), word) for word in words]
    return dict(word.split("=", 1) for word in words if "=" in word)


def _is_member(api: str, name: str) -> bool:
    """Whether a type has a member that is named like the login of every module."""
    return name in ("username", "password", "token") and name in load().types[api].message.fields


def _is_module(name: str) -> bool:
    return name.rpartition(".")[2].startswith("avi_") and "." in name
