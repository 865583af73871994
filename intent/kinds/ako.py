"""AKO as declared: what an installation of it is given, its version, and what else of its cluster is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, PrivateAttr

from avi_schema import Version, parse_version
from intent.base import Advice, Declarations, Declared, Intent, NotCompared
from intent.values import Ip, Name, Prefix, Release

if TYPE_CHECKING:
    from intent.ako.holes import Node
    from intent.ako.resources import Resources
    from intent.ako.settings import Settings
    from intent.ako.texts import StepTexts

# What is known of AKOs is imported where one is declared: without, a run need not wait for it.

SEVERITIES = {
    "boot": "blocker",
    "crash": "blocker",
    "hang": "blocker",
    "sync": "blocker",
    "service": "critical",
    "nothing": "minor",
}
"""How grave a step or a hole is, by what it stops."""


class AkoNode(Declared):
    """A node of the cluster: AKO writes a route to each of its pod networks."""

    name: Name
    address: Ip
    pods: tuple[Prefix, ...] = ()


@dataclass(frozen=True)
class AkoFiles:
    """What the files of an AKO hold. `nodes` is None where they are not declared."""

    settings: "Settings"
    resources: "Resources"
    nodes: "tuple[Node, ...] | None"


class Ako(Intent, kind="AKO", section="ako"):
    """One AKO, as it is or will be installed in a cluster."""

    name: Annotated[Name, NotCompared()] = ""
    """what reports call it; left out, the name of its cluster"""
    values: Annotated[str, NotCompared(), Field(min_length=1)]
    """its values.yaml, or ConfigMap avi-k8s-config as `helm template` or `kubectl get cm -o yaml` writes it; relative
    to this file"""
    version: Annotated[Release, NotCompared()]
    """AKO's version, such as 2.1.1"""
    kubernetes: Annotated[Release | None, NotCompared()] = None
    """the cluster's version of Kubernetes"""
    resources: Annotated[tuple[str, ...], NotCompared()] = ()
    """files of its custom resources: AviInfraSettings, HostRules, HTTPRules, L4Rules ..."""
    nodes: Annotated[str | tuple[AkoNode, ...] | None, NotCompared()] = None
    """the cluster's nodes, or the file that `kubectl get nodes -o yaml` writes"""

    _files: AkoFiles | None = PrivateAttr(default=None)

    @property
    def number(self) -> Version:
        """Its version as numbers."""
        return parse_version(self.version)

    @property
    def files(self) -> AkoFiles:
        """What its files hold; they are read with the environment file."""
        assert self._files is not None, "an AKO is declared in an environment file"
        return self._files

    def is_read(self) -> bool:
        """Whether its files were read: not in a file that has problems of its own."""
        return self._files is not None

    @property
    def settings(self) -> "Settings":
        """What it works with."""
        return self.files.settings

    def with_files(self, name: str, files: AkoFiles) -> "Ako":
        """The same with what its files hold."""
        copy = self.model_copy(update={"name": name})
        copy.__pydantic_private__ = {**(copy.__pydantic_private__ or {}), "_files": files}
        return copy


class AkoStep(Intent, kind="AKO step"):
    """One step of an AKO's start. Derived from `ako`."""

    ako: Annotated[Ako, NotCompared()]
    id: Annotated[str, NotCompared()]

    @classmethod
    def derived(cls, site: Declarations) -> "Iterator[AkoStep]":
        """Every step that these settings can make AKO take, in AKO's order."""
        for ako in filter(Ako.is_read, site.each(Ako)):
            from intent.ako.steps import applicable_steps  # noqa: PLC0415

            for step in applicable_steps(ako.settings):
                yield cls(name=f"{ako.name} {step}", ako=ako, id=step)

    @property
    def known(self) -> "StepTexts":
        """What is known of it: what it means and what to do."""
        from intent.ako import texts  # noqa: PLC0415

        return texts.steps()[self.id]

    @property
    def reads(self) -> frozenset[str]:
        """The collections that its AKO's verdict needs more than every one's."""
        from intent.ako.holes import types_needed  # noqa: PLC0415

        return types_needed(self.ako.settings, self.ako.files.resources)

    @property
    def advice(self) -> Advice:
        """What reports say of it in place of what its check says."""
        return Advice(SEVERITIES[self.known.stops], self.known.meaning, self.known.do)


class AkoHole(AkoStep, kind="AKO hole"):
    """One thing that no step of an AKO's tests. Derived from `ako`."""

    @classmethod
    def derived(cls, site: Declarations) -> "Iterator[AkoHole]":
        """Every hole that there can be with these settings."""
        for ako in filter(Ako.is_read, site.each(Ako)):
            from intent.ako.holes import applicable_holes  # noqa: PLC0415

            for hole in applicable_holes(ako.settings, ako.files.resources):
                yield cls(name=f"{ako.name} {hole}", ako=ako, id=hole)
