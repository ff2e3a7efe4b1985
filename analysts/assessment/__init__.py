"""Assessment: intake, queue, claims, verdicts, second review, merging, floods, questions, publishing."""
