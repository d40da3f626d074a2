"""Measures the Lambda functions: their start, what they add to AWS calls, and how fast results move."""
