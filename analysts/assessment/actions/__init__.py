"""The verbs of the desk: what staff do to an incident, one module a concern.

Each checks permission, changes rows and writes its audit event in one transaction.
All raise `Denied` with a reason for the person who asked, and `Late` where somebody else was faster or the claim has
been lost meanwhile.
"""

from analysts.assessment.actions.bulk import close_flood, undo_flood
from analysts.assessment.actions.claims import (
    claim,
    claim_next,
    expire_claims,
    hand_over,
    release,
    renew,
    skip,
)
from analysts.assessment.actions.decisions import assess, undo
from analysts.assessment.actions.merging import merge, split
from analysts.assessment.actions.outcomes import close, reopen, return_to_queue
from analysts.assessment.actions.questions import ask_reporter, read_answers

__all__ = [
    "ask_reporter",
    "assess",
    "claim",
    "claim_next",
    "close",
    "close_flood",
    "expire_claims",
    "hand_over",
    "merge",
    "read_answers",
    "release",
    "renew",
    "reopen",
    "return_to_queue",
    "skip",
    "split",
    "undo",
    "undo_flood",
]
