"""Deploys the untouched template on one machine: no AWS account, no Docker. Not part of the wheel."""
