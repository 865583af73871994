"""Step 2: the vCenter servers of NSX-T clouds, in which their Service Engines are made."""

from intent import VcenterServer, require, require_once
from live.avi.snapshot import Live


def test_exists(server: VcenterServer, live: Live) -> None:
    """{server} exists in its cloud.

    Severity: blocker
    Why: an NSX-T cloud without a vCenter server makes no Service Engine.
    Do: add it to the cloud under Infrastructure > Clouds, in its section vCenter Servers.
    """
    require_once(server, live.found(server))


def test_address(server: VcenterServer, live: Live) -> None:
    """{server} is the declared vCenter.

    Field: url
    Severity: blocker
    Why: in another vCenter Service Engines are made on other hosts.
    Do: compare with the declaration, then correct the file or make the vCenter server anew.
    """
    require(server, live[server], "url")


def test_credentials(server: VcenterServer, live: Live) -> None:
    """{server} is spoken to with the declared credentials.

    Field: credentials
    Severity: critical
    Why: another account may have other rights, and expire at another time.
    Do: choose the credentials in the cloud's settings.
    """
    require(server, live[server], "credentials")


def test_content_library(server: VcenterServer, live: Live) -> None:
    """{server} keeps the image of Service Engines in the declared content library.

    Field: content_library.id
    Severity: critical
    Why: no Service Engine is made from a content library that does not hold its image.
    Do: choose the content library in the cloud's settings.
    """
    require(server, live[server], "content_library.id")


def test_content_library_name(server: VcenterServer, live: Live) -> None:
    """{server} names its content library as declared.

    Field: content_library.name
    Severity: minor
    Why: the name is how people find the content library in vCenter.
    Do: choose the content library in the cloud's settings anew.
    """
    require(server, live[server], "content_library.name")
