"""The videos of jobs: objects in S3 that callers name, and that the worker reads."""
