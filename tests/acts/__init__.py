"""Every action of the staff surface as one of the staff does it: one row each, in the module of its area.

A row has the route, the event that it records, the role, the steps before it, and the form as it is filled in. Tests of
the audit log, of costs and of recorded values do all rows (`tests.acts.table`); proofs send their forms.
"""
