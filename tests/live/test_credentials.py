"""Credentials: which variable gives them, of which environment, and from where."""

from __future__ import annotations

import pytest

from intent import Unknown
from live import credentials

COMMON = {
    "AVI_USERNAME": "all",
    "AVI_PASSWORD": "everybody's",
    "AVI_TOKEN": "",
    "VCENTER_USERNAME": "vc",
    "VCENTER_PASSWORD": "v",
}


@pytest.fixture
def variables(monkeypatch):
    for name in COMMON:
        monkeypatch.delenv(name, raising=False)

    def given(**values):
        for name, text in values.items():
            monkeypatch.setenv(name, text)

    return given


@pytest.mark.parametrize(
    ("environment", "own", "expected"),
    [
        ("acme", {}, ("all", "everybody's", None)),
        ("acme", {"AVI_PASSWORD__ACME": "own"}, ("all", "own", None)),
        ("acme", {"AVI_PASSWORD__ACME": "own", "AVI_USERNAME__ACME": "me"}, ("me", "own", None)),
        ("acme-1.eu", {"AVI_PASSWORD__ACME_1_EU": "own"}, ("all", "own", None)),
        ("acme", {"AVI_PASSWORD__NORTH": "another's"}, ("all", "everybody's", None)),
        ("acme", {"AVI_TOKEN__ACME": "own"}, ("all", None, "own")),
        ("acme", {"AVI_PASSWORD__ACME": "own", "AVI_TOKEN": "everybody's"}, ("all", "own", None)),
    ],
)
def test_an_environments_own_go_before_the_common_ones(variables, tmp_path, environment, own, expected):
    """Wherever either stands: a password for one site in `.env` is not the common one of the process."""
    variables(**COMMON)
    if set(own) & set(COMMON):
        variables(**own)
    (tmp_path / ".env").write_text("".join(f"{name}={text}\n" for name, text in own.items()))
    assert of(credentials.for_controller(tmp_path, environment)) == expected
    variables(**own)
    assert of(credentials.for_controller(tmp_path / "elsewhere", environment)) == expected


@pytest.mark.parametrize("suffix", ["", "__ACME"])
@pytest.mark.parametrize("in_a_file", [False, True])
def test_two_logins_are_none(variables, tmp_path, suffix, in_a_file):
    """The password was used and the token let lie, wrong or not: nobody knew which login had judged."""
    variables(AVI_USERNAME="all", **{f"AVI_PASSWORD{suffix}": "p"})
    if in_a_file:
        (tmp_path / ".env").write_text(f"AVI_TOKEN{suffix}=t\n")
    else:
        variables(**{f"AVI_TOKEN{suffix}": "t"})
    said = (
        f"^AVI_PASSWORD{suffix} and AVI_TOKEN{suffix} are both given, and are two ways to log in: unset one$"
    )
    with pytest.raises(Unknown, match=said):
        credentials.for_controller(tmp_path, "acme")


def of(found):
    return (found.username, *(each and each.get_secret_value() for each in (found.password, found.token)))


def test_vcenter_and_files_too(variables, tmp_path):
    (tmp_path / "secret").write_text("of the file\n")
    variables(**COMMON, VCENTER_PASSWORD__ACME=f"file:{tmp_path}/secret")
    user, password = credentials.for_vcenter(tmp_path, "acme")
    assert (user, password.get_secret_value()) == ("vc", "of the file")


def test_what_is_missing_is_said_with_the_name_for_this_environment_alone(variables, tmp_path):
    variables(AVI_USERNAME="me")
    with pytest.raises(
        credentials.Unknown, match=r"set AVI_USERNAME and AVI_PASSWORD .* AVI_PASSWORD__ACME_1$"
    ):
        credentials.for_controller(tmp_path, "acme-1")
