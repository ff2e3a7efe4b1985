"""Lines of batch files and of their results: each is signed, then sealed to its reader.

    line    = base64url(sealed)
    sealed  = a sealed value (`reports.sealing`) of {"line": a signed line (`analysts.handoff.signing`)}
    info    = "v1|handoff|||" and the type: "batch" or "batch-results"

Each line is a value of its own, so that one bad line affects no other, and only its padded size shows outside.
"""

from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode

from analysts.handoff.signing import NoLine, Typ, sign_line
from reports import sealing


def sealing_info(typ: Typ) -> bytes:
    return sealing.build_info(key_class="handoff", portal="", receipt="", kind=typ.value)


def seal_line(payload: bytes, *, secret: bytes, to: sealing.PublicKey, typ: Typ) -> str:
    """`secret`: the signer's Ed25519 key."""
    signed = sign_line(payload, secret=secret, typ=typ)
    sealed = sealing.seal_json({"line": signed}, to=to, info=sealing_info(typ))
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal_line(line: bytes, *, key: sealing.PrivateKey, typ: Typ) -> str:
    """Return the signed line; its signature is not verified here.

    Raises:
        NoLine: damaged, of another kind, or sealed to another key.
    """
    try:
        sealed = urlsafe_b64decode(line + b"=" * (-len(line) % 4))
        signed = sealing.unseal_json(sealed, by=key, info=sealing_info(typ))["line"]
    except (ValueError, KeyError, sealing.UnsealError):
        raise NoLine from None
    if not isinstance(signed, str):
        raise NoLine
    return signed


def parse_sealing_key(text: str) -> bytes:
    """Parse a sealing key in base64. Raises ValueError if it is not one."""
    raw = b64decode("".join(text.split()), validate=True)
    # Some keys of the right length cannot be sealed to.
    sealing.seal_json({}, to=sealing.PublicKey("", raw), info=b"")
    return raw
