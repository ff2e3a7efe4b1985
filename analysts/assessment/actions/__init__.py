"""The verbs: what staff do to an incident, one module a concern.

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
from analysts.assessment.actions.outcomes import close, put_back, reopen
from analysts.assessment.actions.questions import ask, read_answers
from analysts.incidents.actions import note
from analysts.incidents.locking import Late
from analysts.retention.actions import hold, release_hold
from analysts.welfare.actions import avoid, go_on, set_comfort, take_break
from analysts.welfare.viewing import copy, reveal, unblank, view, view_keys, view_queue, view_welfare

__all__ = [
    "Late",
    "ask",
    "assess",
    "avoid",
    "claim",
    "claim_next",
    "close",
    "close_flood",
    "copy",
    "expire_claims",
    "go_on",
    "hand_over",
    "hold",
    "merge",
    "note",
    "put_back",
    "read_answers",
    "release",
    "release_hold",
    "renew",
    "reopen",
    "reveal",
    "set_comfort",
    "skip",
    "split",
    "take_break",
    "unblank",
    "undo",
    "undo_flood",
    "view",
    "view_keys",
    "view_queue",
    "view_welfare",
]
