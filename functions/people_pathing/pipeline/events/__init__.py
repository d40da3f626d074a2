"""The events that the pipeline's functions receive: what they say, in whatever envelope they arrive."""
