"""Login to a lab in this process, for clients of the tests that do without sockets."""

from __future__ import annotations

from urllib.parse import urlencode

from lab.assembly import Lab
from lab.controller import Request, Response

FORM = {"content-type": "application/x-www-form-urlencoded"}


def knock(lab: Lab, base: str, username: str, password: str) -> Response:
    """The answer to a login by form, as avisdk sends it."""
    form = urlencode({"username": username, "password": password}).encode()
    return lab.answer(Request("POST", "/login", headers=FORM, body=form, base=base))


def cookies(answer: Response) -> dict[str, str]:
    """What an answer sets, by name."""
    pairs = (value.split(";")[0].partition("=") for name, value in answer.headers if name == "Set-Cookie")
    return {name: value for name, _, value in pairs}


def papers(answer: Response, base: str) -> dict[str, str]:
    """The headers that go with every call after a login that was granted."""
    assert answer.status == 200, answer.body
    jar = cookies(answer)
    return {
        "cookie": "; ".join(f"{name}={value}" for name, value in jar.items()),
        "x-csrftoken": jar["csrftoken"],
        "referer": base,
        "content-type": "application/json",
    }


def enter(lab: Lab, base: str) -> dict[str, str]:
    """Log in as the site's own user; the headers for what follows."""
    return papers(knock(lab, base, lab.site.username, lab.site.password), base)
