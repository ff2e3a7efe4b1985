"""The verbs: what staff do to an incident, one module a concern.

Each checks permission, changes rows and writes its audit event in one transaction.
All raise `Denied` with a reason for the person who asked, and `Late` where somebody else was faster or the claim has
been lost meanwhile.
"""

from analysts.actions.bulk import close_flood, undo_flood
from analysts.actions.claims import claim, claim_next, expire_claims, hand_over, release, renew, skip
from analysts.actions.decisions import assess, undo
from analysts.actions.holds import hold, release_hold
from analysts.actions.merging import merge, split
from analysts.actions.notes import note
from analysts.actions.outcomes import close, put_back, reopen
from analysts.actions.questions import ask, read_answers
from analysts.actions.resting import avoid, go_on, set_comfort, take_break
from analysts.actions.rows import Late
from analysts.actions.viewing import copy, reveal, unblank, view, view_keys, view_queue, view_welfare

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
