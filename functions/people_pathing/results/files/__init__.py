"""The result files, one module each. A new module here is a new result file."""
