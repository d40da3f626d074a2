"""Data files that make boto3 and the AWS CLI send the two operations to a stack, and all others to AWS."""
