"""The secret link in a notice. The secret follows from the notice's id by a key of staff's, and is stored nowhere."""

import hmac
import uuid
from datetime import datetime, timedelta

from django.conf import settings

from reports import keys, notice_links, sealing
from reports.models import NoticeLink


def secret_of(notice_id: uuid.UUID) -> bytes:
    """16 bytes. Whoever has a copy of the database has none of them."""
    return hmac.digest(keys.fingerprint_key(), b"notice link\0" + notice_id.bytes, "sha256")[:16]


def make(*, notice_id: uuid.UUID, reference: str, host_text: str, language: str, now: datetime) -> NoticeLink:
    """The row by which the public surface knows the link: what its page shows, to the key that only the secret opens.

    `host_text`: defanged. `language`: the one the page opens in.
    """
    credentials = notice_links.credentials(secret_of(notice_id))
    shown: dict[str, sealing.JSON] = {"reference": reference, "host": host_text, "language": language}
    sealed = sealing.seal(shown, to=credentials.key.public(), info=notice_links.link_info(credentials.link_id))
    expires_on = (now + timedelta(days=settings.NOTICE_LINK_DAYS)).date()
    return NoticeLink.objects.create(id=credentials.link_id, expires_on=expires_on, sealed=sealed)
