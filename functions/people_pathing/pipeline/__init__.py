"""The pipeline: starts one tracking job per uploaded video version, and stores the results of every job."""
