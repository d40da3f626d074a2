"""Fakes of the boto3 clients that the code uses. They pass the same tests as moto, see test_fake_*.py."""
