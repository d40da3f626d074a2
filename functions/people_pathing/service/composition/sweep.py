"""Composes the sweep: the job store, the executions and the publisher of completion notices."""

from __future__ import annotations

import os
from functools import cache

import boto3

from people_pathing.service.composition.finish import CLIENT_CONFIG, compose_publisher
from people_pathing.service.executions import Executions
from people_pathing.service.job_store import JobStore
from people_pathing.service.settings import SweepSettings
from people_pathing.service.sweep import Sweep


@cache
def compose_sweep() -> Sweep:
    """Returns the sweep."""
    settings = SweepSettings.from_environment(os.environ)
    session = boto3.Session()
    return Sweep(
        JobStore(session.client("dynamodb", config=CLIENT_CONFIG), settings.job_store_table),
        Executions(session.client("stepfunctions", config=CLIENT_CONFIG), settings.state_machine_arn),
        compose_publisher(session),
    )
