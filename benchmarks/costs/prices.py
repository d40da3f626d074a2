"""List prices of AWS in us-east-1, without free tiers, discounts and taxes, and of comparable services."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TAKEN = "2026-11-26"
"""The day on which these prices were compared with the copies of AWS's pages, and other pages, in public
archives. AWS's pages themselves could not be opened here."""


class Evidence(StrEnum):
    """Where a price was seen."""

    AWS = "a stored copy of the AWS page"
    OTHERS = "other pages that cite the AWS page"
    NOWHERE = "no page: it was not verified"


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one unit.

    Attributes:
        name: what is billed.
        dollars: the price of `per` units.
        per: number of units.
        unit: the unit.
        page: the page of AWS that states it.
        evidence: where it was seen.
    """

    name: str
    dollars: float
    per: float
    unit: str
    page: str
    evidence: Evidence

    def of(self, units: float) -> float:
        """Returns what so many units cost, in dollars."""
        return units * self.dollars / self.per


_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_S3 = "https://aws.amazon.com/s3/pricing/"
_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
MILLION = 1_000_000

LAMBDA_X86 = Price("Lambda, x86_64", 0.0000166667, 1, "GB-second", _LAMBDA, Evidence.OTHERS)
LAMBDA_ARM = Price("Lambda, arm64", 0.0000133334, 1, "GB-second", _LAMBDA, Evidence.OTHERS)
LAMBDA_REQUESTS = Price("Lambda, requests", 0.20, MILLION, "request", _LAMBDA, Evidence.OTHERS)
TRANSITIONS = Price(
    "Step Functions, standard",
    0.025,
    1000,
    "state transition",
    "https://aws.amazon.com/step-functions/pricing/",
    Evidence.AWS,
)
S3_WRITES = Price("S3, PUT, POST and LIST", 0.005, 1000, "request", _S3, Evidence.OTHERS)
S3_READS = Price("S3, GET and HEAD", 0.0004, 1000, "request", _S3, Evidence.OTHERS)
S3_STORAGE = Price("S3, standard storage", 0.023, 1, "GB-month", _S3, Evidence.OTHERS)
DYNAMODB_WRITES = Price("DynamoDB, writes", 0.625, MILLION, "write request unit", _DYNAMODB, Evidence.OTHERS)
DYNAMODB_READS = Price("DynamoDB, reads", 0.125, MILLION, "read request unit", _DYNAMODB, Evidence.OTHERS)
SNS = Price("SNS, notices", 0.50, MILLION, "request", "https://aws.amazon.com/sns/pricing/", Evidence.OTHERS)
LOGS = Price("CloudWatch, logs", 0.50, 1, "GB", _CLOUDWATCH, Evidence.OTHERS)
METRICS = Price("CloudWatch, metrics", 0.30, 1, "metric-month", _CLOUDWATCH, Evidence.OTHERS)
ALARMS = Price("CloudWatch, alarms", 0.10, 1, "alarm metric-month", _CLOUDWATCH, Evidence.OTHERS)
DASHBOARD = Price("CloudWatch, dashboard", 3.00, 1, "dashboard-month", _CLOUDWATCH, Evidence.OTHERS)
TRACES = Price("X-Ray, traces", 5.00, MILLION, "trace", "https://aws.amazon.com/xray/pricing/", Evidence.AWS)
IMAGES = Price(
    "ECR, the worker's image", 0.10, 1, "GB-month", "https://aws.amazon.com/ecr/pricing/", Evidence.NOWHERE
)

FARGATE_PROCESSORS = Price(
    "Fargate, x86_64", 0.04048, 1, "vCPU-hour", "https://aws.amazon.com/fargate/pricing/", Evidence.OTHERS
)
FARGATE_MEMORY = Price(
    "Fargate, memory", 0.004445, 1, "GB-hour", "https://aws.amazon.com/fargate/pricing/", Evidence.OTHERS
)

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

OTHER_SERVICES = (
    ("Google Video Intelligence, `PERSON_DETECTION` (ends on 2027-09-14)", 0.10),
    ("Amazon Rekognition, label detection in stored video", 0.10),
    ("Amazon Rekognition, people pathing (ended on 2025-10-31)", 0.10),
)
"""Services and their prices for a minute of video in dollars, after free minutes."""
