"""What the SDK's own tests do, with whichever release of avisdk comes first on the path: a program for a subprocess.

    python sdk_session.py PORT PASSWORD API_VERSION

Written from memory of the flows of alb-sdk's test_avi_api.py; the bodies are those of the test_api.cfg that the
releases carry. Ends with 0, or with the traceback of what did not hold.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
import warnings

warnings.simplefilter("ignore")

from avi.sdk.avi_api import APIError, ApiSession, ObjectNotFound  # noqa: E402 -- the old ones warn when imported

PORT, PASSWORD, VERSION = int(sys.argv[1]), sys.argv[2], sys.argv[3]
POOL = {
    "lb_algorithm": "LB_ALGORITHM_LEAST_CONNECTIONS",
    "default_server_port": 80,
    "name": "basic_vs-pool",
    "servers": [{"ip": {"addr": "10.90.64.10", "type": "V4"}, "port": 80}],
}
VSVIP = {"name": "basic_vs_vip", "vip": [{"ip_address": {"addr": "10.90.64.123", "type": "V4"}}]}
SERVICE = {
    "name": "basic_vs",
    "type": "VS_TYPE_NORMAL",
    "enabled": True,
    "services": [{"port": 80, "enable_ssl": False}],
    "application_profile_name": "System-HTTP",
}


def session(user: str = "admin", password: str = PASSWORD, **options: object) -> ApiSession:
    return ApiSession("127.0.0.1", user, password, port=PORT, api_version=VERSION, **options)


def refused(exception: type[Exception], call: object, *given: object, **named: object) -> None:
    try:
        call(*given, **named)
    except exception:
        return
    raise AssertionError(f"{call} was granted")


def basic_vs(api: ApiSession) -> None:
    pool = api.post("pool", data=json.dumps(POOL))
    assert pool.status_code == 201, pool.text
    vsvip = api.post("vsvip", data=VSVIP).json()
    assert vsvip["vip"][0]["vip_id"] == "0"
    refs = {"pool_ref": api.get_obj_ref(pool.json()), "vsvip_ref": api.get_obj_ref(vsvip)}
    service = api.post("virtualservice", data=SERVICE | refs)
    assert service.status_code == 201, service.text
    assert service.json()["application_profile_ref"].endswith("#System-HTTP")
    assert api.get("virtualservice", tenant="admin").json()["count"] >= 1
    assert api.delete_by_name("virtualservice", "basic_vs").status_code == 204
    if VERSION < "20":  # it went along with its service
        refused(ObjectNotFound, api.delete_by_name, "vsvip", "basic_vs_vip")
    else:
        assert api.delete_by_name("vsvip", "basic_vs_vip").status_code == 204
    assert api.delete_by_name("pool", "basic_vs-pool").status_code == 204


def tenants(api: ApiSession) -> None:
    assert api.post("tenant", data={"name": "test-tenant"}).status_code == 201
    uuid = api.get_object_by_name("tenant", "test-tenant")["uuid"]
    theirs = session(tenant="test-tenant")
    pool = theirs.post("pool", data=POOL)
    assert pool.status_code == 201, pool.text
    assert theirs.get_object_by_name("pool", POOL["name"])
    assert api.get_object_by_name("pool", POOL["name"]) is None
    assert api.get("pool", tenant_uuid=uuid).json()["count"] == 1
    assert api.delete_by_name("pool", POOL["name"], tenant="test-tenant").status_code == 204
    assert api.delete_by_name("tenant", "test-tenant").status_code == 204


def sessions(api: ApiSession) -> None:
    own = session()
    own.reset_session()
    assert own.get("pool?fields=name").status_code == 200
    own.headers["X-CSRFToken"] = "stale"
    made = own.post("tenant", data={"name": "T", "local": "true"})
    assert made.json()["local"] is True
    own.reset_session()
    assert own.delete_by_name("tenant", "T").status_code == 204
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(api.get("pool", params={"fields": "name"}).status_code)
        )
        for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == [200] * 8, answers


def writes(api: ApiSession) -> None:
    forced = api.post("pool", data=POOL | {"name": "forced"}, force_uuid="pool-force-42").json()
    assert forced["uuid"] == "pool-force-42"
    stale = dict(forced)
    forced["servers"].append({"ip": {"addr": "10.90.64.11", "type": "V4"}})
    assert len(api.put("pool/pool-force-42", data=forced).json()["servers"]) == 2
    assert api.put_by_name("pool", "forced", data=stale).status_code == 412
    more = {"add": {"servers": [{"ip": {"addr": "10.90.64.12", "type": "V4"}}]}}
    assert len(api.patch("pool/pool-force-42", data=more).json()["servers"]) == 3
    assert api.delete("pool/pool-force-42").status_code == 204
    refused(ObjectNotFound, api.get("pool/pool-force-42").json)


def users(api: ApiSession) -> None:
    token = api.post("user-token", data={"hours": 1}).json()["token"]
    assert session(password="", token=token).get("pool").status_code == 200
    role = {"role_ref": "/api/role?name=System-Admin", "all_tenants": True}
    user = {"name": "u", "username": "u", "password": "Old-1", "is_superuser": True, "access": [role]}
    assert api.post("user", data=user).status_code == 201
    own = session("u", "Old-1")
    assert own.put("useraccount", data={"old_password": "Old-1", "password": "New-1"}).status_code == 200
    assert own.get("pool").status_code == 200
    assert session("u", "New-1").get("pool").status_code == 200
    refused(APIError, lambda: session("u", "Old-1").get("pool"))
    assert api.delete_by_name("user", "u").status_code == 204


def basic_authentication(api: ApiSession) -> None:
    system = api.get("systemconfiguration").json()
    system["portal_configuration"]["allow_basic_authentication"] = True
    assert api.put("systemconfiguration", data=system).status_code == 200
    proof = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    try:
        own = session(lazy_authentication=True, user_hdrs={"Authorization": f"Basic {proof}"})
    except TypeError:
        return  # releases before 20.1 take no headers
    assert own.get("pool").status_code == 200


if __name__ == "__main__":
    one = session()
    for flow in (basic_vs, tenants, sessions, writes, users, basic_authentication):
        flow(one)
    assert one.post("logout").status_code == 200
