"""What the commands that count read."""
