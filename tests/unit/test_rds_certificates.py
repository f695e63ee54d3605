"""The packaged certificate authorities of Amazon RDS."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from rds_postgres.connections import PACKAGED_CA_BUNDLE

TODAY = datetime(2026, 11, 23, tzinfo=UTC)
CERTIFICATES = x509.load_pem_x509_certificates(PACKAGED_CA_BUNDLE.read_bytes())
ROOT_NAME = re.compile(r"Amazon RDS ([a-z]+(?:-[a-z]+)+-[0-9]) Root CA (RSA2048|RSA4096|ECC384) G1")
# SHA-256 fingerprints, compared with a second public copy of AWS's bundle.
TOKYO = {
    "RSA2048": "08544470dfa4c9dc25c481a8908d2958f90b9c1d23f275696f341d71f2f1539e",
    "RSA4096": "dc4bd074909909f9e5288408f2a148261aa506711307ae0a6561df152e07e04c",
    "ECC384": "1cb5dcfb2e4db29fdb966e31c5da9f620bf06a10f5880205131a0e6a5bdf80d7",
}


def name(certificate: x509.Certificate, of: x509.ObjectIdentifier = x509.NameOID.COMMON_NAME) -> str:
    (attribute,) = certificate.subject.get_attributes_for_oid(of)
    return str(attribute.value)


def region_and_key(certificate: x509.Certificate) -> tuple[str, str]:
    found = ROOT_NAME.fullmatch(name(certificate))
    assert found is not None, f"{name(certificate)} is no root of RDS"
    return found[1], found[2]


each = pytest.mark.parametrize("certificate", CERTIFICATES, ids=name)


@each
def test_authority_is_a_root_of_amazon_rds(certificate: x509.Certificate) -> None:
    certificate.verify_directly_issued_by(certificate)

    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert name(certificate, x509.NameOID.ORGANIZATION_NAME) == "Amazon Web Services, Inc."
    assert name(certificate, x509.NameOID.ORGANIZATIONAL_UNIT_NAME) == "Amazon RDS"


@each
def test_authority_is_in_force(certificate: x509.Certificate) -> None:
    assert certificate.not_valid_before_utc < TODAY < certificate.not_valid_after_utc


@each
def test_key_is_what_the_name_says(certificate: x509.Certificate) -> None:
    key = certificate.public_key()

    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    kind = "RSA" if isinstance(key, rsa.RSAPublicKey) else "ECC"
    assert region_and_key(certificate)[1] == f"{kind}{key.key_size}"


def test_each_region_has_its_three_roots_once() -> None:
    found = Counter(map(region_and_key, CERTIFICATES))
    regions = {region for region, _ in found}

    assert len(regions) == 27
    assert found == Counter((region, key) for region in regions for key in TOKYO)


def test_roots_of_tokyo_are_those_that_aws_published() -> None:
    tokyo = {
        key: certificate.fingerprint(SHA256()).hex()
        for certificate in CERTIFICATES
        for region, key in [region_and_key(certificate)]
        if region == "ap-northeast-1"
    }

    assert tokyo == TOKYO


def test_comment_above_each_root_is_its_name() -> None:
    comments = re.findall(r"^# (.+)\n-----BEGIN", PACKAGED_CA_BUNDLE.read_text(encoding="ascii"), flags=re.MULTILINE)

    assert comments == [name(certificate) for certificate in CERTIFICATES]
    assert comments == sorted(comments)
