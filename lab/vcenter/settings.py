"""Settings that clients write and the endpoint only keeps: laid over the values it shows by itself.

Kept as XML, for the inventory is plain data that knows nothing of pyVmomi.
"""

from __future__ import annotations

from typing import Any

from pyVmomi import SoapAdapter, VmomiSupport

from lab.vcenter.soap import NEWEST, complete


def laid_over(shown: Any, told: Any) -> Any:
    """A new message: the members of `told` where it has any, those of `shown` elsewhere, at any depth."""
    if told is None or shown is None:
        return shown if told is None else told
    made = type(told)()
    for member in made._GetPropertyList():  # noqa: SLF001 -- pyVmomi's reflection
        below, above = getattr(shown, member.name, None), getattr(told, member.name)
        if isinstance(above, VmomiSupport.DataObject) and isinstance(below, VmomiSupport.DataObject):
            above = laid_over(below, above)
        if (value := below if above is None or above == [] else above) is not None:
            setattr(made, member.name, value)
    return made


def kept(before: str, told: Any) -> str:
    """What is told now, over what had been told before, as text."""
    merged = laid_over(read(before), told)
    return str(SoapAdapter.SerializeToStr(complete(merged), version=NEWEST))


def read(text: str) -> Any:
    """What was kept, as a message; None for nothing."""
    return SoapAdapter.Deserialize(text) if text else None
