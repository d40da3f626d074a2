"""Checks the times that the code assumes against those that the template sets."""

from __future__ import annotations

from people_pathing.service.start_tokens import LEASE_MS, MAX_WAIT_MS, TOKEN_LIFE_MS
from tests.template.translated import deployed

RESOURCES = deployed()["Resources"]


def test_a_lease_outlives_the_function_that_holds_it() -> None:
    timeout_ms = RESOURCES["TrackingApi"]["Properties"]["Timeout"] * 1000

    assert MAX_WAIT_MS < timeout_ms < LEASE_MS


def test_no_valid_token_expires_from_the_bucket() -> None:
    rules = RESOURCES["ArtifactBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    ages = {rule.get("Prefix"): rule.get("ExpirationInDays") for rule in rules}

    assert ages["tokens/"] * 24 * 3600 * 1000 > TOKEN_LIFE_MS
