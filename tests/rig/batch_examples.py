"""Makes docs/reference/batch-example: `python -m tests.rig.batch_examples`, with the settings of the staff surface."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import django

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference" / "batch-example"
HOTLINE = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
SECRET = bytes(range(32))
BATCH, ITEM = UUID("3f8c6f0e-6a53-4a51-9d38-0f2a1f7f6c11"), UUID("b1a7f6ce-93f0-4c36-8a54-5d1a2d2f9e07")
MADE_AT = datetime(2026, 11, 25, 9, tzinfo=UTC)


def write_examples() -> None:
    django.setup()
    from analysts.handoff import batch_contents, batch_format  # noqa: PLC0415 - after the set-up
    from analysts.handoff.sealed_lines import seal_line  # noqa: PLC0415 - the same
    from analysts.handoff.signing import Typ  # noqa: PLC0415 - the same
    from analysts.models import BatchKind, CheckOutcome, TraceMethod  # noqa: PLC0415 - the same
    from reports import installation_keys, sealing  # noqa: PLC0415 - the same
    from workstation.sealed_file import WorkstationKeys  # noqa: PLC0415 - the same

    results_key = installation_keys.derive_handoff_sealing_key(HOTLINE).public()
    head = batch_format.BatchHead(
        kind="batch",
        format=2,
        batch=BATCH,
        drawn_by="ana",
        made_at=MADE_AT,
        until=MADE_AT + timedelta(hours=8),
        count=1,
        results_key=b64encode(results_key.raw).decode(),
        limits=batch_format.WelfareLimits(
            budget=14400,
            break_after=3000,
            since_break=0,
            break_length=600,
            cut_off=MADE_AT.replace(hour=16),
            hide_after=900,
            severe_in_a_row=3,
            site_in_a_row=10,
        ),
        groups=batch_contents.describe_groups(),
        rules=batch_contents.describe_rules(),
        methods={method.value: str(method.label) for method in TraceMethod},
        countries={"NL": "Netherlands", "ZM": "Zambia"},
        labels={outcome.value: str(outcome.label) for outcome in CheckOutcome},
    )
    said = [batch_format.TextSegment(text="Seen in a public group.", masked=False)]
    report = batch_format.BatchReport(
        portal="Belize",
        language="English",
        hour=MADE_AT - timedelta(days=1),
        ticked=[],
        texts=[batch_format.ReportText(label="Description", parts=said)],
    )
    incident = batch_format.BatchIncident(
        kind="incident",
        batch=BATCH,
        number=1,
        item=ITEM,
        incident="0f1e2d3c",
        work=BatchKind.FIRST,
        asked=[],
        address="https://example.org/gallery",
        site=1,
        warnings=[],
        warnings_of_site=[],
        found_on="",
        reports=[report],
        more_reports=False,
        history=[],
    )
    results = [
        batch_format.ResultsHead(kind="results", format=3, batch=BATCH, made_at=MADE_AT + timedelta(hours=2), count=1),
        batch_format.BatchResult.model_validate_json(
            json.dumps(
                {
                    "kind": "result",
                    "batch": str(BATCH),
                    "item": str(ITEM),
                    "seconds": 95,
                    "decision": {"verdict": "illegal", "severity": "C", "age_band": "11-13", "sex": "girls"},
                    "traces": [
                        {
                            "method": "dns",
                            "country": "NL",
                            "provider": "Example Hosting",
                            "ip": "192.0.2.7",
                            "contact": "abuse@example.net",
                            "contact_source": "rdap",
                            "at": "2026-11-25T10:10:00Z",
                        }
                    ],
                    "note": "Opens without a login.",
                }
            )
        ),
    ]
    to = sealing.PublicKey("", WorkstationKeys(SECRET, SECRET * 3).sealing_public)
    for name, lines, secret, reader, typ in (
        ("batch", [head, incident], HOTLINE, to, Typ.BATCH),
        ("results", results, SECRET, results_key, Typ.RESULTS),
    ):
        payloads = [line.as_bytes() for line in lines]
        shown = json.dumps([json.loads(each) for each in payloads], indent=2, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(f"{shown}\n", encoding="utf-8")
        sealed = [seal_line(each, secret=secret, to=reader, typ=typ) for each in payloads]
        (FOLDER / f"{name}.sealed").write_text("".join(f"{line}\n" for line in sealed), encoding="ascii")


if __name__ == "__main__":
    write_examples()
