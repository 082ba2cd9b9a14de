"""TLS in front of a sandbox: a port of loopback with a certificate that may be good or not."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)
PART = 65536
_SIGNS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate: from when to when it holds, in days from now, for which address, and who signed it."""

    since: float = -1
    until: float = 1
    address: str = "127.0.0.1"
    is_vouched: bool = True


class Authority:
    """Signs certificates; `file` is what those who trust it keep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("a test's own authority")
        own = _written(self._key, self._name, self._key, self._name, Paper(-10, 10))
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        own = own.add_extension(_SIGNS, True)
        self.file = folder / "trusted.pem"
        self.file.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def context(self, paper: Paper) -> ssl.SSLContext:
        """What a server shows this paper with."""
        key = ec.generate_private_key(ec.SECP256R1())
        signer = self._key if paper.is_vouched else key
        issuer = self._name if paper.is_vouched else _name(paper.address)
        place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(paper.address))])
        shown = _written(key, _name(paper.address), signer, issuer, paper).add_extension(place, False)
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self._folder / "shown.pem"
        file.write_bytes(text + _pem(shown.sign(signer, hashes.SHA256())))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@dataclass(slots=True)
class Counted:
    """Who came to the front: turned away by what it showed, or let in."""

    base: str = ""
    refused: int = 0
    let_in: int = 0


@contextmanager
def standing(inside: str, context: ssl.SSLContext) -> Iterator[Counted]:
    """A front with this paper; who takes it is led to `inside`."""
    counted = Counted()
    place = urlsplit(inside)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            try:
                secured = context.wrap_socket(self.request, server_side=True)
            except OSError:
                counted.refused += 1
                return
            counted.let_in += 1
            with secured, socket.create_connection((str(place.hostname), place.port or 80)) as other:
                back = threading.Thread(target=carry, args=(other, secured), daemon=True)
                back.start()
                carry(secured, other)
                back.join()

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        counted.base = f"https://127.0.0.1:{server.server_address[1]}"
        try:
            yield counted
        finally:
            server.shutdown()


def carry(source: socket.socket, target: socket.socket) -> None:
    """Bytes from one to the other until the one has no more."""
    with suppress(OSError):
        while part := source.recv(PART):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _written(
    key: ec.EllipticCurvePrivateKey,
    name: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    paper: Paper,
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    known = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + paper.since * DAY)
        .not_valid_after(now + paper.until * DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(known, False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
