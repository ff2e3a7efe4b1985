"""Links of notices for tests, as staff make them."""

from datetime import date

from reports import keys, notice_links, sealing
from reports.models import NoticeAnswer, NoticeLink
from reports.notices import Answerer

SECRET = bytes(range(16))
REFERENCE = "RP-7K2M-XQ4D"
HOST = "host[.]example"


def link(
    secret: bytes = SECRET,
    *,
    host: str = HOST,
    expires_on: date = date(2999, 1, 1),
    numbers: str = "",
    answerer: Answerer = Answerer.HOST,
) -> NoticeLink:
    credentials = notice_links.derive_link_credentials(secret)
    sealed = sealing.seal_json(
        {"reference": REFERENCE, "host": host, "language": "en", "numbers": numbers, "answerer": answerer},
        to=credentials.key.public(),
        info=notice_links.link_info(credentials.link_id),
    )
    return NoticeLink.objects.create(id=credentials.link_id, expires_on=expires_on, sealed=sealed)


def path(secret: bytes = SECRET, *, language: str = "en") -> str:
    return f"/notice/{language}/{notice_links.encode_secret(secret)}/"


def answers(row: NoticeLink) -> list[dict[str, sealing.JSON]]:
    """The replies through the link, as the staff side opens them."""
    return sorted((_opened(each) for each in NoticeAnswer.objects.filter(link=row)), key=str)


def _opened(answer: NoticeAnswer) -> dict[str, sealing.JSON]:
    info = notice_links.answer_info(answer.link_id)
    return sealing.unseal_json(bytes(answer.sealed), by=keys.private_key(answer.key_id), info=info)
