"""The API, `/api/v1`: JSON in, JSON out, one shape of error; and the machine's own questions (health, metrics)."""
