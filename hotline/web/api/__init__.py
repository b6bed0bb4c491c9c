"""The API, `/api/v1`: JSON in, JSON out, one shape of error; and the endpoints of health and metrics."""
