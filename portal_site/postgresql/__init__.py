"""Django's own backend for PostgreSQL, without a query to the server at the start of every request."""
