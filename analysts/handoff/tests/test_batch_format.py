"""The published format of batches: the schema is up to date, and the examples open with the published keys."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from pydantic import TypeAdapter

from analysts.handoff import batch_format
from analysts.handoff.results_reading import read_results
from analysts.handoff.signing import public_half, public_key_id
from analysts.models import Workstation
from reports import installation_keys
from workstation.sealed_file import WorkstationKeys, open_batch

REFERENCE = Path(settings.BASE_DIR) / "docs" / "reference"
EXAMPLE = REFERENCE / "batch-example"
README = (EXAMPLE / "README.md").read_text(encoding="utf-8")
HOTLINE = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
SECRET = bytes(range(32))
LINES: TypeAdapter[Any] = TypeAdapter(batch_format.BatchHead | batch_format.BatchIncident)


def read_example(name: str) -> list[Any]:
    found: list[Any] = json.loads((EXAMPLE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_published_schema_of_batches_is_of_what_is_read_and_written() -> None:
    published = (REFERENCE / "batch.schema.json").read_text(encoding="utf-8")
    assert published == batch_format.build_batch_schema(), (
        "Regenerate it: manage.py shell -c 'from analysts.handoff.batch_format import build_batch_schema; "
        'open("docs/reference/batch.schema.json", "w").write(build_batch_schema())\''
    )


def test_example_of_a_batch_opens_on_its_workstation() -> None:
    assert HOTLINE.hex() in README
    batch = open_batch(
        (EXAMPLE / "batch.sealed").read_text(), WorkstationKeys(SECRET, SECRET * 3, public_half(HOTLINE))
    )
    assert [batch.head, *batch.incidents] == read_example("batch")
    for line in read_example("batch"):
        assert json.loads(LINES.validate_json(json.dumps(line)).as_bytes()) == line


def test_example_of_results_is_read() -> None:
    known = {public_key_id(public_half(SECRET)): Workstation(name="Room 3", public_key=public_half(SECRET))}
    key = installation_keys.derive_handoff_sealing_key(HOTLINE)
    read = list(read_results((EXAMPLE / "results.sealed").read_bytes(), known, key))
    said = [json.loads(line.content.as_bytes()) for line in read if line.content]
    head, result = said
    assert {**head, "count": len(read) - 1} == read_example("results")[0]
    assert result == read_example("results")[1]
