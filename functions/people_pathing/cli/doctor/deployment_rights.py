"""The actions that CloudFormation and SAM call with the caller's rights during a deployment."""

from __future__ import annotations

from collections.abc import Mapping

RIGHTS_OF_TYPES: Mapping[str, tuple[str, ...]] = {
    "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch:PutDashboard",),
    "AWS::DynamoDB::Table": (
        *("dynamodb:CreateTable", "dynamodb:DescribeTable", "dynamodb:UpdateTimeToLive"),
        "dynamodb:UpdateContinuousBackups",
    ),
    "AWS::Events::Rule": ("events:PutRule", "events:PutTargets", "events:DescribeRule"),
    "AWS::IAM::ManagedPolicy": ("iam:CreatePolicy", "iam:CreatePolicyVersion"),
    "AWS::IAM::Policy": ("iam:PutRolePolicy",),
    "AWS::IAM::Role": (
        *("iam:CreateRole", "iam:GetRole", "iam:PassRole", "iam:TagRole"),
        *("iam:PutRolePolicy", "iam:AttachRolePolicy"),
    ),
    "AWS::Lambda::Alias": ("lambda:CreateAlias", "lambda:UpdateAlias"),
    "AWS::Lambda::EventInvokeConfig": ("lambda:PutFunctionEventInvokeConfig",),
    "AWS::Lambda::Function": (
        *("lambda:CreateFunction", "lambda:GetFunction", "lambda:UpdateFunctionCode"),
        *("lambda:UpdateFunctionConfiguration", "lambda:PutFunctionRecursionConfig", "lambda:TagResource"),
    ),
    "AWS::Lambda::LayerVersion": ("lambda:PublishLayerVersion", "lambda:GetLayerVersion"),
    "AWS::Lambda::Permission": ("lambda:AddPermission",),
    "AWS::Lambda::Url": ("lambda:CreateFunctionUrlConfig",),
    "AWS::Lambda::Version": ("lambda:PublishVersion", "lambda:ListVersionsByFunction"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"),
    "AWS::S3::Bucket": (
        *("s3:CreateBucket", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration"),
        *("s3:PutBucketPublicAccessBlock", "s3:PutLifecycleConfiguration", "s3:PutBucketNotification"),
        *("s3:PutBucketTagging", "s3:PutBucketOwnershipControls"),
    ),
    "AWS::S3::BucketPolicy": ("s3:PutBucketPolicy",),
    "AWS::SNS::Subscription": ("sns:Subscribe",),
    "AWS::SNS::Topic": ("sns:CreateTopic", "sns:SetTopicAttributes", "sns:TagResource"),
    "AWS::SQS::Queue": ("sqs:CreateQueue", "sqs:GetQueueAttributes", "sqs:TagQueue"),
    "AWS::SQS::QueuePolicy": ("sqs:SetQueueAttributes",),
    "AWS::StepFunctions::StateMachine": (
        *("states:CreateStateMachine", "states:DescribeStateMachine", "states:TagResource"),
    ),
    "AWS::StepFunctions::StateMachineAlias": ("states:CreateStateMachineAlias",),
    "AWS::StepFunctions::StateMachineVersion": ("states:PublishStateMachineVersion",),
}
"""The actions that create each type of resource of the template's default deployment.

Their names are in the IAM Service Authorization Reference (as of parliament 1.6.4).
CloudFormation calls more.
"""

RIGHTS_OF_THE_CATALOG: Mapping[str, tuple[str, ...]] = {
    "AWS::Glue::Database": ("glue:CreateDatabase",),
    "AWS::Glue::Table": ("glue:CreateTable",),
}
"""The same for types that only the parameter CatalogTables adds."""

RIGHTS_OF_SAM = (
    *("cloudformation:CreateChangeSet", "cloudformation:DescribeChangeSet"),
    *("cloudformation:ExecuteChangeSet", "cloudformation:DescribeStacks"),
    *("cloudformation:DescribeStackEvents", "cloudformation:GetTemplateSummary"),
    *("s3:PutObject", "s3:GetObject", "ecr:CreateRepository", "ecr:GetAuthorizationToken"),
    *("ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"),
    *("ecr:CompleteLayerUpload", "ecr:PutImage"),
)
"""What `make image-repository` and `sam deploy` call themselves."""

BOUNDARY_ACTIONS = frozenset({"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"})
"""Actions that accounts often allow only for roles with a boundary (`iam:PermissionsBoundary`)."""
