"""Controllers of 31.x and 32.x: what is public of their models, their password policy, certificates without a name."""

import json

import pytest

from avi_schema import SCHEMA, parse_version
from lab.objects import Refused
from lab.tests.cloudsite import Client
from lab.tests.login import knock

FACTS = json.loads((SCHEMA.parent / "build" / "newer.json").read_text(encoding="utf-8"))
V31, V32 = (31, 2, 1), (32, 1, 1)


@pytest.fixture(scope="module")
def newest():
    return Client("conforming", V32)


ROWS = [
    (message, member, spec["spans"][-1][0])
    for message, members in FACTS["fields"].items()
    for member, spec in members.items()
] + [("SystemConfiguration", "sddcmanager_fqdn", "31.1.1")]


@pytest.mark.evidence("CLIENT", "§1.6")
@pytest.mark.parametrize(("message", "member", "since"), ROWS)
def test_a_member_is_there_from_its_version_on(schema, message, member, since):
    field = schema.message(message).fields[member]
    assert field.lives(parse_version(since))
    assert not field.lives((30, 2, 1))
    assert schema.model == (30, 2, 1)


@pytest.mark.evidence("CLIENT", "§1.6")
def test_a_newer_controller_shows_each_reader_the_members_of_his_model(newest):
    shown = {}
    for version in ("30.2.1", "31.1.1", "31.2.1", "32.1.1"):
        newest.version = version
        newest.login()
        shown[version] = newest.get("/api/systemconfiguration").keys()
    assert "enable_host_header_check" in shown["31.1.1"] - shown["30.2.1"]
    assert "enable_license_quota" in shown["31.2.1"] - shown["31.1.1"]
    older = Client("empty", V31)
    assert older("GET", "/api/passwordpolicy", raw=True)[0] == 404
    status, refused = older(
        "PUT", "/api/systemconfiguration", {"password_policy_ref": "/api/passwordpolicy/x"}
    )
    assert status == 400, refused


@pytest.mark.evidence("CLIENT", "§1.6")
@pytest.mark.parametrize(("version", "shown"), [((31, 1, 1), 1), (V31, None)])
def test_the_graceful_timeout_of_a_pool_has_lost_its_default(version, shown):
    client = Client("empty", version)
    assert client.post("pool", name="p").get("graceful_disable_timeout") == shown


@pytest.mark.evidence("CLIENT", "§2.5")
def test_limits_of_an_account_profile_stand_in_constraints(newest):
    newest.version = "32.1.1"
    newest.login()
    profile = newest.one("useraccountprofile", "Default-User-Account-Profile")
    assert profile.keys() >= {"lockout_constraint", "expiration_constraint", "complexity_constraint"}
    assert "max_login_failure_count" not in profile
    status, refused = newest("POST", "/api/useraccountprofile", {"name": "short"})
    assert (status, "constraint" in str(refused)) == (400, True)


@pytest.mark.evidence("INF", "§2.5")
def test_an_older_reader_sees_them_beside_each_other(newest):
    newest.version = "30.2.1"
    newest.login()
    profile = newest.one("useraccountprofile", "Default-User-Account-Profile")
    assert profile["max_login_failure_count"] == 20
    assert "lockout_constraint" not in profile


@pytest.fixture
def governed():
    """A Controller of 32.1.1 with a password policy, and a user of it."""
    client = Client("empty", V32)
    policy = client.post("passwordpolicy", name="strict", min_upper=1, min_special=1, password_history=2)
    assert (policy["min_length"], policy["lockout_period"]) == (15, 900)
    assert client.put(client.get("/api/systemconfiguration"), password_policy_ref=policy["url"])[0] == 200
    client.post("user", name="u", username="u", password="Long-enough-one-1", is_superuser=True)
    return client


@pytest.mark.evidence("CLIENT", "§2.5")
@pytest.mark.parametrize(
    "limit", [{"min_length": 7}, {"password_expiration_days": 29}, {"lockout_period": 60}]
)
def test_a_password_policy_has_limits(newest, limit):
    newest.version = "32.1.1"
    newest.login()
    assert newest("POST", "/api/passwordpolicy", {"name": "wrong", **limit})[0] == 400


@pytest.mark.evidence("INF", "§2.5")
@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("Short-1", "at least 15 characters"),
        ("no-upper-letters-1", "1 upper characters"),
        ("NoSpecialLetter1", "1 special characters"),
    ],
)
def test_new_passwords_are_held_to_the_policy(governed, password, says):
    user = governed.one("user", "u")
    status, refused = governed.put(user, password=password)
    assert (status, says in str(refused)) == (400, True), refused
    assert governed.put(user, password="Another-long-one-2")[0] == 200
    status, refused = governed.put(user, password="Long-enough-one-1")
    assert (status, "differ from the last 2" in str(refused)) == (400, True), refused


@pytest.mark.evidence("CLIENT", "§2.5")
def test_a_user_is_locked_out_by_the_policy_and_let_in_again(governed):
    def login(password):
        return knock(governed.lab, "https://controller.test", "u", password).status

    assert [login("wrong") for _ in range(3)] == [401] * 3
    assert login("Long-enough-one-1") == 401
    governed.site.clock.advance(901)
    assert login("Long-enough-one-1") == 200
    login("wrong")
    login("wrong")
    governed.site.clock.advance(1000)  # beyond the period in which failures count
    login("wrong")
    assert login("Long-enough-one-1") == 200


@pytest.mark.evidence("CLIENT", "§2.5")
def test_a_password_expires_by_the_policy(governed):
    governed.site.clock.advance(366 * 86400)
    governed.site.username, governed.site.password = "u", "Long-enough-one-1"
    governed.login()
    assert governed("GET", "/api/pool")[0] == 403
    changed = {"old_password": "Long-enough-one-1", "password": "Another-long-one-2"}
    assert governed("PUT", "/api/useraccount", changed)[0] == 200
    assert governed("GET", "/api/pool")[0] == 200


def nameless():
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "lab")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=9))
    text = built.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {"key": secret, "certificate": {"certificate": text}}


@pytest.mark.evidence("CLIENT", "§2.11")
def test_a_certificate_without_any_name_is_refused_from_31_2_1_on():
    body = {"name": "n", "type": "SSL_CERTIFICATE_TYPE_SYSTEM", **nameless()}
    assert Client("empty", (31, 1, 1))("POST", "/api/sslkeyandcertificate", body)[0] == 201
    status, refused = Client("empty", V31)("POST", "/api/sslkeyandcertificate", body)
    assert (status, "neither common name" in str(refused)) == (500, True)


@pytest.mark.parametrize("state", ["conforming", "drifted", "fresh+nsxt+bare+tenants"])
@pytest.mark.parametrize("version", [V31, V32])
def test_every_state_starts(version, state):
    try:
        client = Client(state, version)
    except Refused as refused:
        pytest.fail(f"{version} {state}: {refused}")
    assert client.list("/api/cloud")
