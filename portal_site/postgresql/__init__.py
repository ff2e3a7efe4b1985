"""Django's own backend for PostgreSQL, without one question to the server at the start of every request."""
