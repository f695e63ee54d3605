"""The servers' certificates: an own authority, and one certificate for each RDS endpoint name.

On AWS a client trusts Amazon's bundle and checks the endpoint's name; here it trusts this authority and checks the same
name. The authority's key is never written: a new environment makes a new authority.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local.free_ports import LOOPBACK
from local.postgres.credentials import write_secret

_VALIDITY = timedelta(days=365)
_CLOCK_SKEW = timedelta(hours=1)
# RFC 5280 limits a common name to 64 characters; clients look at the alternative names only.
_COMMON_NAME_LIMIT = 64


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def certificate_file(folder: Path, host_name: str) -> Path:
    """Return where the certificate of an endpoint is."""
    return folder / f"{host_name}.pem"


def key_file(folder: Path, host_name: str) -> Path:
    """Return where the private key of an endpoint is."""
    return folder / f"{host_name}.key"


def issue_certificates(folder: Path, host_names: Sequence[str], now: datetime) -> list[Path]:
    """Make an authority and a certificate for each endpoint, in EC P-256.

    Args:
        folder: Gets `ca.pem`, and `<host name>.pem` and `.key` for each endpoint.
        host_names: The endpoints' DNS names; 127.0.0.1 is in each certificate, too, for clients without hostaddr.
        now: The certificates hold from an hour before.

    Returns:
        The private keys' files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority = _make_authority(now)
    _write_certificate(folder / "ca.pem", authority.certificate)
    for host_name in host_names:
        key = ec.generate_private_key(ec.SECP256R1())
        _write_certificate(certificate_file(folder, host_name), _sign(authority, host_name, key.public_key(), now))
        write_secret(key_file(folder, host_name), _key_text(key))
    return [key_file(folder, host_name) for host_name in host_names]


def _make_authority(now: datetime) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("langpont-rds local authority")
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(name, name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    return _Authority(builder.sign(key, hashes.SHA256()), key)


def _sign(authority: _Authority, host_name: str, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.Certificate:
    names = x509.SubjectAlternativeName([x509.DNSName(host_name), x509.IPAddress(ipaddress.ip_address(LOOPBACK))])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = (
        _builder(_name(host_name), authority.certificate.subject, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer_key, critical=False)
    )
    return builder.sign(authority.key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _VALIDITY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:_COMMON_NAME_LIMIT])])


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
