"""Credentials: from the process environment, a file that it names, or a `.env` file; never from an environment file."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr

from intent import Unknown
from live.avi.gateway import Credentials


def value(name: str, root: Path) -> str | None:
    """A variable from the process environment, else from `.env` in the project's folder.

    `file:/run/secrets/avi` stands for that file's first line. Raises Unknown when it cannot be read.
    """
    text = os.environ.get(name)
    if text is None:
        text = dotenv_values(root / ".env", interpolate=False).get(name)
    if not text:
        return None
    if text.startswith("file:"):
        path = Path(text.removeprefix("file:"))
        try:
            return path.read_text(encoding="utf-8").partition("\n")[0].strip("\r")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not text"
            raise Unknown(f"{name} names the file {path}, which cannot be read: {reason}") from error
    return text


def for_controller(root: Path) -> Credentials:
    """AVI_USERNAME with AVI_PASSWORD or AVI_TOKEN. Raises Unknown."""
    username = value("AVI_USERNAME", root)
    password, token = value("AVI_PASSWORD", root), value("AVI_TOKEN", root)
    if not username or not (password or token):
        raise Unknown(
            "no credentials for the Controller: set AVI_USERNAME and AVI_PASSWORD (or AVI_TOKEN), as variables, in a "
            ".env file, or as file:/path/to/secret"
        )
    return Credentials(
        username=username,
        password=SecretStr(password) if password else None,
        token=SecretStr(token) if token else None,
    )


Login = tuple[str, SecretStr]
"""A user name and a password."""


def for_vcenter(root: Path) -> Login:
    """VCENTER_USERNAME and VCENTER_PASSWORD. Raises Unknown."""
    username, password = value("VCENTER_USERNAME", root), value("VCENTER_PASSWORD", root)
    if not username or not password:
        raise Unknown(
            "no credentials for vCenter: set VCENTER_USERNAME and VCENTER_PASSWORD, as variables, in a .env file, or "
            "as file:/path/to/secret"
        )
    return username, SecretStr(password)
