"""What is said of a file of rules that Python cannot import: place, mistake, nearest name; in one line."""

import pytest

from fixtures import broken_rules, check_doc

HEAD = '"""House: names."""\nfrom intent import Network\n'


def said(folder, text):
    path = folder / "test_house.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(check_doc.BadCheck) as why:
        list(check_doc.functions_of(path))
    return str(why.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from intent import (\n    Network,\n    SeGroups,\n)\n", "3: intent has no 'SeGroups'; did you mean 'ServiceEngineGroup'?"),
        ("from intent import Netwrok\n", "3: intent has no 'Netwrok'; did you mean 'Network'?"),
        ("def of(it: SEGroup): ...\n", "3: nothing is named 'SEGroup' here; did you mean 'ServiceEngineGroup'?"),
        ("import intent\nintent.Netwrok\n", "4: intent has no 'Netwrok'; did you mean 'Network'?"),
        ("limit = 3\nmost = limitt\n", "4: nothing is named 'limitt' here; did you mean 'limit'?"),
        ("import pydantik\n", "3: there is no module 'pydantik'; did you mean 'pydantic'?"),
        ("from intnt import Network\n", "3: there is no module 'intnt'; did you mean 'intent'?"),
        ("import of_nobody\n", "3: there is no module 'of_nobody'; correct the name, or install it for "),
        ("def test_x(:\n    pass\n", "3: is no Python: invalid syntax: def test_x(:"),
        ("1 / 0\n", "3: cannot be imported: ZeroDivisionError: division by zero"),
    ],
)  # fmt: skip
def test_place_mistake_and_nearest_name(tmp_path, text, expected):
    told = said(tmp_path, HEAD + text)
    assert told.startswith(f"test_house.py:{expected}")
    assert "\n" not in told


def test_the_file_beside_it_that_is_wrong(tmp_path):
    (tmp_path / "beside_the_rules.py").write_text("\nimport jsonn\n")
    told = said(tmp_path, HEAD + "import beside_the_rules\n")
    assert told == "beside_the_rules.py:2: there is no module 'jsonn'; did you mean 'json'?"


def test_ours_by_the_name_of_a_clone_in_an_installation(tmp_path, monkeypatch):
    monkeypatch.setattr(broken_rules, "PREFIX", "avi_compliance.")
    error = ModuleNotFoundError("No module named 'intent'", name="intent")
    told = broken_rules.why_not_imported(tmp_path / "test_house.py", error)
    assert told.endswith("there is no module 'intent'; did you mean 'avi_compliance.intent'?")
