"""Whose an id of the audit log is: an auditor asks with a reason, and a second person decides."""
