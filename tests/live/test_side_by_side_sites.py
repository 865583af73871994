"""Two sites side by side: what differs, what is meant to, and what cannot be told."""

import copy
import itertools
import sys

import pytest

from intent import Invalid
from intent.side_by_side import DeclaredDifferences, load_differences
from live.avi.snapshot import Live
from live.comparison import compare, compared_types
from tests.live.two_sites import OLD, member, pool, ref, row, site


def compared(a, b, **declared):
    return compare(Live(a), Live(b), DeclaredDifferences.model_validate(declared))


def differences(comparison):
    return [(str(each.object), each.path, each.a, each.b) for each in comparison.differences]


def test_two_sites_with_the_same_configuration_are_the_same():
    a = site(pool=[pool(servers=[member("10.0.0.1"), member("10.0.0.2")])])
    b = site(host="b", pool=[pool(host="b", servers=[member("10.0.0.2"), member("10.0.0.1")])])
    result = compared(a, b)
    assert (result.exit_code, result.objects, result.verdict()[:5]) == (0, 4, "SAME:")


@pytest.mark.parametrize(("ours", "theirs", "expected"), [
    ({"default_server_port": 81}, {}, [("default_server_port", 81, 80)]),
    ({}, {"default_server_port": 81}, [("default_server_port", 80, 81)]),
    ({"default_server_port": 80}, {}, []),
    ({"description": "x"}, {"description": "y"}, [("description", "x", "y")]),
    ({"servers": [member("10.0.0.1", enabled=False)]}, {"servers": [member("10.0.0.1")]},
     [("servers[10.0.0.1].enabled", False, True)]),
    ({"servers": [member("10.0.0.1")]}, {}, [("servers[10.0.0.1]", member("10.0.0.1"), None)]),
    ({}, {"servers": [member("10.0.0.1")]}, [("servers[10.0.0.1]", None, member("10.0.0.1"))]),
    ({"health_monitor_refs": [ref("healthmonitor", "web")]}, {}, [("health_monitor_refs[web]", "web", None)]),
    ({"created_by": "a", "cloud_config_cksum": "1", "_last_modified": "7"}, {"created_by": "b"}, []),
])  # fmt: skip
def test_members_are_compared_by_what_they_mean(ours, theirs, expected):
    monitors = [row("healthmonitor", "web", cloud="", type="HEALTH_MONITOR_TCP")]
    a = site(pool=[pool(**ours)], healthmonitor=monitors)
    b = site(pool=[pool(**theirs)], healthmonitor=monitors)
    assert differences(compared(a, b)) == [("pool shop", *each) for each in expected]
    swapped = [("pool shop", path, theirs, ours) for path, ours, theirs in expected]
    assert differences(compared(b, a)) == swapped


def test_secrets_are_never_compared_and_never_shown():
    a = site(user=[{"uuid": "user-1", "name": "ops", "url": "/api/user/user-1", "password": "geheim"}])
    b = site(user=[{"uuid": "user-2", "name": "ops", "url": "/api/user/user-2", "password": "anders"}])
    result = compared(a, b)
    assert (result.exit_code, result.objects) == (0, 4)


def test_references_are_compared_by_the_name_that_they_mean_not_by_uuid():
    def of(host, vrf):
        vrfs = [row("vrfcontext", name, host=host) for name in ("blue", "red")]
        return site(host=host, vrfcontext=vrfs, pool=[pool(host=host, vrf_ref=ref("vrfcontext", vrf, host))])

    assert compared(of("a", "blue"), of("b", "blue")).exit_code == 0
    assert differences(compared(of("a", "blue"), of("b", "red"))) == [("pool shop", "vrf_ref", "blue", "red")]


def test_a_namesake_in_another_tenant_is_another_object():
    def of(tenant):
        monitors = [
            row("healthmonitor", "web", cloud="", tenant=each) | {"uuid": f"healthmonitor-{each}"}
            for each in ("admin", "blue")
        ]
        own = row(
            "pool",
            "shop",
            tenant="blue",
            health_monitor_refs=[f"https://a/api/healthmonitor/healthmonitor-{tenant}"],
        )
        return site(pool=[own], healthmonitor=monitors)

    assert differences(compared(of("blue"), of("admin"))) == [
        ("pool shop (tenant blue)", "health_monitor_refs[web (tenant admin)]", None, "web (tenant admin)"),
        ("pool shop (tenant blue)", "health_monitor_refs[web]", "web", None),
    ]  # fmt: skip


def test_what_was_not_read_is_unknown_and_neither_the_same_nor_different():
    a, b = (
        site(pool=[pool(vrf_ref=ref("vrfcontext", "gone"))]),
        site(pool=[pool(vrf_ref=ref("vrfcontext", "gone"))]),
    )
    result = compared(a, b)
    assert (result.exit_code, result.differences) == (6, [])
    assert "which was not read" in result.unknown[0].why
    assert (result.unknown[0].object.a, result.unknown[0].path) == ("shop", "vrf_ref")


@pytest.mark.parametrize(("a", "b", "why"), [
    (site(failures=["pool"]), site(), "A: HTTP 403"),
    (site(), site(failures=["pool"]), "B: HTTP 403"),
    (site(read={"tenant", "cloud", "vrfcontext"}), site(), "A: pool was not read"),
    (site(read={"tenant", "cloud"}), site(read={"tenant", "cloud"}), "A: pool was not read; B: pool was not read"),
])  # fmt: skip
def test_a_type_that_was_not_read_is_told(a, b, why):
    result = compared(a, b)
    assert [each.why for each in result.unknown if each.object.type == "pool"] == [why]
    assert result.exit_code == 6
    ignored = sorted(compared_types((30, 2, 1)) - {"tenant", "cloud"})
    assert compared(a, b, ignore=ignored).exit_code == 0


def test_what_is_different_goes_before_what_is_unknown():
    assert compared(site(failures=["vrfcontext"], pool=[pool()]), site()).exit_code == 1


def test_two_of_a_name_mean_none():
    a = site(pool=[pool(), pool() | {"uuid": "pool-2"}])
    result = compared(a, site(pool=[pool()]))
    assert (result.exit_code, result.differences, len(result.unknown)) == (6, [], 1)
    assert "2 on A and 1 on B bear this name" in result.unknown[0].why


def test_akos_objects_and_its_elements_are_left_out():
    labels = [{"key": "clustername", "value": "k8s"}]
    a = site(pool=[pool("own"), pool("ako", created_by="ako-k8s")],
             vrfcontext=[row("vrfcontext", "blue", static_routes=[{"route_id": "1", "labels": labels}])])  # fmt: skip
    b = site(pool=[pool("own")], vrfcontext=[row("vrfcontext", "blue")])
    result = compared(a, b)
    assert (result.exit_code, result.apart) == (0, {"objects of AKO's": 1})


def test_what_a_controller_was_installed_with_and_one_version_lacks_is_no_difference():
    discovered = row("network", "dv-3000", vimgrnw_ref="https://a/api/vimgrnwruntime/x", dhcp_enabled=True,
                     vrf_context_ref=ref("vrfcontext", "global"))  # fmt: skip
    result = compared(site(network=[discovered]), site())
    assert (result.exit_code, result.apart) == (0, {"objects as installed, on one site": 1})


def test_two_versions_differ_in_what_somebody_set_not_in_their_defaults():
    group = row("serviceenginegroup", "g")
    old = site(host="b", version=OLD, serviceenginegroup=[group | {"objsync_port": 9001}])
    new = site(serviceenginegroup=[group | {"objsync_port": 4001}])
    assert compared(old, new).exit_code == 0
    old = site(host="b", version=OLD, serviceenginegroup=[group | {"max_se": 3}])
    result = compared(old, new)
    assert differences(result) == [("serviceenginegroup g", "max_se", 3, 10)]
    assert "csrfpolicy" in result.one_model
    set_there = site(host="b", version=OLD, serviceenginegroup=[group | {"objsync_port": 4001}])
    assert compared(set_there, new).exit_code == 0, "the default of one is what somebody set on the other"


def test_what_a_controller_has_one_of_is_compared_whatever_names_it_has_in_either_version():
    old = {"uuid": "default", "url": "https://b/api/albservicesconfig/default", "polling_interval": 10}
    new = row("albservicesconfig", "default", cloud="", polling_interval=20)
    result = compared(site(host="b", version=OLD, albservicesconfig=[old]), site(albservicesconfig=[new]))
    assert differences(result) == [("albservicesconfig", "polling_interval", 10, 20)]


class TestDeclaredDifferences:
    A = site(
        cloud=[row("cloud", "prod", cloud="", vtype="CLOUD_NONE")],
        vrfcontext=[row("vrfcontext", "prod-vrf", cloud="prod")],
        pool=[
            row(
                "pool",
                "prod-shop",
                cloud="prod",
                vrf_ref=ref("vrfcontext", "prod-vrf"),
                default_server_port=81,
            )
        ],
        healthmonitor=[row("healthmonitor", "extra", cloud="", type="HEALTH_MONITOR_TCP")],
    )
    B = site(
        host="b",
        cloud=[row("cloud", "stage", host="b", cloud="", vtype="CLOUD_NONE")],
        vrfcontext=[row("vrfcontext", "stage-vrf", host="b", cloud="stage")],
        pool=[
            row("pool", "stage-shop", host="b", cloud="stage", vrf_ref=ref("vrfcontext", "stage-vrf", "b"))
        ],
    )

    def test_names_are_mapped_of_objects_clouds_and_references(self):
        result = compared(self.A, self.B, names={"prod": "stage", "prod-*": "stage-*"})
        assert differences(result) == [("pool prod-shop / stage-shop", "default_server_port", 81, 80)]
        assert [str(each) for each in result.only_a] == ["healthmonitor extra"]

    def test_the_name_of_one_type_goes_before_that_of_any(self):
        declared = DeclaredDifferences(names={"x*": "y*", "pool/x1": "z"})
        assert [declared.renaming(api, "x1")[1] for api in ("pool", "network")] == ["z", "y1"]

    @pytest.mark.parametrize("differ", [
        ["pool.default_server_port", "healthmonitor"],
        [{"type": "pool", "name": "*-shop", "path": "default*"}, {"type": "health*", "name": "extra"}],
    ])  # fmt: skip
    def test_what_may_differ_is_counted_and_no_difference(self, differ):
        result = compared(self.A, self.B, names={"prod": "stage", "prod-*": "stage-*"}, differ=differ)
        assert (result.exit_code, result.accepted, result.unused) == (0, 2, [])

    def test_what_was_declared_and_is_not_needed_is_told(self):
        result = compared(self.A, self.A, differ=["pool.servers"])
        assert result.unused == ["differ: pool * servers"]

    @pytest.mark.parametrize(("differ", "told"), [
        ("pool.enabeld", "pool * enabeld; Pool has no member 'enabeld'; did you mean 'enabled'?"),
        ("pool.servers.ratoi", "pool * servers.ratoi; Server has no member 'ratoi'; did you mean 'ratio'?"),
        ("pool.servers[a.b].x", "pool * servers[a.b].x; Server has no member 'x'"),
        ("pool.name.x", "pool * name.x"),
        ("pool.serv*.x", "pool * serv*.x"),
        ({"type": "pool*", "path": "min_servers_up"}, "pool* * min_servers_up"),  # some of these types have it
        ({"type": "pool", "name": "shopp"}, "pool shopp *"),
    ])  # fmt: skip
    def test_a_misspelt_member_of_a_declared_difference_is_told_with_the_nearest(self, differ, told):
        assert compared(self.A, self.A, differ=[differ]).unused == [f"differ: {told}"]

    def test_a_name_that_no_object_of_a_has_is_told(self):
        names = {
            "prod": "stage",
            "prod-*": "stage-*",
            "prodd": "stage",
            "pool/prod-vrf": "x",
            "prod-shop": "y",
        }
        result = compared(self.A, self.B, names=names)
        assert result.unused == [
            "names: prodd: stage: no object of A is named so",
            "names: pool/prod-vrf: x: no object of A is named so",
            "names: prod-shop: y: no object of A is named so",  # `prod-*` goes before it
        ]

    def test_a_path_means_what_is_below_it_whatever_its_keys(self):
        a = site(pool=[pool(servers=[member("10.0.0.1", ratio=3)])])
        b = site(pool=[pool(servers=[member("10.0.0.1")])])
        for path in ("servers", "servers.ratio", "servers[10.0.0.1].ratio", "servers*"):
            assert compared(a, b, differ=[f"pool.{path}"]).exit_code == 0, path
        for path in ("server", "servers.enabled", "ratio"):
            assert compared(a, b, differ=[f"pool.{path}"]).exit_code == 1, path

    def test_types_can_be_left_out(self):
        assert compared(self.A, site(), ignore=["pool", "cloud", "vrf*", "healthmonitor"]).exit_code == 0

    @pytest.mark.parametrize(("text", "said"), [
        ("ignore: [pools]", "no type of object is named 'pools'"),
        ("differ: [pols.x]", "no type of object is named 'pols'"),
        ("names: {'a*': b}", "a `*` stands once in both names, or in neither"),
        ("names: {a: [b]}", "names.a"),
        ("sames: {}", "sames"),
        ("names: {a: b, a: c}", "a second time"),
        ("- a", "is not a mapping"),
        ("{", "d.yaml"),
    ])  # fmt: skip
    def test_a_file_that_cannot_be_used_says_where(self, tmp_path, text, said):
        path = tmp_path / "d.yaml"
        path.write_text(text)
        with pytest.raises(Invalid) as problem:
            load_differences(path)
        assert said in str(problem.value)

    def test_an_empty_file_declares_nothing(self, tmp_path):
        (tmp_path / "d.yaml").write_text("# nothing yet\n")
        assert load_differences(tmp_path / "d.yaml") == DeclaredDifferences()


@pytest.mark.parametrize(
    "name", ["a/b", "#x", "'\"; --", "[x]", "a (tenant blue)", "\x1b[31mred", "*", "?" * 300, "ü\n"]
)
def test_names_of_any_letters_are_names(name):
    a, b = site(pool=[pool(name, default_server_port=81)]), site(pool=[pool(name)])
    assert [(each.object.a, each.path) for each in compared(a, b).differences] == [
        (name, "default_server_port")
    ]
    assert compared(a, a).exit_code == 0


def test_an_object_of_another_shape_is_unknown_and_costs_no_other():
    a = site(pool=[pool("odd", servers={"ip": 7}), pool("even", default_server_port=81)])
    b = site(pool=[pool("odd", servers=[member("10.0.0.1")]), pool("even")])
    result = compared(a, b)
    assert [each.object.a for each in result.differences] == ["even"]
    assert [each.object.a for each in result.unknown] == ["odd"]


def calls(number):
    """How many calls of Python functions the comparison of so many objects takes."""
    servers = [member(f"10.0.0.{at}") for at in range(5)]
    a = site(pool=[pool(f"pool-{at}", servers=servers) for at in range(number)])
    b = site(pool=[pool(f"pool-{at}", servers=servers[:4]) for at in range(number)])
    count = itertools.count()
    sys.setprofile(lambda _frame, event, _arg: next(count) if event in ("call", "c_call") else None)
    try:
        result = compared(a, b, differ=["vsvip.x"], names={"x": "y", "z*": "w*"})
    finally:
        sys.setprofile(None)
    assert len(result.differences) == number
    return next(count)


def test_the_work_grows_with_the_objects_and_not_faster():
    base, few, many = calls(1), calls(20), calls(80)
    assert many - base < 5 * (few - base)


def test_comparing_changes_nothing_of_what_was_read():
    snapshot = site(pool=[pool(servers=[member("10.0.0.1", ratio=3)])])
    before = copy.deepcopy(snapshot.objects)
    compared(snapshot, site())
    assert snapshot.objects == before
