"""The rules that must hold after the quiet time, when nothing has gone wrong for a while."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.simulation import code_under_test
from tests.simulation.actors import Actors, Upload
from tests.simulation.code_under_test import Erasure
from tests.simulation.deployment import Deployment
from tests.simulation.engine import Content
from tests.simulation.history import OPEN_STATES, History
from tests.simulation.scenario import STACK_UPDATES, Happening

CALLS_PER_UPLOAD = 200
CALLS_PER_JOB = 120
CALLS_PER_REQUEST = 20
CALLS_PER_MINUTE = 60
"""For each upload and job: the functions that the schedule invokes look after all of them."""

MAX_DELIVERIES = 2
"""The schedule's two events may be on their way at any moment."""

MISMATCH = "IdempotentParameterMismatch"
REASON_OF_STOP = {
    "ABORTED": "The job was stopped before it ended",
    "TIMED_OUT": "The job took longer than a day",
}
STATUS_OF_NOTICE = {"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED", "ERROR": "FAILED"}
TOMBSTONE = frozenset({"video_id", "format", "revision", "ttl"})

Results = Mapping[str, bytes]
Expected = Callable[[Content], Results]
"""Returns the result files of an undisturbed run, see `results_of`."""


def check_end(deployment: Deployment, actors: Actors, history: History, expected: Expected) -> None:
    """Checks a schedule after its quiet time. Violations are added to the history."""
    records = {record["video_id"]: record for record in deployment.job_records()}
    for upload in actors.uploads:
        record = records.get(upload.video_id)
        if upload.erasure is Erasure.DONE:
            _check_erased(upload, record, deployment, history)
        elif upload.erasure is Erasure.NOT_BEGUN:
            _check_upload(upload, record, deployment, actors, history, expected)
    _check_rest(deployment, actors, history)
    _check_slots(deployment, history)
    _check_accepted(deployment, history)
    _check_notices(deployment, actors, history)
    _check_metrics(deployment, history)
    _check_calls(deployment, actors, history)


def is_settled(deployment: Deployment, actors: Actors) -> bool:
    """Tells whether nothing is left to do, so that the rules can be checked."""
    if deployment.functions.deliveries > MAX_DELIVERIES or deployment.functions.failed_events:
        return False
    if any(one.status == "RUNNING" for one in deployment.runs.executions.by_name.values()):
        return False
    if deployment.slots():
        return False
    if code_under_test.owed_notices(deployment.tables):
        return False
    records = {record["video_id"]: record for record in deployment.job_records()}
    return all(
        upload.erasure is Erasure.DONE
        or records.get(upload.video_id, {}).get("state") in ("SUCCEEDED", "FAILED")
        for upload in actors.uploads
    )


def results_of(upload: Upload, record: Mapping[str, Any], deployment: Deployment) -> Results:
    """Returns the result files of an upload by name, without what identifies the upload and its time."""
    bucket, prefix = deployment.buckets["results"], str(record["results_prefix"])
    uploaded_at = datetime.fromtimestamp(int(record["uploaded_ms"]) / 1000, UTC).isoformat(
        timespec="milliseconds"
    )
    identity = {
        record.get("job_id"): "JOB",
        upload.version: "VERSION",
        upload.key: "KEY",
        uploaded_at.replace("+00:00", "Z"): "UPLOADED",
    }
    files = {}
    for key in bucket.keys(prefix):
        found = bucket.current(key)
        data = found.data if found and found.data else b""
        for value, name in identity.items():
            if key.endswith("job.json") and value:
                data = data.replace(str(value).encode(), name.encode())
        if key.endswith("job.json"):
            data = re.sub(rb'"tracked_at": "[0-9T:-]+Z"', b'"tracked_at": "TIME"', data)
        files[key.removeprefix(prefix)] = data
    return files


def _check_upload(
    upload: Upload,
    record: Mapping[str, Any] | None,
    deployment: Deployment,
    actors: Actors,
    history: History,
    expected: Expected,
) -> None:
    happenings = {happening for happening, _ in actors.scenario.happenings}
    if record is None or record.get("state") in OPEN_STATES:
        state = record["state"] if record else "not recorded"
        reason = str((record or {}).get("reason"))
        is_claimed = Happening.TOKEN_ATTACK in happenings and MISMATCH in reason
        rule = "no caller interferes" if is_claimed else "every upload ends"
        history.broken(rule, f"{upload.key} is {state}: {reason}")
        return
    if record["state"] == "SUCCEEDED":
        _check_results(upload, record, deployment, history, expected)
        return
    reason, true_reasons = str(record.get("reason")), _true_reasons(upload, record, actors)
    is_mismatch = Happening.TOKEN_ATTACK in happenings and MISMATCH in reason
    if is_mismatch or (record.get("job_id") and not _is_own_job(record, history)):
        history.broken("no caller interferes", f"{upload.key} failed: {reason}")
    elif any(true_reason in reason for true_reason in true_reasons):
        return
    elif true_reasons:
        history.broken("a failure has its true reason", f"{upload.key} failed: {reason}")
    elif STACK_UPDATES & happenings:
        history.broken("our configuration is not the video's failure", f"{upload.key} failed: {reason}")
    else:
        history.broken("no transient error is final", f"{upload.key} failed: {reason}")


def _true_reasons(upload: Upload, record: Mapping[str, Any], actors: Actors) -> list[str]:
    """Returns why a job may fail. If there are several reasons, the one that is found first counts."""
    reasons = [REASON_OF_STOP[status] for status in actors.stops.get(str(record.get("job_id")), ())]
    if upload.content.is_broken:
        reasons.append(f"s3://videos/{upload.key} is not a video")
    if upload.content.is_too_large:
        reasons.append("The service failed to process the video")
    if upload.is_deleted:
        reasons.append("the object was deleted before its job started")
    return reasons


def _is_own_job(record: Mapping[str, Any], history: History) -> bool:
    callers = history.callers.get(str(record.get("job_id")), set())
    return bool(callers & set(code_under_test.PIPELINE_ROLES))


def _check_results(
    upload: Upload,
    record: Mapping[str, Any],
    deployment: Deployment,
    history: History,
    expected: Expected,
) -> None:
    if not _is_own_job(record, history):
        history.broken("no caller interferes", f"{upload.key} has the results of another caller's job")
        return
    if upload.content.is_broken or upload.content.is_too_large:
        history.broken("results are identical", f"{upload.key} succeeded, but cannot be tracked")
        return
    results, wanted = results_of(upload, record, deployment), expected(upload.content)
    if results != wanted:
        differing = sorted(name for name in wanted if results.get(name) != wanted[name])
        history.broken("results are identical", f"{upload.key} differs in {', '.join(differing)}")


def _check_erased(
    upload: Upload, record: Mapping[str, Any] | None, deployment: Deployment, history: History
) -> None:
    left = []
    if record is not None and not set(record) <= TOMBSTONE:
        left.append(f"the record ({record.get('state')})")
    results, artifacts = deployment.buckets["results"], deployment.buckets["artifacts"]
    prefixes = (f"{upload.key}/{upload.version}/", f".people-pathing/collecting/{upload.video_id}/")
    left += [key for key in results.versions if key.startswith(prefixes)]
    about = {
        job_id
        for job_id, request in history.requests.items()
        if request["Video"]["S3Object"].get("Name") == upload.key
    }
    left += [key for key in artifacts.versions if key.startswith("jobs/") and key.split("/")[1] in about]
    left += code_under_test.jobs_about("videos", upload.key, deployment.tables)
    if left:
        history.broken("erased stays erased", f"{upload.key}: {', '.join(sorted(left))[:200]}")


def _check_rest(deployment: Deployment, actors: Actors, history: History) -> None:
    functions = deployment.functions
    if functions.deliveries > MAX_DELIVERIES or functions.failed_events:
        history.broken("nothing is left to do", f"{functions.deliveries} events are being delivered")
    owed = code_under_test.owed_notices(deployment.tables)
    if owed and not _channel_is_gone(actors):
        history.broken("nothing is left to do", f"{len(owed)} jobs owe a notice")
    for upload in actors.uploads:
        if upload.erasure is Erasure.BEGUN:
            history.broken("nothing is left to do", f"erasing {upload.key} does not end")


def _channel_is_gone(actors: Actors) -> bool:
    happenings = {happening for happening, _ in actors.scenario.happenings}
    return bool(happenings & {Happening.NEW_ROLE, Happening.NEW_TOPIC})


def _check_slots(deployment: Deployment, history: History) -> None:
    for job_id in sorted(history.slots):
        execution = deployment.runs.executions.by_name.get(job_id)
        status = execution.status if execution else "never started"
        history.broken("slots come back in two minutes", f"a slot is taken after the end: {status}")


def _check_accepted(deployment: Deployment, history: History) -> None:
    accepted = {job_id for job_ids in history.starts.values() for job_id in job_ids}
    for job_id in sorted(accepted - deployment.runs.executions.by_name.keys()):
        history.broken("an accepted start runs", f"{job_id[:12]} has no execution")
    for execution in deployment.runs.executions.by_name.values():
        if execution.status == "RUNNING":
            history.broken("every upload ends", f"an execution is in {execution.state} for ever")


def _check_notices(deployment: Deployment, actors: Actors, history: History) -> None:
    channel_is_gone = _channel_is_gone(actors)
    for job_id in deployment.runs.executions.by_name:
        statuses = history.notices.get(job_id, [])
        if len(set(statuses)) > 1:
            history.broken("notice and GetPersonTracking agree", f"notices say {', '.join(statuses)}")
        has_channel = "NotificationChannel" in history.requests.get(job_id, {})
        if has_channel and not statuses and not channel_is_gone:
            history.broken("one notice per job", "no notice was published")
        if len(statuses) > 1 and job_id not in history.doubtful_notices:
            history.broken("one notice per job", f"{len(statuses)} notices without a fault")
    for job_id, statuses in history.notices.items():
        reported = history.reported.get(job_id)
        if reported is not None and reported != STATUS_OF_NOTICE[statuses[-1]]:
            history.broken(
                "notice and GetPersonTracking agree", f"{statuses[-1]} was published, Get reports {reported}"
            )


def _check_metrics(deployment: Deployment, history: History) -> None:
    for prefix, endings in (("Jobs", history.endings), ("Job", history.job_endings)):
        at_most = Counter(ending.state for ending in endings)
        at_least = Counter(ending.state for ending in endings if ending.is_counted)
        for state in ("SUCCEEDED", "FAILED", "ERROR"):
            counted = deployment.functions.metrics[prefix + state.capitalize()]
            if code_under_test.HAS_JOB_STORE or prefix == "Jobs":
                ended = f"{at_most[state]} jobs {state.lower()}, {counted:.0f} were counted as {prefix}"
                if not at_least[state] <= counted <= at_most[state]:
                    history.broken("each end is counted once", ended)


def _check_calls(deployment: Deployment, actors: Actors, history: History) -> None:
    calls = deployment.network.calls
    starts = len(actors.uploads) + len(deployment.runs.executions.by_name)
    counts: tuple[tuple[str, Counter[Any], int], ...] = (
        ("an upload", calls.by_upload, CALLS_PER_UPLOAD),
        ("a job", calls.by_job, CALLS_PER_JOB),
        ("a request", calls.by_request, CALLS_PER_REQUEST),
        (f"{starts} uploads and jobs in a minute", calls.by_minute, CALLS_PER_MINUTE * starts),
    )
    for what, counter, most in counts:
        if max(counter.values(), default=0) > most:
            history.broken("calls are bounded", f"{max(counter.values())} calls for {what}")
