"""What fixtures/ uses of pytest that pytest has not promised to keep: every place, and whether this pytest has it.

When a newer pytest takes something away, one of these fails and says which module needs another way. A new place belongs
into USES, with its reason in a comment beside the code.
"""

import ast
import inspect

from _pytest import runner

from tests.framework.source import modules, tree

USES = {
    "fixtures/terminal.py": {"_file"},
    "fixtures/fast_path.py": {"_pytest.runner", "_fixtureinfo"},
}


def private(module):
    """Modules of pytest that are not public, and members of other objects that begin with an underscore."""
    for node in ast.walk(tree(module)):
        match node:
            case ast.ImportFrom(module=str(name)) | ast.alias(name=name) if name.startswith("_pytest"):
                yield name
            case (
                ast.Attribute(value=ast.Name(id="self" | "cls")) | ast.Attribute(attr="_asdict" | "_replace")
            ):
                pass  # one's own, and the promised ones of a named tuple
            case ast.Attribute(attr=name) if name.startswith("_") and not name.startswith("__"):
                yield name


def missing(names, there):
    return sorted(set(names) - set(there))


def test_every_place_is_known():
    assert {module: names for module in modules("fixtures") if (names := set(private(module)))} == USES


def test_which_fixtures_a_test_has(request, tmp_path):
    info = getattr(request.node, "_fixtureinfo", None)
    gone = missing(("initialnames", "argnames", "name2fixturedefs"), dir(info))
    assert not gone, (
        f"fixtures/fast_path.py needs another way: pytest's item._fixtureinfo no longer has {gone}"
    )
    gone = missing(("func", "argnames", "params"), dir(info.name2fixturedefs["tmp_path"][-1]))
    assert not gone, f"fixtures/fast_path.py needs another way: pytest's FixtureDef no longer has {gone}"


def test_a_run_that_no_plugin_is_told_of():
    gone = missing(("item", "log", "nextitem"), inspect.signature(runner.runtestprotocol).parameters)
    assert not gone, (
        f"fixtures/fast_path.py needs another way: pytest's runtestprotocol no longer takes {gone}"
    )


def test_capturing_outside_of_a_fixture(pytestconfig):
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    names = ("resume_global_capture", "suspend_global_capture", "read_global_capture")
    gone = missing(names, dir(capture))
    assert not gone, f"fixtures/fast_path.py needs another way: pytest's capture manager no longer has {gone}"


def test_the_file_that_the_terminal_writes_to(pytestconfig):
    gone = missing(("_file",), dir(pytestconfig.get_terminal_writer()))
    assert not gone, f"fixtures/terminal.py needs another way: pytest's terminal writer no longer has {gone}"
