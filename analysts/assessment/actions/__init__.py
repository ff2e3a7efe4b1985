"""Staff actions on incidents, one module per topic.

Each action checks permission, changes rows and writes its audit event in one transaction. It raises `Denied` with a
reason for the acting user, and `Late` if another user was faster or the claim has been lost.
"""

from analysts.assessment.actions.bulk import (
    approve_closing,
    ask_approval,
    close_flood,
    decline_closing,
    draw_sample,
    undo_flood,
)
from analysts.assessment.actions.claims import (
    claim,
    claim_next,
    expire_claims,
    hand_over,
    leave_batch,
    release,
    renew,
    skip,
)
from analysts.assessment.actions.decisions import assess, confirm_unchanged, undo
from analysts.assessment.actions.folding import fold_flood, unfold_flood
from analysts.assessment.actions.merging import merge, split
from analysts.assessment.actions.outcomes import close, reopen, reopen_due, return_to_queue
from analysts.assessment.actions.questions import ask_reporter, read_answers

__all__ = [
    "approve_closing",
    "ask_approval",
    "ask_reporter",
    "assess",
    "claim",
    "claim_next",
    "close",
    "close_flood",
    "confirm_unchanged",
    "decline_closing",
    "draw_sample",
    "expire_claims",
    "fold_flood",
    "hand_over",
    "leave_batch",
    "merge",
    "read_answers",
    "release",
    "renew",
    "reopen",
    "reopen_due",
    "return_to_queue",
    "skip",
    "split",
    "undo",
    "undo_flood",
    "unfold_flood",
]
