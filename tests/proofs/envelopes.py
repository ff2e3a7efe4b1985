"""Opens a receipt's envelopes in the database with the stack's keyring."""

from functools import cache
from pathlib import Path

import psycopg

from reports import receipts, sealing
from tests.proofs.stack import Stack


def open_envelopes(stack: Stack, database: psycopg.Connection, code: str) -> list[tuple[str, dict[str, sealing.JSON]]]:
    """(kind, payload) of every envelope under a receipt, in any spelling of its code.

    Raises sealing.Unreadable for one that does not open.
    """
    receipt = receipts.derive_credentials(receipts.parse_code(code)).receipt_id
    rows = database.execute(
        "SELECT kind, portal_id, key_id, sealed FROM reports_submission WHERE receipt_id = %s", [receipt]
    ).fetchall()
    return [
        (
            kind,
            sealing.unseal_json(
                bytes(sealed),
                by=_load_private_key(stack.folder / "keyring" / "private" / f"{key_id}.key"),
                info=sealing.build_info(key_class="words", portal=str(portal), receipt=receipt, kind=kind),
            ),
        )
        for kind, portal, key_id, sealed in rows
    ]


@cache
def _load_private_key(path: Path) -> sealing.PrivateKey:
    return sealing.PrivateKey(path.stem, bytes.fromhex(path.read_text()))
