"""Django with its own auth, sessions in the database and ATOMIC_REQUESTS."""
