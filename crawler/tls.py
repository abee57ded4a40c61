"""TLS as a host speaks it: strict first; less only where that failed on this host, and never without saying so."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Literal

import aiohttp


@dataclass(frozen=True, slots=True)
class Tls:
    """One way of asking, and what is said of a host that has to be asked like that."""

    context: ssl.SSLContext | Literal[True]  # True: aiohttp's own, which checks certificates as Python does by default
    said: str = ""

    def weaker(self, error: Exception) -> Tls | None:
        """What is tried after ``error``; ``None`` where it is not about TLS, or nothing is left to try."""
        certificate = isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError)
        if certificate and self.context is True:
            return Tls(_unverified(), "its certificate is not to be trusted")
        # A connection that is merely reset says nothing about TLS: it must not cost a host its certificate.
        if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError) and self.said != OLD:
            return Tls(_old(), OLD)
        return None


OLD = "it speaks old TLS only, and its certificate was not asked for"
STRICT = Tls(True)


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _old() -> ssl.SSLContext:
    """TLS 1.0 and 1.1, short keys, legacy renegotiation (domain facts §5): OpenSSL 3 has them at level 0 alone."""
    context = _unverified()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    return context
