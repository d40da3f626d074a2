"""Deliberate mistakes in the design. The simulator must find each of them, otherwise it proves nothing.

A mutation replaces one part of the code, or one condition of a DynamoDB request, by one that is almost right.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from people_pathing.pipeline import erasure, job_record, job_table, result_collection, tracking_client, video
from people_pathing.service import erasure as service_erasure
from people_pathing.service import item_conflicts, job_store, sweep
from people_pathing.service.executions import Executions
from people_pathing.service.operations import get
from people_pathing.service.steps import detect, link, plan, tasks
from tests.simulation import code_under_test
from tests.simulation.errors import client_error
from tests.simulation.fakes.dynamodb import Dynamodb
from tests.simulation.schedule import run_schedule

Put = Callable[[Any, str, Any], None]
"""Replaces an attribute, as `pytest.MonkeyPatch.setattr` does."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake.

    Attributes:
        seed: a schedule that shows it.
        name: what is wrong.
        apply: makes the mistake.
        rules: the rules that it may break; at least one is broken.
    """

    seed: int
    name: str
    apply: Callable[[Put], None]
    rules: frozenset[str]


MUTATIONS: list[Mutation] = []


def mutation(seed: int, name: str, *rules: str) -> Callable[[Callable[[Put], None]], Callable[[Put], None]]:
    """Adds a mutation to the list."""

    def add(apply: Callable[[Put], None]) -> Callable[[Put], None]:
        MUTATIONS.append(Mutation(seed, name, apply, frozenset(rules)))
        return apply

    return add


def first_seed(mutation: Mutation, seeds: Iterable[int]) -> int | None:
    """Returns the first seed whose schedule shows a mutation, or None if there is none."""
    return next((seed for seed in seeds if run_schedule(seed).rules & mutation.rules), None)


# ---- the job store


@mutation(
    23,
    "the job and its slot are written one after the other",
    "an accepted start runs",
    "the job limit is exact",
)
def _no_transaction(put: Put) -> None:
    def write_one_by_one(self: Dynamodb, *, TransactItems: Any, **_: Any) -> Any:  # noqa: N803
        reasons: list[dict[str, Any]] = [{"Code": "None"}, {"Code": "None"}]
        for number, (call, name) in enumerate(((self.put_item, "Put"), (self.update_item, "Update"))):
            try:
                call(**TransactItems[number][name])
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                item = error.response.get("Item", {})
                reasons[number] = {"Code": "ConditionalCheckFailed", "Item": item}
                code = "TransactionCanceledException"
                raise client_error(code, 400, CancellationReasons=reasons) from error
        return {}

    put(Dynamodb, "transact_write_items", write_one_by_one)


@mutation(40, "a job can end twice", "notice and GetPersonTracking agree", "one notice per job")
def _no_end_condition(put: Put) -> None:
    put(job_store, "JOB_IS_RUNNING", "(#state = :running OR attribute_exists(pk)) AND job_id = :job_id")


@mutation(25, "a token can be used twice", "one execution per token")
def _no_token_condition(put: Put) -> None:
    put(job_store, "NO_OTHER_JOB", f"{job_store.NO_OTHER_JOB} OR attribute_exists(pk)")


@mutation(22, "a slot is taken although none is free", "the job limit is exact")
def _no_slot_condition(put: Put) -> None:
    put(job_store, "SLOT_IS_FREE", f"{job_store.SLOT_IS_FREE} OR attribute_exists(running)")


@mutation(421, "several invocations may publish an owed notice", "one notice per job")
def _no_claim(put: Put) -> None:
    put(job_store, "NOTICE_IS_DUE", f"{job_store.NOTICE_IS_DUE} OR job_id = :job_id")


@mutation(40, "the publication is not recorded", "one notice per job")
def _not_recorded(put: Put) -> None:
    put(job_store.JobStore, "record_published", lambda *_: None)


@mutation(157, "a job leaves the register before its notice is recorded", "one notice per job")
def _recorded_too_late(put: Put) -> None:
    record_published, remove = job_store.JobStore.record_published, job_store.JobStore.remove

    def remove_first(self: Any, job_id: str) -> None:
        remove(self, job_id)
        record_published(self, job_id)

    put(job_store.JobStore, "record_published", remove_first)


@mutation(13, "the register does not list owed notices", "one notice per job")
def _owed_notices_listed_nowhere(put: Put) -> None:
    def release_slot(self: Any, job_id: str) -> None:
        self._change_register("DELETE running :job_ids", job_id)

    put(job_store.JobStore, "release_slot", release_slot)


@mutation(30, "a step works although its job has ended", "the job limit is exact")
def _ended_jobs_are_worked_on(put: Put) -> None:
    for step in (plan, detect, link):
        put(step, "read_running_job", lambda jobs, job_id: jobs.get(job_id).job)


@mutation(13, "an end that was recorded before is counted again", "each end is counted once")
def _ends_are_counted_twice(put: Put) -> None:
    end = job_store.JobStore.end

    def first_every_time(self: Any, *arguments: Any) -> Any:
        return replace(end(self, *arguments), is_first=True)

    put(job_store.JobStore, "end", first_every_time)


@mutation(301, "the service does not read back an end whose reply was lost", "each end is counted once")
def _no_read_back_in_the_service(put: Put) -> None:
    put(job_store.JobStore, "_read_if_possible", lambda *_: {})


@mutation(183, "a repeated start takes its own slot for another job's", "a refused start writes nothing")
def _own_start_is_not_recognised(put: Put) -> None:
    reasons_of = item_conflicts.cancellation_reasons

    def slot_first(error: ClientError) -> list[dict[str, Any]]:
        token_reason, slot_reason = reasons_of(error)
        return [{} if slot_reason.get("Code") == "ConditionalCheckFailed" else token_reason, slot_reason]

    put(job_store, "cancellation_reasons", slot_first)


@mutation(1, "the register keeps jobs whose notice is published", "nothing is left to do")
def _register_keeps_jobs(put: Put) -> None:
    def remove(self: Any, job_id: str) -> None:
        self._change_register("DELETE running :job_ids", job_id)

    put(job_store.JobStore, "remove", remove)


@mutation(1, "the reason of a broken video is taken for an internal one", "a failure has its true reason")
def _broken_videos_fail_internally(put: Put) -> None:
    put(tasks, "VIDEO_ERRORS", ())


# ---- the sweep, and GetPersonTracking


@mutation(10, "there is no sweep", "slots come back in two minutes", "an accepted start runs")
def _no_sweep(put: Put) -> None:
    put(sweep.Sweep, "run", lambda _self: None)
    put(sweep.Sweep, "run_for", lambda _self, _job_id: None)


@mutation(
    7,
    "the sweep releases the slot of a job without an execution",
    "the job limit is exact",
    "an accepted start runs",
)
def _sweep_removes_unstarted_jobs(put: Put) -> None:
    put(sweep.Sweep, "_start_or_remove", lambda self, job_id: self.jobs.remove(job_id))


@mutation(
    7,
    "the sweep ends a job without an execution",
    "the job limit is exact",
    "no transient error is final",
    "an accepted start runs",
)
def _sweep_ends_unstarted_jobs(put: Put) -> None:
    status = Executions.status
    put(Executions, "status", lambda self, job_id: status(self, job_id) or "FAILED")


@mutation(19, "the sweep does not tell how an execution has ended", "a failure has its true reason")
def _every_stop_is_a_time_out(put: Put) -> None:
    put(sweep, "STOPPED_MESSAGES", dict.fromkeys(sweep.STOPPED_MESSAGES, sweep.STOPPED_MESSAGES["TIMED_OUT"]))


@mutation(584, "GetPersonTracking decides by the result object", "notice and GetPersonTracking agree")
def _get_decides_by_the_result(put: Put) -> None:
    decide = get.GetPersonTracking.__call__

    def look_for_results(self: Any, request: Any) -> Any:
        page = get._page(request, 0)
        data, header = self._read(request, page)
        is_first = "NextToken" not in request.parameters
        return self._with_results(page, header, data) if header and is_first else decide(self, request)

    put(get.GetPersonTracking, "__call__", look_for_results)


# ---- the pipeline


@mutation(21, "results are accepted from the job that a notice names", "no caller interferes")
def _notice_names_the_job(put: Put) -> None:
    handle = result_collection.ResultCollector.handle_completion

    def believe(self: Any, completion: Any, start: Any) -> None:
        record = self.table.get(completion.video_id or "")
        if record is not None and record.is_open and record.job_id != completion.job_id:
            self.table.replace(record, record.in_progress(completion.job_id, self.now_ms()))
        handle(self, completion, start)

    put(result_collection.ResultCollector, "handle_completion", believe)


@mutation(87, "the client token is the video id", "no caller interferes")
def _token_is_not_keyed(put: Put) -> None:
    put(video.Video, "client_token", lambda self, _secret: self.video_id)


@mutation(362, "a retry sends the request under the current settings", "every upload ends")
def _request_is_not_kept(put: Put) -> None:
    def starting(self: Any, _requests: Any, now_ms: int) -> Any:
        return self.leased(now_ms, job_record.START_LEASE_MS)

    put(job_record.JobRecord, "starting", starting)
    put(job_record.JobRecord, "refused", lambda self, reason, _, now_ms: self.deferred(reason, now_ms))


@mutation(257, "a missing right is the video's failure", "no transient error is final")
def _access_denied_is_final(put: Put) -> None:
    put(tracking_client, "REJECTED_CODES", tracking_client.REJECTED_CODES | {"AccessDeniedException"})


@mutation(
    6,
    "a video that the service cannot read is rejected without asking S3",
    "our configuration is not the video's failure",
)
def _unreadable_is_final(put: Put) -> None:
    put(tracking_client, "REJECTED_CODES", tracking_client.REJECTED_CODES | {"InvalidS3ObjectException"})


@mutation(3, "a collector asks for the state of a job until it has ended", "calls are bounded")
def _polling_without_pause(put: Put) -> None:
    get_page = tracking_client.TrackingClient.get_page

    def ask_until_ended(self: Any, job_id: str, next_token: str | None) -> tracking_client.PersonPage:
        while (page := get_page(self, job_id, next_token)).status == "IN_PROGRESS":
            pass
        return page

    put(tracking_client.TrackingClient, "get_page", ask_until_ended)


@mutation(54, "a resumed collector begins every file again", "results are identical")
def _files_begin_again(put: Put) -> None:
    store = result_collection.ResultCollector._store_results

    def store_from_the_beginning(self: Any, lease: Any, page: Any) -> None:
        if (progress := lease.record.progress) is not None:
            lease.record = replace(lease.record, progress=replace(progress, file_states=()))
        store(self, lease, page)

    put(result_collection.ResultCollector, "_store_results", store_from_the_beginning)


@mutation(130, "a repeated write does not recognise its own first try", "each end is counted once")
def _own_write_is_not_recognised(put: Put) -> None:
    put_item = Dynamodb.put_item

    def put_item_without_the_old_one(self: Dynamodb, **request: Any) -> Any:
        request.pop("ReturnValuesOnConditionCheckFailure", None)
        return put_item(self, **request)

    put(Dynamodb, "put_item", put_item_without_the_old_one)


@mutation(209, "the pipeline does not read back an end whose reply was lost", "each end is counted once")
def _no_read_back_in_the_pipeline(put: Put) -> None:
    put(job_table.JobTable, "_read_if_possible", lambda *_: {})


@mutation(156, "erasing leaves no tombstone", "erased stays erased")
def _no_tombstone(put: Put) -> None:
    def remove(self: Any, record: Any, _ttl_s: int) -> bool:
        self._client.delete_item(TableName=self._name, Key={"video_id": {"S": record.video_id}})
        return True

    put(job_table.JobTable, "bury", remove)
    put(job_table.JobTable, "bury_unrecorded", lambda *_: True)


@mutation(17, "an erasure never finds the record as it has left it", "nothing is left to do")
def _erasing_never_ends(put: Put) -> None:
    put(job_table.JobTable, "bury", lambda *_: False)


@mutation(1025, "erasing does not wait for functions that may still write", "erased stays erased")
def _erasing_does_not_wait(put: Put) -> None:
    put(erasure, "SETTLING_MS", 0)
    put(service_erasure, "LONGEST_STEP_MS", 0)


# ---- the state machine


@mutation(19, "a step is retried for some seconds only", "no transient error is final")
def _short_retries(put: Put) -> None:
    _change_retries(
        put,
        '"IntervalSeconds": 15, "BackoffRate": 4, "MaxDelaySeconds": 300, "MaxAttempts": 5',
        '"IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 2',
    )


@mutation(9, "a step that runs out of memory is retried a hundred times", "calls are bounded")
def _out_of_memory_is_retried(put: Put) -> None:
    _change_retries(
        put,
        '"MemoryError", "Lambda.Unknown"], "IntervalSeconds": 15, "BackoffRate": 2, "MaxAttempts": 2',
        '"MemoryError", "Lambda.Unknown"], "IntervalSeconds": 15, "BackoffRate": 1, "MaxAttempts": 100',
    )


def _change_retries(put: Put, old: str, new: str) -> None:
    definition = json.dumps(code_under_test.state_machine())
    changed = definition.replace(old, new)
    assert changed != definition, "the retry rules have changed"
    put(code_under_test, "state_machine", lambda: json.loads(changed))
