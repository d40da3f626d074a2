"""Runs Lambda functions as plain processes, with AWS's own runtime client `awslambdaric`."""
