"""What `people-pathing erase` needs besides the two halves: whole videos, and people in results."""
