"""Rows of a file that is prepared, sealed in parts until they are imported."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import cast

from analysts.imports.raw_rows import CleanRow
from analysts.incidents import contents
from analysts.incidents.sealing_contexts import history_part_info
from analysts.models import HistoryPart
from reports import sealing


def seal_part(part: HistoryPart, rows: Sequence[CleanRow], key: sealing.PublicKey) -> HistoryPart:
    """Set the rows on the part, which the caller saves."""
    packed = b64encode(zlib.compress(json.dumps(rows).encode())).decode()
    part.key_id, part.sealed = key.id, sealing.seal_json({"part": packed}, to=key, info=history_part_info(part))
    return part


def open_part(part: HistoryPart) -> list[CleanRow]:
    """Raises UnsealError, KeyMissing."""
    return cast("list[CleanRow]", json.loads(zlib.decompress(b64decode(contents.import_part(part)))))
