"""Staff: roles, sign-in, sessions, delays after failed sign-ins, approvals by a second person."""
