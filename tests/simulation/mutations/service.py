"""Mistakes in the service: the job store, the last step, the sweep and GetPersonTracking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from people_pathing.service import artifacts, item_conflicts, job_store, sweep
from people_pathing.service.executions import Executions
from people_pathing.service.operations import get
from people_pathing.service.steps import detect, link, plan, tasks
from tests.simulation.errors import client_error
from tests.simulation.fakes.dynamodb import Dynamodb
from tests.simulation.mutations.registry import Put, mutation

# ---- the job store


@mutation(
    92,
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


@mutation(95, "a token can be used twice", "one execution per token")
def _no_token_condition(put: Put) -> None:
    put(job_store, "NO_OTHER_JOB", f"{job_store.NO_OTHER_JOB} OR attribute_exists(pk)")


@mutation(22, "a slot is taken although none is free", "the job limit is exact")
def _no_slot_condition(put: Put) -> None:
    put(job_store, "SLOT_IS_FREE", f"{job_store.SLOT_IS_FREE} OR attribute_exists(running)")


@mutation(304, "several invocations may publish an owed notice", "one notice per job")
def _no_claim(put: Put) -> None:
    put(job_store, "NOTICE_IS_DUE", f"{job_store.NOTICE_IS_DUE} OR job_id = :job_id")


@mutation(40, "the publication is not recorded", "one notice per job")
def _not_recorded(put: Put) -> None:
    put(job_store.JobStore, "record_published", lambda *_: None)


@mutation(6, "a job leaves the register before its notice is recorded", "one notice per job")
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


@mutation(6, "an end that was recorded before is counted again", "each end is counted once")
def _ends_are_counted_twice(put: Put) -> None:
    end = job_store.JobStore.end

    def first_every_time(self: Any, *arguments: Any) -> Any:
        return replace(end(self, *arguments), is_first=True)

    put(job_store.JobStore, "end", first_every_time)


@mutation(760, "the service does not read back an end whose reply was lost", "each end is counted once")
def _no_read_back_in_the_service(put: Put) -> None:
    put(job_store.JobStore, "_read_if_possible", lambda *_: {})


@mutation(584, "a repeated start takes its own slot for another job's", "a refused start writes nothing")
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


@mutation(382, "GetPersonTracking decides by the result object", "notice and GetPersonTracking agree")
def _get_decides_by_the_result(put: Put) -> None:
    decide = get.GetPersonTracking.__call__

    def look_for_results(self: Any, request: Any) -> Any:
        page = get._page(request, 0)
        key = artifacts.observations_key(request.parameters["JobId"])
        data = self._reads.first_page(request.account, key, page)
        header = get._header(request, page, data)
        is_first = "NextToken" not in request.parameters
        return self._with_results(page, header, data) if header and is_first else decide(self, request)

    put(get.GetPersonTracking, "__call__", look_for_results)
