"""What `people-pathing annotate` needs besides the library."""
