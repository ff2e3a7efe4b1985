"""Certificates of a proof: its own authority, and one certificate for every name, removed with the folder."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LASTS = timedelta(days=2)


def authority_path(folder: Path) -> Path:
    """The authority's file, which clients trust."""
    return folder / "authority.crt"


def make_certificates(folder: Path, names: Iterable[str]) -> None:
    """One certificate and its key, for each surface and the mail server, signed by `authority(folder)`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    issuer, issuer_key = _build_name("authority"), ec.generate_private_key(ec.SECP256R1())
    trusted = _certificate_builder(issuer, issuer, issuer_key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    usage = dict.fromkeys(USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
    trusted = trusted.add_extension(x509.KeyUsage(**usage), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    trusted = trusted.add_extension(identifier, critical=False)
    authority_path(folder).write_bytes(
        trusted.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    key = ec.generate_private_key(ec.SECP256R1())
    shown: list[x509.GeneralName] = [x509.DNSName(name) for name in (*names, "localhost")]
    shown.append(x509.IPAddress(ip_address("127.0.0.1")))
    served = (
        _certificate_builder(_build_name("server"), issuer, key.public_key())
        .add_extension(x509.SubjectAlternativeName(shown), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name in ("public", "staff", "partners", "mail"):
        (folder / f"{name}.crt").write_bytes(served.public_bytes(serialization.Encoding.PEM))
        (folder / f"{name}.key").write_bytes(private)


def write_self_signed(path: Path, end: datetime) -> None:
    """A certificate for a check of its end: no server has its key."""
    name, key = _build_name("server"), ec.generate_private_key(ec.SECP256R1())
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(end - timedelta(days=90)).not_valid_after(end)
    path.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _build_name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate_builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
    )
