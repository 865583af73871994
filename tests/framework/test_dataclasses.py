"""Dataclasses of ours are Python's own, made with their first instance."""

import dataclasses
import sys
import threading
from importlib import import_module

import pytest

from intent.plain_data import dataclass
from tests.framework.source import ROOT, modules

ABOVE_THE_SCHEMA = ("intent", "live", "fixtures", "checks", "remediate", "reports", "fleet")


def classes(decorator):
    """The same classes by either decorator: frozen, with bases, defaults and what is made of fields."""

    @decorator(frozen=True)
    class Base:
        name: str
        tags: list[str] = dataclasses.field(default_factory=list)

        def __post_init__(self):
            object.__setattr__(self, "long", f"{self.name}!")

    @decorator(frozen=True, order=True)
    class Heir(Base):
        count: int = 3
        hidden: str = dataclasses.field(default="", repr=False, compare=False, kw_only=True)

    @decorator
    class Free:
        value: int

    class Plain(Free):
        pass

    @decorator(eq=False)
    class Alone:
        value: int = 0

    @decorator(frozen=True, slots=True)
    class Slotted:
        value: int = 0

    return Base, Heir, Free, Plain, Alone, Slotted


def behaviour(decorator):
    base, heir, free, plain, alone, slotted = classes(decorator)
    one = heir("a", count=1)
    said = [repr(one), one == heir("a", [], 1), one < heir("b"), one.long, one.tags is not heir("a").tags]
    said += [dataclasses.asdict(one), dataclasses.replace(one, name="c"), dataclasses.is_dataclass(free)]
    said += [[part.name for part in dataclasses.fields(heir)], heir.__match_args__, base.__match_args__]
    said += [plain(1), plain(1) == plain(1), alone() == alone(), hash(slotted(1)) == hash(slotted(1))]
    said += [base.__init__.__qualname__, base.__hash__ is None, free.__hash__ is None, base("a") == one]
    for wrong in (
        lambda: setattr(one, "name", "b"),
        lambda: setattr(one, "other", "b"),
        lambda: delattr(one, "name"),
        lambda: setattr(slotted(), "value", 1),
        heir,
        lambda: free(1, 2),
    ):
        with pytest.raises(Exception) as raised:
            wrong()
        said.append((type(raised.value), str(raised.value)))
    return [repr(each) for each in said]


def test_they_behave_like_pythons_own():
    assert behaviour(dataclass) == behaviour(dataclasses.dataclass)


@pytest.mark.parametrize("use", [lambda heir: heir("a"), dataclasses.fields, dataclasses.is_dataclass])
def test_they_are_made_when_they_are_used(use):
    base, heir, *_ = classes(dataclass)
    assert "__repr__" not in vars(heir)
    use(heir)
    assert "__repr__" in vars(heir)
    assert "__repr__" in vars(base)


def test_threads_that_make_the_first_instances_at_once():
    turn = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(50):
            heir, made = classes(dataclass)[1], []
            start = threading.Barrier(4)

            def make(heir=heir, made=made, start=start):
                start.wait()
                made.append(heir("a"))

            threads = [threading.Thread(target=make) for _ in range(4)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            assert made == [heir("a")] * 4
    finally:
        sys.setswitchinterval(turn)


def test_all_of_ours_are_made_like_that():
    wrong = [
        name
        for name in modules(*ABOVE_THE_SCHEMA)
        if name != "intent/plain_data.py"
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if line.startswith("from dataclasses import") and "dataclass" in line.split("import ")[1].split(", ")
    ]
    assert not wrong, f"import dataclass from intent.plain_data: {wrong}"


def test_every_one_of_ours_can_be_made():
    found = 0
    for name in modules(*ABOVE_THE_SCHEMA):
        if name.endswith("__main__.py") or name.startswith("checks/"):
            continue
        module = import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        for each in vars(module).values():
            if isinstance(each, type) and "__dataclass_fields__" in vars(each):
                found += bool(dataclasses.fields(each))
    assert found > 100
