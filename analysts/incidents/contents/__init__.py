"""Opening sealed content, with a verb for each purpose: the seam where a separate process may open it later.

The first word of each name is the purpose. A test reads these names: no other module imports `opening`, and each caller
has content opened for one purpose. Content that reaches a person is counted, recorded and limited by `welfare.meter`.
"""

from analysts.incidents.contents import opening

# A list shows the masked address, by a key that opens masks only.
mask_row = opening.unseal_mask

# A page shows what was revealed.
reveal_address = opening.unseal_address
reveal_spellings = opening.unseal_spellings
reveal_envelopes = opening.unseal_all_envelopes
reveal_questions = opening.unseal_all_questions
reveal_note = opening.unseal_note
reveal_copy = opening.unseal_copy
reveal_reply = opening.unseal_reply
reveal_release = opening.unseal_release

# A rule compares addresses, and shows none.
compare_address = opening.unseal_address
compare_spellings = opening.unseal_spellings
compare_envelopes = opening.unseal_envelopes

# Reports and replies are taken in, and read again when rules change.
intake_payload = opening.unseal_payload
intake_envelopes = opening.unseal_envelopes
intake_address = opening.unseal_address
intake_spellings = opening.unseal_spellings
intake_reply = opening.unseal_reply

# A notice is written, and its redaction confirmed.
letter_address = opening.unseal_address
letter_copy = opening.unseal_copy
letter_copy_with_facts = opening.unseal_copy_with_facts

# A sentence of a report is compared with the report, and read by the recipient that it was released to.
release_envelopes = opening.unseal_envelopes
inbox_words = opening.unseal_release

# A recipient's account opens what was sent to it.
inbox_copy = opening.unseal_copy_with_facts

# Members fetch the URL list.
list_copy = opening.unseal_copy

# A batch for the isolated workstation.
batch_address = opening.unseal_address
batch_envelopes = opening.unseal_all_envelopes

# An export is written, and fetched in parts.
export_address = opening.unseal_address
export_part = opening.unseal_export_part

# The history of a former system is imported.
import_part = opening.unseal_history_part
import_address = opening.unseal_history_row

# The author's own draft.
draft_fields = opening.unseal_draft

# The record of a search.
search_secret = opening.derive_monthly_secret

# Content outlives its key.
reseal_content = opening.reseal
reseal_mask = opening.reseal_mask

# Invented content is copied.
demonstrate_address = opening.unseal_address
demonstrate_spellings = opening.unseal_spellings
demonstrate_payload = opening.unseal_payload
demonstrate_copy = opening.unseal_copy
demonstrate_reply = opening.unseal_reply
