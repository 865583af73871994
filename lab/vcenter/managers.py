"""Managers of vCenter that clients read in passing, as a vCenter has them that was just installed."""

from __future__ import annotations

from typing import Any

from pyVmomi import vim

from lab.vcenter.soap import canonical, complete, spelled
from lab.vcenter.world import Part, World, method, prop


def _settings(world: World, subject: Any) -> dict[str, Any]:
    """VCenter's own settings, or a host's."""
    if isinstance(subject, Part):
        return {"Misc.HostName": subject.owner.name, "UserVars.SuppressShellWarning": 0}
    return {
        "VirtualCenter.InstanceName": world.model.address,
        "VirtualCenter.FQDN": world.model.address,
        "config.vpxd.hostnameUrl": world.model.address,
        "config.vpxd.odbc.timeout": 300,
        "event.maxAge": 30,
        "event.maxAgeEnabled": True,
        "instance.id": 1,
        "task.maxAge": 30,
        "task.maxAgeEnabled": True,
    }


def _option(key: str, value: Any) -> Any:
    return vim.option.OptionValue(key=key, value=value)


@prop(vim.option.OptionManager, "setting")
def _setting(world: World, subject: Any) -> list[Any]:
    return [_option(key, value) for key, value in _settings(world, subject).items()]


@method("QueryOptions")
def query_options(world: World, subject: Any, arguments: Any) -> list[Any]:
    """The settings of a name, or with names that begin with one that ends in a dot. Raises InvalidName."""
    name, known = arguments.name or "", _settings(world, subject)
    found = [k for k in known if not name or k == name or (name.endswith(".") and k.startswith(name))]
    if not found:
        raise vim.fault.InvalidName(name=name, msg=f"The name '{name}' is invalid.")
    return [_option(key, known[key]) for key in found]


@prop(vim.LicenseManager, "licenses")
def _licenses(_world: World, _subject: Any) -> list[Any]:
    return [
        vim.LicenseManager.LicenseInfo(
            licenseKey="00000-00000-00000-00000-00000", editionKey="eval", name="Evaluation Mode", total=0, used=0,
            costUnit="",
        )
    ]  # fmt: skip


@prop(vim.LicenseManager, "evaluation")
def _evaluation(_world: World, _subject: Any) -> Any:
    return vim.LicenseManager.EvaluationInfo()


@prop(vim.LicenseManager, "licensedEdition")
def _edition(_world: World, _subject: Any) -> str:
    return "eval"


@prop(vim.LicenseManager, "sourceAvailable")
def _available(_world: World, _subject: Any) -> bool:
    return True


@prop(vim.LicenseManager, "source")
def _source(_world: World, _subject: Any) -> Any:
    return vim.LicenseManager.LocalLicense(licenseKeys="")


@prop(vim.ExtensionManager, "extensionList")
def _extensions(world: World, _subject: Any) -> list[Any]:
    words = vim.Description(label="vCenter", summary="vCenter Server itself")
    return [
        complete(
            vim.Extension(
                key="VirtualCenter", company="VMware, Inc.", version="1.0", description=words,
                lastHeartbeatTime=world.began,
            )
        )
    ]  # fmt: skip


@method("FindExtension")
def find_extension(world: World, _this: Any, arguments: Any) -> Any:
    """The extension of a key; None when absent."""
    return next((e for e in _extensions(world, None) if e.key == arguments.extensionKey), None)


@prop(vim.UserDirectory, "domainList")
def _domains(world: World, _subject: Any) -> list[str]:
    """In capitals, as `community.vmware` looks for them [CLIENT]."""
    return sorted({name.rpartition("@")[2].upper() for name in world.model.accounts} | {"LOCALOS"})


@method("RetrieveUserGroups")
def find_users(world: World, _this: Any, arguments: Any) -> list[Any]:
    """Users and groups with a name that holds what is searched for, or is it when `exactMatch`."""
    wanted, domain = arguments.searchStr.lower(), (arguments.domain or "").lower()
    users = [(name, False) for name in world.model.accounts if arguments.findUsers]
    groups = sorted({group for held in world.model.groups.values() for group in held})
    users += [(name, True) for name in groups if arguments.findGroups]
    found = []
    for name, group in users:
        short, _, at = canonical(name).partition("@")
        hit = short == wanted if arguments.exactMatch else wanted in short
        if hit and domain in ("", at):
            found.append(vim.UserSearchResult(principal=spelled(name), fullName=short, group=group))
    return found


@method("GetAlarm", "GetAlarmState", "QueryPerf", "QueryPerfCounter")
def nothing(_world: World, _this: Any, _arguments: Any) -> list[Any]:
    """No alarm is defined here, and nothing is counted."""
    return []


def _describe(manager: Any, description: Any) -> None:
    """What a manager's words mean: here none is explained."""
    prop(manager, "description")(lambda _world, _subject: description())


for _manager, _description in (
    (vim.alarm.AlarmManager, vim.alarm.AlarmDescription),
    (vim.PerformanceManager, vim.PerformanceDescription),
    (vim.scheduler.ScheduledTaskManager, vim.scheduler.ScheduledTaskDescription),
    (vim.event.EventManager, vim.event.EventDescription),
    (vim.TaskManager, vim.TaskDescription),
):
    _describe(_manager, _description)
