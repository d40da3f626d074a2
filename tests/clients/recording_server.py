"""A server in the place of AWS: it answers every call of Rekognition, and keeps where each was sent.

Clients reach it as their HTTPS proxy. It has a certificate for AWS's host names, so that a client calls the
real addresses. `direct_port` is for clients that know no proxy.
"""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "a-secret-key-for-tests"
HOSTS = (
    "*.amazonaws.com",
    "*.us-east-1.amazonaws.com",
    "*.us-east-1.vpce.amazonaws.com",
    "*.rekognition.us-east-1.vpce.amazonaws.com",
    "*.eu-west-1.amazonaws.com",
    "*.us-east-1.api.aws",
    "*.lambda-url.us-east-1.on.aws",
    "*.lambda-url.eu-west-1.on.aws",
    "rekognition.example",
)
REPLIES: Mapping[str, Mapping[str, Any]] = {
    "DetectLabels": {"Labels": [], "LabelModelVersion": "3.0"},
    "IndexFaces": {"FaceRecords": [], "FaceModelVersion": "7.0"},
    "StartPersonTracking": {"JobId": "a-job"},
    "GetPersonTracking": {"JobStatus": "SUCCEEDED", "Persons": [{"Timestamp": 0, "Person": {"Index": 7}}]},
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the server received.

    Attributes:
        operation: the operation's name.
        url: where the client sent it.
        service: the service that it was signed for.
        region: the region that it was signed for.
        is_signature_valid: whether the signature is that of SECRET_KEY.
    """

    operation: str
    url: str
    service: str
    region: str
    is_signature_valid: bool


@dataclass(frozen=True, slots=True)
class RecordingServer:
    """The running server.

    Attributes:
        proxy_url: what a client's HTTPS_PROXY has to be.
        direct_port: a port on 127.0.0.1 for TLS connections without a proxy.
        certificate: the file of the certificate that a client has to trust.
        calls: the calls, in the order in which they arrived.
    """

    proxy_url: str
    direct_port: int
    certificate: Path
    calls: list[Call]

    def environment(self, home: Path) -> dict[str, str]:
        """Returns the environment of a program that reaches this server only.

        Args:
            home: the home folder of the program's user. It may have the files that `connect` writes.
        """
        return {
            "HOME": str(home),
            "HTTPS_PROXY": self.proxy_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": str(self.certificate),
            "SSL_CERT_FILE": str(self.certificate),
            "NODE_EXTRA_CA_CERTS": str(self.certificate),
            "DIRECT_PORT": str(self.direct_port),
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Ends the thread of a connection that a client leaves open.
    timeout = 30
    server: _Server

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(ssl.SSLError, ConnectionError):
            self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb", self.rbufsize)
            self.wfile = self.connection.makefile("wb", 0)
            self.close_connection = False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        self.server.calls.append(_call(operation, self.path, self.headers, body))
        data = json.dumps(REPLIES[operation]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def finish(self) -> None:
        """Closes the connection inside the tunnel, too, which the server does not know."""
        super().finish()
        self.connection.close()

    def log_message(self, *_: Any) -> None:
        """Writes no log."""


class _Server(ThreadingHTTPServer):
    # Waits for the threads when it is closed, so that they close their connections.
    daemon_threads = False

    def __init__(self, tls: ssl.SSLContext, calls: list[Call], *, is_direct: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tls = tls
        self.calls = calls
        if is_direct:
            # The handshake runs in the thread of the connection.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores clients that close a connection, or do not trust the certificate."""


@contextmanager
def recording_server(folder: Path) -> Iterator[RecordingServer]:
    """Runs the server.

    Args:
        folder: where the certificate and its key are stored.
    """
    certificate, key = _certificate(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    calls: list[Call] = []
    with _Server(tls, calls, is_direct=False) as proxy, _Server(tls, calls, is_direct=True) as direct:
        for server in (proxy, direct):
            Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield RecordingServer(
                f"http://127.0.0.1:{proxy.server_port}", direct.server_port, certificate, calls
            )
        finally:
            proxy.shutdown()
            direct.shutdown()


def _call(operation: str, path: str, headers: Any, body: bytes) -> Call:
    url = f"https://{headers['Host']}{path}"
    # AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=...
    words = headers["Authorization"].removeprefix("AWS4-HMAC-SHA256 ").split(",")
    parts = dict(word.strip().split("=", 1) for word in words)
    _, _, region, service, _ = parts["Credential"].split("/")
    signed = {name: headers[name] for name in parts["SignedHeaders"].split(";")}
    request = AWSRequest("POST", url, headers=signed, data=body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), service, region)
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    declared = headers.get("X-Amz-Content-Sha256", hashlib.sha256(body).hexdigest())
    is_valid = signer.signature(to_sign, request) == parts["Signature"]
    return Call(operation, url, service, region, is_valid and declared == hashlib.sha256(body).hexdigest())


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Creates a certificate that signs itself, and returns its file and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a stand-in for AWS")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file
