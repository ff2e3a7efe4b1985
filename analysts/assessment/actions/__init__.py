"""Staff actions on incidents, one module per topic.

Each action checks permission, changes rows and writes its audit event in one transaction. It raises `Denied` with a
reason for the acting user, and `Late` if another user was faster or the claim has been lost.
"""

from analysts.assessment.actions.bulk import approve_closing as approve_closing
from analysts.assessment.actions.bulk import ask_approval as ask_approval
from analysts.assessment.actions.bulk import close_flood as close_flood
from analysts.assessment.actions.bulk import decline_closing as decline_closing
from analysts.assessment.actions.bulk import draw_sample as draw_sample
from analysts.assessment.actions.bulk import undo_flood as undo_flood
from analysts.assessment.actions.claims import claim as claim
from analysts.assessment.actions.claims import claim_next as claim_next
from analysts.assessment.actions.claims import expire_claims as expire_claims
from analysts.assessment.actions.claims import hand_over as hand_over
from analysts.assessment.actions.claims import leave_batch as leave_batch
from analysts.assessment.actions.claims import record_batch_exits as record_batch_exits
from analysts.assessment.actions.claims import release as release
from analysts.assessment.actions.claims import renew as renew
from analysts.assessment.actions.claims import shorten_danger_claims as shorten_danger_claims
from analysts.assessment.actions.claims import skip as skip
from analysts.assessment.actions.decisions import assess as assess
from analysts.assessment.actions.decisions import confirm_unchanged as confirm_unchanged
from analysts.assessment.actions.decisions import undo as undo
from analysts.assessment.actions.folding import fold_flood as fold_flood
from analysts.assessment.actions.folding import unfold_flood as unfold_flood
from analysts.assessment.actions.merging import compare_merged as compare_merged
from analysts.assessment.actions.merging import merge as merge
from analysts.assessment.actions.merging import split as split
from analysts.assessment.actions.outcomes import close as close
from analysts.assessment.actions.outcomes import reopen as reopen
from analysts.assessment.actions.outcomes import reopen_due as reopen_due
from analysts.assessment.actions.outcomes import return_to_queue as return_to_queue
from analysts.assessment.actions.questions import ask_reporter as ask_reporter
from analysts.assessment.actions.questions import read_answers as read_answers
