"""One model of the life of reports and incidents: it drives the real verbs against the real database.

`verbs` and `jobs` are tables of everything that changes a row, `invariants` of what must hold after each step, `clock`
of how time passes, and `machine` chooses among them (hypothesis). A new verb or job is one row; `test_discovery.py`
fails until it has one, or a reason in `NOT_YET`.
"""
