"""The result object of a job: how it is written, and how one page of it is read."""
