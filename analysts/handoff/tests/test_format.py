"""The published format: the schema is up to date, and the examples in the guide are valid."""

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pydantic import TypeAdapter, ValidationError

from analysts.handoff import answers, signing
from analysts.handoff.format import (
    MOST_ITEMS,
    AnswersHead,
    ExportHead,
    HandoffAnswer,
    HandoffQuestion,
    LinePayload,
    build_json_schema,
)
from analysts.handoff.signing import BadSignature, NoLine, Typ
from analysts.models import Workstation

DOCS = Path(settings.BASE_DIR) / "docs"
PAGE = (DOCS / "guides" / "handoff.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
# The published secret key of the examples.
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def test_published_schema_is_of_what_is_read_and_written() -> None:
    published = (DOCS / "reference" / "handoff.schema.json").read_text(encoding="utf-8")
    assert published == build_json_schema(), (
        "Regenerate it: manage.py shell -c 'from analysts.handoff.format import build_json_schema; "
        'open("docs/reference/handoff.schema.json", "w").write(build_json_schema())\''
    )


@pytest.mark.parametrize("number", range(4))
def test_example_is_what_the_product_reads_and_writes(number: int) -> None:
    models: list[type[LinePayload]] = [ExportHead, HandoffQuestion, AnswersHead, HandoffAnswer]
    example, model = EXAMPLES[number], models[number]
    read = model.model_validate_json(json.dumps(example))
    assert json.loads(read.as_bytes()) == example


def test_signed_example_is_what_the_product_signs() -> None:
    [line] = re.findall(r"^    (ey\S+)$", PAGE, re.MULTILINE)
    question = HandoffQuestion.model_validate_json(json.dumps(EXAMPLES[1]))
    assert signing.sign_line(question.as_bytes(), secret=SECRET, typ=Typ.EXPORT) == line
    public = signing.public_half(SECRET)
    assert signing.open_line(line, public=public, typ=Typ.EXPORT).payload == question.as_bytes()
    assert SECRET.hex() in PAGE
    assert signing.as_text(public) in PAGE
    assert f"at most {MOST_ITEMS} questions or answers" in " ".join(PAGE.split())


def test_example_is_signed_as_any_other_tool_would(open_keys: Path) -> None:
    """Verify the example with the workstation tool, which shares no code with the application."""
    from workstation.signed_lines import open_signed  # noqa: PLC0415 - beside the test that needs it

    [line] = re.findall(r"^    (ey\S+)$", PAGE, re.MULTILINE)
    assert open_signed(line, signing.public_half(SECRET), Typ.EXPORT) == EXAMPLES[1]


def test_every_line_says_what_it_is() -> None:
    lines: TypeAdapter[Any] = TypeAdapter(ExportHead | HandoffQuestion | AnswersHead | HandoffAnswer)
    for example in EXAMPLES:
        unnamed = {name: value for name, value in example.items() if name != "kind"}
        with pytest.raises(ValidationError):
            lines.validate_json(json.dumps(unnamed))


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "A" * 44, "ü" * 44, "AA==" * 11])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no base64|not 32 bytes"):
        signing.from_text(text)


def test_public_key_is_read_as_it_is_shown() -> None:
    public = signing.public_half(SECRET)
    shown = signing.as_text(public)
    assert signing.from_text(f" {shown[:20]} {shown[20:]}\n") == public


def test_signature_of_one_kind_of_file_is_none_of_the_other() -> None:
    line = signing.sign_line(b"{}", secret=SECRET, typ=Typ.EXPORT)
    with pytest.raises(NoLine):
        signing.open_line(line, public=signing.public_half(SECRET), typ=Typ.ANSWERS)
    with pytest.raises(BadSignature):
        signing.open_line(line, public=signing.public_half(bytes(32)), typ=Typ.EXPORT)


def test_no_harm_done_to_a_line_is_more_than_a_refusal() -> None:
    """Change, remove and insert random bytes: each line is either the signed answer or refused with a reason."""
    chance = random.Random(11)
    known = {signing.public_key_id(signing.public_half(SECRET)): Workstation(public_key=signing.public_half(SECRET))}
    whole = signing.sign_line(json.dumps(EXAMPLES[3]).encode(), secret=SECRET, typ=Typ.ANSWERS).encode()
    reasons = Counter[str]()
    for _ in range(3000):
        line = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(line))
            match chance.randrange(3):
                case 0:
                    line[at] = chance.choice(b"ABCxyz019-_.=+/ \0\xff")
                case 1:
                    del line[at : at + chance.randrange(1, 60)]
                case _:
                    line[at:at] = chance.choice([b".", b"=", b"A", b"\0", b"{}", b"e30"])
        for read in answers.read_answers(bytes(line), known):
            assert (read.said is None) == bool(read.reason)
            if read.said is not None:
                assert read.said == HandoffAnswer.model_validate_json(json.dumps(EXAMPLES[3]))
            reasons[read.reason] += 1
    assert reasons[""] < 60
    assert sum(reasons.values()) >= 3000
