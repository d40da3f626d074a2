"""The two operations of the API, without Lambda and without the wire."""
