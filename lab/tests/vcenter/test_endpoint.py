"""SOAP at our vCenter endpoint: chunks, nonsense, faults, versions, tokens for pages, the session's cookie."""

from __future__ import annotations

import http.client
import ssl

import pytest
from pyVmomi import vim, vmodl

from lab.tests.vcenter import peers, seeding


@pytest.fixture
def peer(fresh):
    return fresh


def test_token_serves_once(peer):
    peer.handle.endpoint.world.page = 1
    si = seeding.connect(peer)
    collector = si.RetrieveContent().propertyCollector
    specs = [
        vmodl.query.PropertyCollector.FilterSpec(
            objectSet=[
                vmodl.query.PropertyCollector.ObjectSpec(obj=e)
                for e in si.RetrieveContent().rootFolder.childEntity[0].networkFolder.childEntity
            ],
            propSet=[vmodl.query.PropertyCollector.PropertySpec(type=vim.ManagedEntity, pathSet=["name"])],
        )
    ]
    token = collector.RetrievePropertiesEx(specs, vmodl.query.PropertyCollector.RetrieveOptions()).token
    collector.ContinueRetrievePropertiesEx(token)
    with pytest.raises(vmodl.fault.InvalidArgument):
        collector.ContinueRetrievePropertiesEx(token)
    seeding.disconnect(si)


class TestProtocol:
    @pytest.fixture
    def post(self, peer):
        trust = ssl.create_default_context(cafile=str(peer.ca_file))

        def send(body, action="urn:vim25/6.5", **headers):
            connection = http.client.HTTPSConnection(peer.address, peer.port, context=trust, timeout=10)
            sent = {"SOAPAction": f'"{action}"', **headers}
            connection.request("POST", "/sdk", body, sent, encode_chunked="Transfer-Encoding" in sent)
            answer = connection.getresponse()
            found = answer.status, answer.read().decode(), answer.headers
            connection.close()
            return found

        return send

    def envelope(self, call):
        return (
            '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
            f"<soapenv:Body>{call}</soapenv:Body></soapenv:Envelope>"
        ).encode()

    CONTENT = (
        '<RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this>'
        "</RetrieveServiceContent>"
    )

    def test_chunked_request(self, post):
        whole = self.envelope(self.CONTENT)
        status, body, _ = post(iter([whole[:40], whole[40:]]), **{"Transfer-Encoding": "chunked"})
        assert status == 200
        assert "VMware vCenter Server" in body

    @pytest.mark.parametrize(
        ("body", "fault"),
        [
            (b"", "InvalidRequest"),
            (b"<nonsense", "InvalidRequest"),
            (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "InvalidRequest"),
            (b"<x/>", "InvalidRequest"),
        ],
    )
    def test_what_is_no_soap(self, post, body, fault):
        status, answer, _ = post(body)
        assert status == 500
        assert fault in answer

    def test_unknown_method(self, post):
        call = '<NoSuch xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></NoSuch>'
        status, answer, _ = post(self.envelope(call))
        assert status == 500
        assert "MethodNotFound" in answer

    def test_not_authenticated(self, post):
        call = '<CreateFolder xmlns="urn:vim25"><_this type="Folder">group-d1</_this><name>x</name></CreateFolder>'
        status, answer, _ = post(self.envelope(call))
        assert status == 500
        assert "NotAuthenticated" in answer

    def test_cookie_is_for_tls_only_and_not_for_scripts(self, post):
        call = (
            '<Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this>'
            f"<userName>{peers.USER}</userName><password>secret</password></Login>"
        )
        _, answer, headers = post(self.envelope(call))
        assert "vmware_soap_session=" in headers["Set-Cookie"]
        assert "Secure" in headers["Set-Cookie"]
        assert "HttpOnly" in headers["Set-Cookie"]
        assert "secret" not in answer

    def test_older_version_gets_no_newer_members(self, peer):
        """`config.backingType` is of 7.0: a 6.5 client is not to meet it."""
        si = seeding.connect(peer)
        group = seeding.groups_by_name(si.RetrieveContent())["untagged"]
        assert group.config.backingType is None
        seeding.disconnect(si)

    def test_unknown_property_fails_the_whole_call(self, peer):
        si = seeding.connect(peer)
        content = si.RetrieveContent()
        pc = vmodl.query.PropertyCollector
        spec = pc.FilterSpec(
            objectSet=[pc.ObjectSpec(obj=content.rootFolder)],
            propSet=[pc.PropertySpec(type=vim.Folder, pathSet=["nosuch"])],
        )
        with pytest.raises(vmodl.query.InvalidProperty):
            content.propertyCollector.RetrievePropertiesEx([spec], pc.RetrieveOptions())
        seeding.disconnect(si)
