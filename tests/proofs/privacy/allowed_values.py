"""The shapes that values of rows of the outer surfaces may have, as data, in addition to the lists of `allowed`."""

from collections.abc import Mapping
from typing import Final

# Rows of the outer surfaces have one of few shapes; what holds for every row. The sizes of sealed texts are those
# of `reports.sealing`: each is padded to a power of two.
SEALED = "octet_length({0}) IN (0, {sizes})"
ANSWER = """NOT EXISTS (
    SELECT FROM jsonb_array_elements({0}) AS item WHERE item - '{{item,outcome,reason,pointer}}'::text[] <> '{{}}'
    OR item ->> 'outcome' NOT IN ('accepted', 'refused') OR item ->> 'reason' !~ '^[a-z_]{{1,20}}$'
    OR item ->> 'pointer' !~ '^(/[a-z_]{{1,20}}(/[0-9]{{1,2}})?)?$'
)"""
SHAPES: Final[Mapping[str, Mapping[str, str]]] = {
    "reports_receipt": {"mailbox_key": "octet_length({0}) = 1216"},
    "reports_submission": {
        "sealed": SEALED,
        "digest": "{0} IS NULL OR octet_length({0}) = 32",
        "kind": "{0} IN ('report', 'details', 'answer')",
        "language": "{0} IN (SELECT language FROM countries_portaltext)",
    },
    "reports_noticeanswer": {"sealed": SEALED, "digest": "{0} IS NULL OR octet_length({0}) = 32"},
    "reports_sourceitem": {
        "reference": "octet_length({0}) = 32",
        "digest": "{0} IS NULL OR octet_length({0}) = 32",
    },
    "reports_sourcerequest": {
        "key_digest": "octet_length({0}) = 32",
        "body_digest": "octet_length({0}) = 32",
        # Numbers, reasons and the names of fields.
        "answer": ANSWER,
    },
}
