"""The overview: one HTML page about many videos."""
