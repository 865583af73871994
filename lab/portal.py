"""Certificate of the portal: the one that the system configuration names is served to every new connection.

The factory's own stand for the lab's, which its CA has signed; one without its key cannot be served.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from lab.cloud.common import followed

if TYPE_CHECKING:
    from lab.objects import Object
    from lab.site import Site


class Portal:
    """The TLS context of new connections; `own` is the lab's own one, whose callback it is."""

    def __init__(self, site: Site, own: ssl.SSLContext, folder: Path) -> None:
        self.site = site
        self.own = self.current = own
        self.folder = folder
        self._seen: tuple[int, ...] = ()
        own.sni_callback = self._choose

    def follow(self) -> None:
        """Take up the configured certificates, if the configuration has changed since."""
        seen = self.site.store.changed(("systemconfiguration", "sslkeyandcertificate"))
        if seen == self._seen:
            return
        self._seen = seen
        named = [each for each in _named(self.site) if not each.system and each.body.get("key")]
        self.current = self._context(named) if named else self.own

    def _context(self, named: list[Object]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        file = self.folder / "portal.pem"
        for each in named:
            inside = each.body.get("certificate") or {}
            above = [
                (issuer.body.get("certificate") or {}).get("certificate", "")
                for link in each.body.get("ca_certs", [])
                if (issuer := followed(self.site, link, "ca_ref")) is not None
            ]
            texts = (inside.get("certificate", ""), *above, each.body["key"])
            file.touch(mode=0o600)
            file.write_text("\n".join(map(str, texts)), encoding="ascii", errors="ignore")
            passphrase = str(each.body.get("key_passphrase", ""))
            try:
                context.load_cert_chain(file, password=lambda text=passphrase: text)
            except (ssl.SSLError, OSError, ValueError):
                return self.current
            finally:
                file.unlink()
        return context

    def _choose(self, socket: ssl.SSLSocket | ssl.SSLObject, _name: str | None, _own: ssl.SSLContext) -> None:
        if self.current is not self.own:
            socket.context = self.current


def _named(site: Site) -> list[Object]:
    """The certificates that the portal is configured with."""
    refs = (site.system.get("portal_configuration") or {}).get("sslkeyandcertificate_refs", [])
    return [each for ref in refs if (each := site.store.at(str(ref))) is not None]
