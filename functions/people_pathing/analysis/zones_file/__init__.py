"""zones.json: what is counted, and how."""
