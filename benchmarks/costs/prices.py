"""List prices of AWS in us-east-1, without free tiers, discounts and taxes, and of comparable services."""

from __future__ import annotations

from dataclasses import dataclass

TAKEN = "2026-11-27"
"""The day on which these prices were compared with copies of pages in public archives. AWS's own pages could
not be opened here, and most prices were only seen on pages of others, which cite AWS."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one unit.

    Attributes:
        name: what is billed.
        dollars: the price of `per` units.
        per: number of units.
        unit: the unit.
        page: the page of AWS that states it.
        seen: the sites on which it was seen, with the dates of their pages.
    """

    name: str
    dollars: float
    per: float
    unit: str
    page: str
    seen: str

    def of(self, units: float) -> float:
        """Returns what so many units cost, in dollars."""
        return units * self.dollars / self.per


_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_S3 = "https://aws.amazon.com/s3/pricing/"
_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_COPY = "a copy of the AWS page (undated)"
_OF_LAMBDA = "cloudchipr.com (2024), git.mcrn.ar (May 2026)"
_OF_S3 = "devnotes.tech (undated)"
_OF_DYNAMODB = "airbyte.com (July 2025)"
_OF_CLOUDWATCH = "factualminds.com (June 2026)"
_OF_FARGATE = "wring.co (March 2026), vantage.sh (undated)"
MILLION = 1_000_000

LAMBDA_X86 = Price("Lambda, x86_64", 0.0000166667, 1, "GB-second", _LAMBDA, _OF_LAMBDA)
LAMBDA_ARM = Price("Lambda, arm64", 0.0000133334, 1, "GB-second", _LAMBDA, _OF_LAMBDA)
LAMBDA_REQUESTS = Price("Lambda, requests", 0.20, MILLION, "request", _LAMBDA, _OF_LAMBDA)
TRANSITIONS = Price(
    "Step Functions, standard",
    0.025,
    1000,
    "state transition",
    "https://aws.amazon.com/step-functions/pricing/",
    _COPY,
)
S3_WRITES = Price("S3, PUT, POST and LIST", 0.005, 1000, "request", _S3, _OF_S3)
S3_READS = Price("S3, GET and HEAD", 0.0004, 1000, "request", _S3, _OF_S3)
S3_STORAGE = Price("S3, standard storage", 0.023, 1, "GB-month", _S3, _OF_S3)
DYNAMODB_WRITES = Price("DynamoDB, writes", 0.625, MILLION, "write request unit", _DYNAMODB, _OF_DYNAMODB)
DYNAMODB_READS = Price("DynamoDB, reads", 0.125, MILLION, "read request unit", _DYNAMODB, _OF_DYNAMODB)
SNS = Price("SNS, notices", 0.50, MILLION, "request", "https://aws.amazon.com/sns/pricing/", _OF_CLOUDWATCH)
LOGS = Price("CloudWatch, logs", 0.50, 1, "GB", _CLOUDWATCH, _OF_CLOUDWATCH)
METRICS = Price("CloudWatch, metrics", 0.30, 1, "metric-month", _CLOUDWATCH, "signoz.io (February 2026)")
ALARMS = Price("CloudWatch, alarms", 0.10, 1, "alarm metric-month", _CLOUDWATCH, "c3x.dev (undated)")
DASHBOARD = Price("CloudWatch, dashboard", 3.00, 1, "dashboard-month", _CLOUDWATCH, _OF_CLOUDWATCH)
TRACES = Price("X-Ray, traces", 5.00, MILLION, "trace", "https://aws.amazon.com/xray/pricing/", _COPY)
IMAGES = Price(
    "ECR, the worker's image",
    0.10,
    1,
    "GB-month",
    "https://aws.amazon.com/ecr/pricing/",
    "cloudburn.io and wring.co (March 2026)",
)

FARGATE_PROCESSORS = Price(
    "Fargate, x86_64", 0.04048, 1, "vCPU-hour", "https://aws.amazon.com/fargate/pricing/", _OF_FARGATE
)
FARGATE_MEMORY = Price(
    "Fargate, memory", 0.004445, 1, "GB-hour", "https://aws.amazon.com/fargate/pricing/", _OF_FARGATE
)

FREE_A_MONTH = {
    LAMBDA_ARM: 400_000,
    LAMBDA_REQUESTS: MILLION,
    LOGS: 5,
    METRICS: 10,
    ALARMS: 10,
    DASHBOARD: 3,
    TRACES: 100_000,
}
"""What an account has each month without charge, for all its stacks together. Sources: the pages of Lambda,
CloudWatch and X-Ray."""

PRICES = (
    LAMBDA_X86,
    LAMBDA_ARM,
    LAMBDA_REQUESTS,
    TRANSITIONS,
    S3_WRITES,
    S3_READS,
    S3_STORAGE,
    DYNAMODB_WRITES,
    DYNAMODB_READS,
    SNS,
    LOGS,
    METRICS,
    ALARMS,
    DASHBOARD,
    TRACES,
    IMAGES,
    FARGATE_PROCESSORS,
    FARGATE_MEMORY,
)

NOT_SEEN = "not verified"
OTHER_SERVICES = (
    (
        "Google Video Intelligence, `PERSON_DETECTION` (ends on 2027-09-14)",
        0.10,
        "Google's own page (undated)",
    ),
    ("Amazon Rekognition, label detection in stored video", 0.10, NOT_SEEN),
    ("Amazon Rekognition, people pathing (ended on 2025-10-31)", 0.10, NOT_SEEN),
)
"""Services, their prices for a minute of video in dollars, after free minutes, and where these were seen."""
