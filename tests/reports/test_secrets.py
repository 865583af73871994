"""No secret, wherever it is planted, reaches an artefact, a message, the terminal or a failure text."""

import json
import zipfile

from mini_suite import case
from receivers import webhook

from intent.scrubber import keep_secret
from intent.sensitive import SENSITIVE
from reports.run import scrubber
from tests import lengths

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7hidden\n-----END RSA PRIVATE KEY-----"
FORMS = {
    "password": "Planted-pass/word+1",
    "token": "planted.token-0123456789",
    "url": "https://user:plantedurlsecret@10.0.0.1/x",
    "bearer": "Authorization: Bearer planted-bearer-0123456789",
    "cookie": "Set-Cookie: avi-sessionid=plantedcookie0123; csrftoken=plantedcsrf0123",
    "key": KEY,
    "assignment": 'password="planted assign" and token: plantedtoken2',
}
NEEDLES = (
    "Planted-pass", "planted.token", "plantedurlsecret", "planted-bearer", "plantedcookie", "plantedcsrf",
    "hidden", "planted assign", "plantedtoken2", "plantedticket", "plantedchild",
)  # fmt: skip

OBJECT = {
    "name": "NET_A",
    "vcenter_configuration": {"password": "plantedchild1", "username": "svc"},
    "certificate": {"private_key": KEY, "key_passphrase": "plantedchild2"},
    "tls_ticket": [{"ticket_key": "plantedticket", "aes_key": "plantedticket"}],
    "session_id": "plantedcookie",
    "description": FORMS["bearer"],
}


def everything(ran) -> str:
    """What a run left or said: all but what it was given."""
    texts = [ran.out]
    for path in ran.folder.rglob("*"):
        if (
            not path.is_file()
            or path.suffix in (".py", ".pyc")
            or path.name in ("cases.json", "printed.txt", ".env", "facts.json", "secret.pem")
        ):
            continue
        texts.append(path.read_bytes().decode("utf-8", errors="replace"))
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                texts += [archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist()]
    return "\n".join(texts)


@lengths.WHOLE_RUN
def test_planted_everywhere_it_is_nowhere(suite):
    suite.environ |= {
        "AVI_PASSWORD": FORMS["password"],
        "VCENTER_PASSWORD": "file:" + str(suite.folder / "secret.pem"),
    }
    (suite.folder / "secret.pem").write_text(FORMS["token"] + "\n")
    (suite.folder / ".env").write_text("AVI_TOKEN=plantedtoken2\n")
    said = " | ".join(FORMS.values())
    suite.facts |= {"site": f"10.0.0.1 {said}", "note": OBJECT}
    cases = [
        case("drift", "A", have=said, want="x", as_read=OBJECT, why=said, do=said),
        case("drift", "B", have=[OBJECT], want=[], as_read=OBJECT),
        case("failed", "C", check="test_free", reason=said),
        case("unknown", "D", reason=said),
        case("blocked", "E", reason=said),
        case("passed", "F", title=said),
    ]
    with webhook() as hook:
        suite.prepare(cases, printed=said)
        for arguments in ((), ("-n", "2"), ("--alluredir=raw", "-rA", "-vv", "--showlocals")):
            ran = suite.again("--junitxml=junit.xml", "--notify", hook.url, *arguments)
            assert ran.code == 1, ran.out
            text = everything(ran)
            assert SENSITIVE in text
            assert [needle for needle in NEEDLES if needle in text] == []
            assert "T0KEN-in-the-path" not in text
        told = json.dumps(hook.got)
        assert [needle for needle in NEEDLES if needle in told] == []


def test_what_a_session_was_given_is_a_secret_of_reports_too(pytestconfig):
    of_the_run = scrubber(pytestconfig)
    keep_secret("s3ss10n-0f-a-l0gin")
    assert of_the_run.text("description: echo s3ss10n-0f-a-l0gin") == f"description: echo {SENSITIVE}"
