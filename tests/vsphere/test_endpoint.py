"""What only our endpoint can be asked: paging, lapsed sessions, versions, odd clients."""

from __future__ import annotations

import http.client
import ssl

import pytest
from pyVmomi import vim, vmodl

from lab.datacenter.model import Folder
from lab.vcenter.world import IDLE, METHODS
from tests.vsphere import peers, seeding
from tests.vsphere.reading import gateway, moid, read


@pytest.fixture
def peer(fresh):
    return fresh


class TestPaging:
    @pytest.mark.parametrize("page", [1, 7, 10_000])
    def test_every_page_is_read(self, peer, page):
        peer.handle.endpoint.world.page = 10_000
        whole = read(peer)
        peer.handle.endpoint.world.page = page
        paged = read(peer)
        assert [paged.groups, paged.folders, paged.machines] == [whole.groups, whole.folders, whole.machines]

    def test_token_serves_once(self, peer):
        peer.handle.endpoint.world.page = 1
        si = seeding.connect(peer)
        collector = si.RetrieveContent().propertyCollector
        specs = [
            vmodl.query.PropertyCollector.FilterSpec(
                objectSet=[
                    vmodl.query.PropertyCollector.ObjectSpec(obj=e)
                    for e in si.RetrieveContent().rootFolder.childEntity[0].networkFolder.childEntity
                ],
                propSet=[
                    vmodl.query.PropertyCollector.PropertySpec(type=vim.ManagedEntity, pathSet=["name"])
                ],
            )
        ]
        token = collector.RetrievePropertiesEx(specs, vmodl.query.PropertyCollector.RetrieveOptions()).token
        collector.ContinueRetrievePropertiesEx(token)
        with pytest.raises(vmodl.fault.InvalidArgument):
            collector.ContinueRetrievePropertiesEx(token)
        seeding.disconnect(si)


class TestSessions:
    def test_relogin_after_the_session_was_ended(self, peer):
        opened = gateway(peer)
        opened.connect()
        world = peer.handle.endpoint.world
        world.leave(next(iter(world.sessions)))
        assert opened.read().machines
        opened.close()

    def test_relogin_after_idling(self, peer):
        opened = gateway(peer)
        opened.connect()
        peer.site.clock.advance(IDLE + 1)
        assert opened.read().machines
        opened.close()

    def test_relogin_in_the_middle_of_paging(self, peer, monkeypatch):
        """Nothing that was read before is kept: what it stood for may have gone with the session."""
        world, more, lapsed = peer.handle.endpoint.world, METHODS["ContinueRetrievePropertiesEx"], []

        def lapse(*call):
            if not lapsed:
                lapsed.append(True)
                world.leave(world.caller.key)
                raise vim.fault.NotAuthenticated
            return more(*call)

        whole = read(peer)
        world.page = 7
        monkeypatch.setitem(METHODS, "ContinueRetrievePropertiesEx", lapse)
        found = read(peer)
        assert lapsed
        assert (found.groups, found.folders, found.machines) == (whole.groups, whole.folders, whole.machines)

    def test_write_after_the_session_lapsed_is_done_once(self, peer, model):
        opened = gateway(peer, writable=True)
        opened.connect()
        peer.site.clock.advance(IDLE + 1)
        opened.create_folder(moid(model, Folder, "AVI K8S"), "once")
        opened.close()
        assert [f.name for f in model.of(Folder)].count("once") == 1

    def test_no_session_is_left_behind(self, peer):
        read(peer)
        assert peer.handle.endpoint.world.sessions == {}
        assert not [moid for moid in peer.handle.endpoint.world.own if moid.startswith("session[")]


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

    @pytest.mark.parametrize(
        ("version", "said"),
        [
            ("vim.version.version12", "6.7"),
            ("vim.version.version15", "6.7.3"),
            ("vim.version.v7_0", "7.0.0"),
            ("vim.version.v7_0_3_0", "7.0.3"),
        ],
    )
    def test_older_vcenter_is_read_alike(self, peer, version, said):
        newest = read(peer)
        peer.handle.endpoint.world.version = version
        found = read(peer)
        assert found.version == said
        assert (found.groups, found.folders, found.machines) == (
            newest.groups,
            newest.folders,
            newest.machines,
        )

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
