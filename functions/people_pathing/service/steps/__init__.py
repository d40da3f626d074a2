"""The steps of one job: each takes a task, does its work in the artifact bucket, and returns what it did.

The steps know nothing about Lambda. To run one on ECS or Batch, add an entry module that builds the task,
calls `composition.worker.compose_worker` and calls the step.
"""
