"""Credentials: from the process environment, a file that it names, or a `.env` file; never from an environment file."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from intent import Unknown
from intent.scrubber import variables
from intent.words import own_variable
from live.avi.session import Credentials


def value(name: str, root: Path, environment: str = "") -> str | None:
    """A variable from the process environment, else from `.env` in the project's folder.

    That of the environment's own, `AVI_PASSWORD__ACME`, goes before the common one, wherever either stands.
    `file:/run/secrets/avi` stands for that file's first line. Raises Unknown when it cannot be read.
    """
    known = variables(root)
    for variable in (*([own_variable(name, environment)] if environment else []), name):
        if variable in known:
            return _first_line(variable, known[variable]) or None
    return None


def _first_line(name: str, text: str) -> str:
    """The value, or the first line of the file that it names. Raises Unknown."""
    if text.startswith("file:"):
        path = Path(text.removeprefix("file:"))
        try:
            return path.read_text(encoding="utf-8").partition("\n")[0].strip("\r")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not text"
            raise Unknown(f"{name} names the file {path}, which cannot be read: {reason}") from error
    return text


_SECRETS = ("AVI_PASSWORD", "AVI_TOKEN")


def for_controller(root: Path, environment: str) -> Credentials:
    """AVI_USERNAME with AVI_PASSWORD or AVI_TOKEN. Raises Unknown, also where both are given."""
    username = value("AVI_USERNAME", root, environment)
    own = [name for name in _SECRETS if own_variable(name, environment) in variables(root)]
    # Of a password of its own and a token for all, the latter is not meant.
    password, token = (
        value(name, root, environment) if name in (own or _SECRETS) else None for name in _SECRETS
    )
    if password and token:
        given = " and ".join(own_variable(name, environment) if own else name for name in _SECRETS)
        raise Unknown(f"{given} are both given, and are two ways to log in: unset one")
    if not username or not (password or token):
        raise Unknown(
            "no credentials for the Controller: set AVI_USERNAME and AVI_PASSWORD (or AVI_TOKEN), as variables, in a "
            ".env file, or as file:/path/to/secret; for this environment alone as "
            + own_variable("AVI_PASSWORD", environment)
        )
    return Credentials(
        username=username,
        password=SecretStr(password) if password else None,
        token=SecretStr(token) if token else None,
    )


Login = tuple[str, SecretStr]
"""A user name and a password."""


def for_vcenter(root: Path, environment: str, prefix: str = "VCENTER") -> Login:
    """VCENTER_USERNAME and VCENTER_PASSWORD, or with the `prefix` of one of several. Raises Unknown."""
    names = f"{prefix}_USERNAME", f"{prefix}_PASSWORD"
    username, password = (value(name, root, environment) for name in names)
    if not username or not password:
        raise Unknown(
            f"no credentials for vCenter: set {' and '.join(names)}, as variables, in a .env file, or "
            f"as file:/path/to/secret; for this environment alone as {own_variable(names[1], environment)}"
        )
    return username, SecretStr(password)
