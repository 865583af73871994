"""Reads over every tenant for a user who is refused `*`: what his own tenants show, whole, or unknown."""

import pytest

from intent import Unknown
from live.avi.each_tenant import uuid_of_tenant
from live.avi.session import EveryTenant
from live.errors import NotFound, ReadDenied

TENANTS = ("blue", "green")


class Controller:
    """Answers by (path, tenant), a list of pages or what is raised; what was asked is kept."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def read(self, every, path, tenants=TENANTS):
        def ask(params, tenant):
            self.asked.append((path, tenant, params.get("page", "1")))
            answer = self.answers.get((path, tenant), ReadDenied(f"{path} in {tenant}"))
            if isinstance(answer, Exception):
                raise answer
            return answer[int(params.get("page", "1")) - 1] if isinstance(answer, list) else answer

        return every.read(path, {"page_size": "2"}, tenants, ask)


def page(*uuids, count=None, further=False):
    shown = {"count": len(uuids) if count is None else count, "results": [{"uuid": each} for each in uuids]}
    return shown | ({"next": "https://c/api/pool?page=2"} if further else {})


def test_each_object_once_from_every_page_of_every_tenant():
    pages = [page("a", "b", count=3, further=True), page("c", count=3)]
    controller = Controller({("pool", "blue"): pages, ("pool", "green"): page("c", "d")})
    answer = controller.read(EveryTenant(), "pool")
    assert answer == {"count": 4, "results": [{"uuid": each} for each in "abcd"]}


def test_star_is_tried_once_and_not_given_up_where_it_works():
    controller = Controller({("pool", "blue"): page("a"), ("pool", "green"): page("b")})
    every = EveryTenant()
    controller.read(every, "pool")
    controller.read(every, "pool")
    assert [tenant for _, tenant, _ in controller.asked] == ["*", "blue", "green", "blue", "green"]
    controller = Controller({("vsvip", "*"): page("a"), ("pool", "blue"): page("a")})
    every = EveryTenant()
    controller.read(every, "vsvip")
    with pytest.raises(ReadDenied, match=r"pool in \*"):
        controller.read(every, "pool")
    assert [tenant for _, tenant, _ in controller.asked] == ["*", "*"]


@pytest.mark.parametrize(
    "green",
    [
        page("c", count=2),
        page("c", "c"),
        page("c") | {"error": "busy"},
        {"count": 0, "results": {}},
        [page("c", "d", count=3, further=True), page("d", count=3)],
        Unknown("it keeps silent"),
        NotFound("no such type"),
    ],
)
def test_what_one_tenant_does_not_show_whole_is_unknown_of_all(green):
    every = EveryTenant()
    with pytest.raises(Unknown):
        Controller({("pool", "blue"): page("a"), ("pool", "green"): green}).read(every, "pool")


def test_what_changes_between_two_looks_is_unknown():
    class Changing(list):
        looks = 0

        def __getitem__(self, number):
            self.looks += 1
            return (
                super().__getitem__(number)
                if self.looks <= 2 or number
                else page("z", "b", count=3, further=True)
            )

    pages = Changing([page("a", "b", count=3, further=True), page("c", count=3)])
    controller = Controller({("pool", "blue"): pages, ("pool", "green"): page("d")})
    with pytest.raises(Unknown, match="changed in tenant blue"):
        controller.read(EveryTenant(), "pool")


def test_a_type_that_may_be_read_in_no_tenant_is_refused_as_it_was_at_first():
    with pytest.raises(ReadDenied, match=r"pool in \*"):
        Controller({}).read(EveryTenant(), "pool")


@pytest.mark.parametrize(
    ("blue", "green", "raised"),
    [
        (NotFound("blue"), {"uuid": "a"}, None),
        (ReadDenied("blue"), {"uuid": "a"}, None),
        (NotFound("blue"), NotFound("green"), NotFound),
        (NotFound("blue"), ReadDenied("green"), ReadDenied),
        (ReadDenied("blue"), NotFound("green"), ReadDenied),
        (NotFound("blue"), page("a"), ReadDenied),
    ],
)
def test_one_object_is_nowhere_only_where_each_tenant_says_so(blue, green, raised):
    controller = Controller({("pool/a", "blue"): blue, ("pool/a", "green"): green})
    if raised is None:
        assert controller.read(EveryTenant(), "pool/a") == {"uuid": "a"}
        return
    with pytest.raises(Unknown) as caught:
        controller.read(EveryTenant(), "pool/a")
    assert type(caught.value) is raised


@pytest.mark.parametrize("tenants", [(), ("blue",)])
def test_with_one_tenant_its_pages_come_as_they_are_and_without_any_nothing_is_known(tenants):
    first = page("a", "b", count=3, further=True)
    controller = Controller({("pool", "blue"): [first]})
    if tenants:
        assert controller.read(EveryTenant(), "pool", tenants) == first
    else:
        with pytest.raises(ReadDenied, match=r"pool in \*"):
            controller.read(EveryTenant(), "pool", tenants)


@pytest.mark.parametrize(
    ("planned", "seen", "uuid"),
    [
        ("tenant-1", True, "tenant-1"),
        ("", True, "tenant-1"),
        ("tenant-2", True, None),
        ("tenant-2", False, "tenant-2"),
    ],
)
def test_what_was_planned_in_another_tenant_of_the_name_is_not_written(planned, seen, uuid):
    """By a user who may not read tenants, so that the login's list and the plan are all that tell them apart."""
    body = {"tenant_ref": f"https://c/api/tenant/{planned}#blue"} if planned else {}
    told = [{"name": "blue", "uuid": "tenant-1"}] if seen else []

    def denied(*_asked):
        raise ReadDenied("no")

    if uuid is None:
        with pytest.raises(Unknown, match="another tenant bears the name blue"):
            uuid_of_tenant("blue", told, denied, written={"body": body})
    else:
        assert uuid_of_tenant("blue", told, denied, written={"body": body}) == uuid
