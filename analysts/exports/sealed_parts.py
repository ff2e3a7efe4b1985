"""The parts of an exported file: packed, sealed, and opened again once, in order.

A part is compressed, then sealed to the month's `words` key, which is destroyed before those of addresses. It is bound
to its export, its person and its number: no part opens in another place.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from analysts.models import Export, ExportPart
from reports import keys, sealing
from reports.models import KeyClass

# Bytes of the file in one part: what the worker and the download hold in memory.
PART_BYTES = 1 << 22
# Fast: a table shrinks to a tenth, and the database stores and seals that much less.
LEVEL = 1


def part_info(export: Export, number: int) -> bytes:
    kind = f"export:{export.by_id}:{number}"
    return sealing.build_info(key_class=KeyClass.WORDS.value, portal="", receipt=export.pk, kind=kind)


def seal_part(export: Export, number: int, content: bytes, *, now: datetime) -> ExportPart:
    """Build the part, which is not saved. Raises NoOpenKey."""
    key = keys.public_key(now, KeyClass.WORDS)
    packed = b64encode(zlib.compress(content, LEVEL)).decode()
    sealed = sealing.seal_json({"part": packed}, to=key, info=part_info(export, number))
    return ExportPart(export=export, number=number, key_id=key.id, sealed=sealed)


def send_parts(export: Export) -> Iterator[bytes]:
    """Open the parts in order, each deleted before it is sent. The rest of a broken download is deleted at its end.

    Raises UnsealError, KeyMissing.
    """
    try:
        number = 0
        while part := _take_part(export, number):
            yield _open_part(export, number, *part)
            number += 1
    finally:
        ExportPart.objects.filter(export=export).delete()


def _take_part(export: Export, number: int) -> tuple[str, bytes] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM analysts_exportpart WHERE export_id = %s AND number = %s RETURNING key_id, sealed",
            [export.pk, number],
        )
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None


def _open_part(export: Export, number: int, key_id: str, sealed: bytes) -> bytes:
    opened = sealing.unseal_json(sealed, by=keys.private_key(key_id), info=part_info(export, number))
    return zlib.decompress(b64decode(str(opened["part"])))
