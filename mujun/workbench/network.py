"""The workbench for others than this PC: only with accounts, and only over HTTPS."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from pathlib import Path
from typing import Any

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.workbench.people import accounts


@dataclass(frozen=True)
class Network:
    """How others reach a workbench.

    Attributes:
        host: the name or address that they type.
        certificate: the file with the certificate, in PEM.
        key: the file with its key.
    """

    host: str
    certificate: Path
    key: Path

    def options(self) -> dict[str, Any]:
        """What the server is told of it."""
        return {"ssl_certfile": str(self.certificate), "ssl_keyfile": str(self.key)}


def network_of(store: Path, host: str, certificate: Path | None, key: Path | None) -> Network:
    """How a store is served to others, once everything is there that it takes.

    Raises:
        UsageError: there is no account of the bureau, no certificate or key, or one of them is not right.
        InputError: the file with the accounts is not right.
    """
    if not any(a.role == "bureau" for a in accounts(store)):
        raise UsageError(problem("serve_no_accounts", host=host))
    if certificate is None or key is None:
        raise UsageError(problem("serve_no_certificate", host=host))
    for file in (certificate, key):
        if not file.is_file():
            raise UsageError(problem("serve_no_such_file", file=file))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise UsageError(problem("serve_wrong_certificate", certificate=certificate.name, key=key.name)) from error
    return Network(_one_name(host), certificate, key)


def _one_name(host: str) -> str:
    """The host as browsers say it.

    Raises:
        UsageError: it stands for all addresses at once, or is none of this PC's.
    """
    plain = host.strip().strip("[]").lower()
    try:
        if ipaddress.ip_address(plain).is_unspecified:
            raise UsageError(problem("serve_all_addresses", host=host))
    except ValueError:
        pass
    family = socket.AF_INET6 if ":" in plain else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        try:
            tried.bind((plain, 0))
        except (OSError, UnicodeError) as error:
            raise UsageError(problem("serve_not_here", host=host)) from error
    return plain
