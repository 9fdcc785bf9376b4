"""A night of a cloud account: keys that were taken."""

from benchmarks.accuracy.night.made import Night, record


def _trail(
    night: Night,
    minute: float,
    name: str,
    user: str,
    address: str,
    *,
    error: str = "",
    story: str = "",
    **more: object,
) -> None:
    source = name.split(":")
    record(
        night, minute,
        {
            "eventVersion": "1.08", "eventSource": f"{source[0]}.amazonaws.com", "eventName": source[1], "awsRegion": "eu-central-1",
            "sourceIPAddress": address, "userAgent": "aws-cli/2.15.0",
            "userIdentity": {"type": "IAMUser", "userName": user, "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLE0000"},
            "eventType": "AwsApiCall", "readOnly": source[1].startswith(("Get", "List", "Describe")),
            **({"errorCode": error, "errorMessage": "not authorized"} if error else {}), **more,
        },
        "eventTime", story,
    )  # fmt: skip


def cloud_keys(night: Night) -> None:
    """A key of a build server, used from elsewhere; beside it the build itself, an auditor who lists, an admin's new user."""
    night.ending, dice = "jsonl", night.dice
    for n in range(0, 480, 4):
        _trail(
            night,
            n,
            dice.choice(
                ("s3:PutObject", "s3:GetObject", "ecr:GetAuthorizationToken", "sts:GetCallerIdentity")
            ),
            "ci-deploy",
            "192.0.2.10",
        )
        _trail(
            night,
            n + 1,
            dice.choice(("ec2:DescribeInstances", "cloudwatch:GetMetricData")),
            "monitoring",
            "192.0.2.11",
        )
    for n in range(30):
        _trail(
            night,
            40 + n / 3,
            dice.choice(("iam:ListUsers", "iam:GetAccountSummary", "s3:ListBuckets", "iam:ListPolicies")),
            "auditor",
            "192.0.2.12",
        )
    _trail(night, 70, "iam:CreateUser", "mia", "192.0.2.13", requestParameters={"userName": "new-colleague"})
    _trail(night, 71, "ec2:StopInstances", "mia", "192.0.2.13", error="Client.UnauthorizedOperation")
    bad, minute = "203.0.113.140", 230.0
    steps = [("sts:GetCallerIdentity", ""), ("iam:ListUsers", "AccessDenied"), ("iam:ListAttachedUserPolicies", "AccessDenied"),
             ("s3:ListBuckets", ""), ("ec2:DescribeInstances", "Client.UnauthorizedOperation"), ("secretsmanager:ListSecrets", "AccessDenied"),
             ("iam:CreateUser", ""), ("iam:AttachUserPolicy", ""), ("iam:CreateAccessKey", ""), ("cloudtrail:StopLogging", ""),
             ("s3:GetObject", ""), ("s3:GetObject", ""), ("s3:GetObject", "")]  # fmt: skip
    for n, (name, error) in enumerate(steps):
        what = (
            {"userName": "svc-helper", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
            if name.startswith("iam:")
            else {}
        )
        _trail(night, minute + n, name, "ci-deploy", bad, error=error, story="keys", requestParameters=what)
