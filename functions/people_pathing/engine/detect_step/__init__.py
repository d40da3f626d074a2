"""The detect step for one segment: compare frames, decide which are searched, search them, and collect."""
