"""A passkey for tests that have no browser."""

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from analysts.models import User


def passkey_of(user: User) -> Authenticator:
    """A passkey as a browser would have registered it."""
    public_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    key = ES256.from_cryptography_key(public_key)  # type: ignore[no-untyped-call] # comes without types
    credential = AttestedCredentialData.create(b"\0" * 16, b"credential", key)
    data = AuthenticatorData.create(b"\0" * 32, AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT, 0, credential)
    client_data = CollectedClientData.create(CollectedClientData.TYPE.CREATE, b"challenge", "https://staff.invalid")
    response = AuthenticatorAttestationResponse(
        client_data=client_data, attestation_object=AttestationObject.create("none", data, {})
    )
    return WebAuthn.add(user, "key", dict(RegistrationResponse(raw_id=b"credential", response=response))).instance
