"""Measures what each step of a job takes, and calculates how long videos take on AWS Lambda."""
