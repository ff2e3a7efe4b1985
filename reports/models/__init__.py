"""The tables of everything the public sends and gets back. Nothing here knows of staff.

Ids are random (or derived from a random code), never serial: the order of rows must not reveal the order of arrival.
"""

from reports.models.envelopes import (
    LANGUAGE_TAG,
    LARGEST_SUBMISSION,
    Arrival,
    Message,
    Receipt,
    Submission,
    SubmissionKind,
)
from reports.models.fields import (
    DIGEST_BYTES,
    WholeHour,
    WholeMinute,
    at_most_bytes,
    erased_with_digest,
    the_hour,
    the_minute,
)
from reports.models.keys import KeyClass, KeyState, SealingKey, SealingKeyQuerySet
from reports.models.notices import LARGEST_REPLY, NoticeAnswer, NoticeLink
from reports.models.sources import SourceDay, SourceItem, SourceRequest
