"""Each endpoint's certificate holds its name and the loopback address, and is signed by the environment's authority."""

import ipaddress
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from local.postgres.certificates import certificate_file, issue_certificates, key_file

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
PRIMARY = "langpont-prod-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com"
REPLICA = "langpont-prod-replica-1.c0ffee000000.ap-northeast-1.rds.amazonaws.com"


def _verify(folder: Path, authority: Path, host_name: str, as_name: str, at: datetime) -> None:
    store = Store([x509.load_pem_x509_certificate(authority.read_bytes())])
    certificate = x509.load_pem_x509_certificate(certificate_file(folder, host_name).read_bytes())
    verifier = PolicyBuilder().store(store).time(at).build_server_verifier(x509.DNSName(as_name))
    verifier.verify(certificate, [])


@pytest.mark.parametrize("host_name", [PRIMARY, REPLICA])
def test_a_certificate_verifies_against_its_own_name(tmp_path: Path, host_name: str) -> None:
    issue_certificates(tmp_path, [PRIMARY, REPLICA], NOW)

    _verify(tmp_path, tmp_path / "ca.pem", host_name, host_name, NOW + timedelta(days=30))


def test_a_certificate_of_another_endpoint_is_refused(tmp_path: Path) -> None:
    issue_certificates(tmp_path, [PRIMARY, REPLICA], NOW)

    with pytest.raises(VerificationError):
        _verify(tmp_path, tmp_path / "ca.pem", REPLICA, PRIMARY, NOW)


def test_a_certificate_of_another_authority_is_refused(tmp_path: Path) -> None:
    issue_certificates(tmp_path / "ours", [PRIMARY], NOW)
    issue_certificates(tmp_path / "theirs", [PRIMARY], NOW)

    with pytest.raises(VerificationError):
        _verify(tmp_path / "ours", tmp_path / "theirs" / "ca.pem", PRIMARY, PRIMARY, NOW)


def test_a_certificate_holds_the_loopback_address_for_clients_without_hostaddr(tmp_path: Path) -> None:
    issue_certificates(tmp_path, [PRIMARY], NOW)

    certificate = x509.load_pem_x509_certificate(certificate_file(tmp_path, PRIMARY).read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1")]


def test_a_private_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    keys = issue_certificates(tmp_path, [PRIMARY], NOW)

    assert keys == [key_file(tmp_path, PRIMARY)]
    assert stat.S_IMODE(keys[0].stat().st_mode) == 0o600


def test_the_authority_leaves_no_key_behind(tmp_path: Path) -> None:
    issue_certificates(tmp_path, [PRIMARY], NOW)

    assert {path.name for path in tmp_path.iterdir()} == {"ca.pem", f"{PRIMARY}.pem", f"{PRIMARY}.key"}
