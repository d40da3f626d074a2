"""What `people-pathing track` does beside calling the engine."""
