"""Faces of detected people: where they are, which way the head is turned, and how clear they are."""
