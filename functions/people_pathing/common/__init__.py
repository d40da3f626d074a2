"""Conventions that the pipeline, the service and the engine share. Knows no other package of this project."""
