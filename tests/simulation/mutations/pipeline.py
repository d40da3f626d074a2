"""Mistakes in the pipeline, and in erasing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from people_pathing.pipeline import erasure, job_record, job_table, result_collection, tracking_client, video
from people_pathing.service import erasure as service_erasure
from tests.simulation.fakes.dynamodb import Dynamodb
from tests.simulation.mutations.registry import Put, mutation


@mutation(33, "results are accepted from the job that a notice names", "no caller interferes")
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


@mutation(56, "a resumed collector begins every file again", "results are identical")
def _files_begin_again(put: Put) -> None:
    store = result_collection.ResultCollector._store_results

    def store_from_the_beginning(self: Any, lease: Any, page: Any) -> None:
        if (progress := lease.record.progress) is not None:
            lease.record = replace(lease.record, progress=replace(progress, file_states=()))
        store(self, lease, page)

    put(result_collection.ResultCollector, "_store_results", store_from_the_beginning)


@mutation(497, "a repeated write does not recognise its own first try", "each end is counted once")
def _own_write_is_not_recognised(put: Put) -> None:
    put_item = Dynamodb.put_item

    def put_item_without_the_old_one(self: Dynamodb, **request: Any) -> Any:
        request.pop("ReturnValuesOnConditionCheckFailure", None)
        return put_item(self, **request)

    put(Dynamodb, "put_item", put_item_without_the_old_one)


@mutation(446, "the pipeline does not read back an end whose reply was lost", "each end is counted once")
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


@mutation(3089, "erasing does not wait for functions that may still write", "erased stays erased")
def _erasing_does_not_wait(put: Put) -> None:
    put(erasure, "SETTLING_MS", 0)
    put(service_erasure, "LONGEST_STEP_MS", 0)
