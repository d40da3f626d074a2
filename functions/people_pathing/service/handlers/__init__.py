"""Lambda entry points. Each parses its event, calls one function and returns its value.

An entry point for ECS or Batch belongs here, too. It gets its task as an argument, see `service.steps`.
"""
