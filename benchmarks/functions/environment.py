"""The environment variables of the functions, for functions that call no network."""

ACCOUNT = "123456789012"
TOPIC_ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:completion"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/completion"

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
    "POWERTOOLS_METRICS_NAMESPACE": "benchmark",
    # The pipeline.
    "JOB_TABLE": "jobs",
    "RESULTS_BUCKET": "results",
    "COMPLETION_TOPIC_ARN": TOPIC_ARN,
    "COMPLETION_ROLE_ARN": ROLE_ARN,
    "STACK_ID": f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/benchmark/1",
    "RECORDER_TIME_ZONE": "UTC",
    "RECORDED_AT_PATTERN": "default",
    "SIGNING_NAME": "lambda",
    "AWS_ENDPOINT_URL_REKOGNITION": "https://benchmark.lambda-url.us-east-1.on.aws",
    # The service.
    "ARTIFACT_BUCKET": "artifacts",
    "JOB_STORE_TABLE": "job-store",
    "STATE_MACHINE_ARN": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:track",
    "MAX_CONCURRENT_JOBS": "20",
    "VIDEO_BUCKETS": "videos",
    "NOTIFICATION_ROLE_ARNS": ROLE_ARN,
    "SERVICE_ROLE_ARNS": ROLE_ARN,
}
"""What template.yaml sets for the functions, for those that are measured."""
