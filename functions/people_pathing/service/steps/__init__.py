"""The steps of one job: each takes a task, does its work in the artifact bucket, and returns what it did.

The steps know nothing about Lambda. To run one on ECS or Batch, add a module to `service/handlers/`. It gets
the task as a command-line argument, calls `composition.worker.compose_worker`, and calls the step. It reports
the value in the form of `tasks.to_event`, or a failure by the exception's class name and text.
"""
