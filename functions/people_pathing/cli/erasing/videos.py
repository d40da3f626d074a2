"""Erases videos, and everything that both halves of the system store about them, for good."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.common.clock import now_ms
from people_pathing.pipeline import erasure as pipeline_erasure
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import NO_VERSION, Video
from people_pathing.service import erasure as service_erasure
from people_pathing.service.job import Job

Version = tuple[str, str]
"""Key and version id of an object."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which videos to erase.

    Attributes:
        bucket: the videos' bucket.
        key: the key of one video, or None.
        version: one version of that video, or None for all.
        prefix: what the keys begin with, if `key` is None.
        before_ms: if given, only videos that were uploaded before this time.
    """

    bucket: str
    key: str | None = None
    version: str | None = None
    prefix: str = ""
    before_ms: int | None = None

    @property
    def listed_prefix(self) -> str:
        """What all selected keys begin with."""
        return self.prefix if self.key is None else self.key

    def covers(self, key: str, version: str | None) -> bool:
        """Tells whether a video is selected, whenever it was uploaded."""
        is_named = key.startswith(self.prefix) if self.key is None else key == self.key
        return is_named and self.version in (None, version or NO_VERSION)

    def covers_time(self, time_ms: int) -> bool:
        """Tells whether a video that was uploaded at this time is selected."""
        return self.before_ms is None or time_ms < self.before_ms


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to erase.

    Attributes:
        records: the pipeline's job records.
        job_ids: the service's jobs, also those of other callers.
        versions: key and version id of every selected object.
        uploads: those of them that are videos and will be erased.
        delete_markers: the delete markers above these videos.
        unrecorded: those uploads that have no job record, because their event has not arrived yet or because
            their tombstone has expired.
    """

    records: tuple[JobRecord, ...]
    job_ids: frozenset[str]
    versions: frozenset[Version]
    uploads: tuple[Version, ...]
    delete_markers: tuple[Version, ...]
    unrecorded: tuple[Video, ...]


@dataclass(slots=True)
class ErasedCount:
    """How much has been erased so far.

    Attributes:
        job_records: the pipeline's job records.
        jobs: the service's jobs.
        objects: objects in the results bucket and in the service's bucket. Each of their versions and delete
            markers counts.
        video_versions: versions of the videos themselves.
        delete_markers: delete markers of the videos.
    """

    job_records: int = 0
    jobs: int = 0
    objects: int = 0
    video_versions: int = 0
    delete_markers: int = 0


@dataclass(slots=True)
class VideoErasure:
    """One erasure. If it is interrupted, another one with the same selection continues it.

    Attributes:
        stack: the stack to erase from.
        selection: which videos to erase.
        keep_video: whether to leave the videos themselves.
        wait_until: waits until a time, in milliseconds since the epoch.
        now_ms: returns the current time in milliseconds since the epoch.
        erased: what has been erased so far.
        has_begun: whether something has been changed.
    """

    stack: DeployedStack
    selection: Selection
    keep_video: bool
    wait_until: Callable[[int], None]
    now_ms: Callable[[], int] = now_ms
    erased: ErasedCount = field(default_factory=ErasedCount)
    has_begun: bool = False

    def find(self) -> Found:
        """Finds everything that the selection covers. Changes nothing.

        Raises:
            CommandError: a job for one of the videos is running, or the bucket has no videos.
        """
        stack, chosen = self.stack, self.selection
        if chosen.bucket in (stack.results_bucket, stack.artifact_bucket):
            raise CommandError(
                f"the stack's bucket {chosen.bucket} has no videos; name the bucket of the videos"
            )
        recorded = [
            record
            for record in stack.job_table.find(chosen.bucket, chosen.listed_prefix)
            if chosen.covers(record.key, record.version)
        ]
        upload_times_ms = _upload_times_ms(recorded)
        versions = frozenset(self._listed("Versions", upload_times_ms))
        with as_command_errors(pipeline_erasure.JobInProgressError, service_erasure.JobInProgressError):
            plan = self._pipeline.plan(
                record for record in recorded if chosen.covers_time(record.uploaded_ms)
            )
            jobs = self._service_plan(versions, plan.job_ids)
        uploads: tuple[Version, ...] = ()
        delete_markers: tuple[Version, ...] = ()
        is_video = self._video_filter(plan.records)
        if not self.keep_video:
            uploads = tuple(sorted(filter(is_video, versions)))
        # A version that the user names is one of the video, and the other versions stay deleted.
        if not self.keep_video and chosen.version is None:
            delete_markers = tuple(filter(is_video, self._listed("DeleteMarkers", upload_times_ms)))
        with_record = {(record.key, record.version) for record in plan.records}
        return Found(
            records=plan.records,
            job_ids=jobs.job_ids,
            versions=versions,
            uploads=uploads,
            delete_markers=delete_markers,
            # Without versions, only the event of an upload contains what identifies it.
            unrecorded=tuple(
                Video(chosen.bucket, key, version, version)
                for key, version in uploads
                if version != NO_VERSION and (key, version) not in with_record
            ),
        )

    def run(self, found: Found) -> None:
        """Erases what `find` has found.

        The order matters. Records and jobs come last: they say what there is to erase when the command has to
        be repeated. They are erased only when no function can write results again.

        Raises:
            CommandError: a job has been started in the meantime.
        """
        self.has_begun = True
        with as_command_errors(pipeline_erasure.JobInProgressError, service_erasure.JobInProgressError):
            plan = self._pipeline.mark(pipeline_erasure.ErasurePlan(found.records))
            self._pipeline.bury_unrecorded(found.unrecorded)
            self._erase_artifacts(plan.job_ids | found.job_ids)
            self.erased.objects += self._pipeline.erase(plan)
            for version in found.uploads:
                self._delete(version)
                self.erased.video_versions += 1
            # Without its delete marker, a deleted video that is still stored would be there again.
            for marker in found.delete_markers:
                self._delete(marker)
                self.erased.delete_markers += 1
            jobs = self._settled(plan, found.versions)
            self._erase_artifacts(plan.job_ids | jobs.job_ids)
            if self._service:
                self.erased.jobs += self._service.finish(jobs)
            finished = self._pipeline.finish(plan)
        self.erased.objects += finished.object_count
        self.erased.job_records += finished.record_count

    def _delete(self, version: Version) -> None:
        key, version_id = version
        self.stack.s3.delete_object(Bucket=self.selection.bucket, Key=key, VersionId=version_id)

    def _settled(
        self, plan: pipeline_erasure.ErasurePlan, versions: frozenset[Version]
    ) -> service_erasure.ErasurePlan:
        """Waits until no function can write about the videos any more, and returns the service's jobs."""
        settled_ms = plan.settled_ms
        while True:
            # A function that was slow may have started another job since the last look.
            jobs = self._service_plan(versions, plan.job_ids)
            settled_ms = max(settled_ms, jobs.settled_ms)
            if settled_ms <= self.now_ms():
                return jobs
            self.wait_until(settled_ms)

    def _erase_artifacts(self, job_ids: frozenset[str]) -> None:
        if self._service:
            self.erased.objects += self._service.erase(service_erasure.ErasurePlan(job_ids, 0))

    def _service_plan(
        self, versions: frozenset[Version], recorded_job_ids: frozenset[str]
    ) -> service_erasure.ErasurePlan:
        if self._service is None:
            return service_erasure.ErasurePlan(frozenset(), 0)
        # A job that is younger than the date may have tracked an older video that has been deleted since.
        return self._service.prepare(
            lambda job: job.job_id in recorded_job_ids or self._is_selected(job, versions)
        )

    def _is_selected(self, job: Job, versions: frozenset[Version]) -> bool:
        video = job.video
        if video.bucket != self.selection.bucket or not self.selection.covers(video.name, video.version):
            return False
        # A job does not say when its video was uploaded. But a job that is old enough has such a video.
        is_selected_version = (video.name, video.version or NO_VERSION) in versions
        return self.selection.covers_time(job.started_ms) or is_selected_version

    def _listed(
        self, kind: Literal["Versions", "DeleteMarkers"], upload_times_ms: Mapping[Version, int]
    ) -> Iterator[Version]:
        """Yields the selected versions or delete markers in the videos' bucket."""
        chosen = self.selection
        pages = self.stack.s3.get_paginator("list_object_versions").paginate(
            Bucket=chosen.bucket, Prefix=chosen.listed_prefix
        )
        for page in pages:
            for entry in page.get(kind, []):
                version = entry["Key"], entry["VersionId"]
                modified: datetime = entry["LastModified"]
                # LastModified of a large object is when its upload began. The record has the time of its end.
                time_ms = upload_times_ms.get(version, int(modified.timestamp() * 1000))
                if chosen.covers(*version) and chosen.covers_time(time_ms):
                    yield version

    def _video_filter(self, records: tuple[JobRecord, ...]) -> Callable[[Version], bool]:
        """Returns what tells videos from the other objects that other buckets may have."""
        if self.selection.key is not None or self.selection.bucket == self.stack.video_bucket:
            return lambda _version: True
        stored = self.stack.job_store.all_jobs() if self.stack.job_store else iter(())
        videos = (each.job.video for each in stored)
        keys = {video.name for video in videos if video.bucket == self.selection.bucket}
        keys |= {record.key for record in records}
        return lambda version: version[0] in keys

    @property
    def _pipeline(self) -> pipeline_erasure.Eraser:
        stack = self.stack
        return pipeline_erasure.Eraser(stack.s3, stack.job_table, stack.results_bucket, self.now_ms)

    @property
    def _service(self) -> service_erasure.Eraser | None:
        return self.stack.service_eraser()


def _upload_times_ms(records: Iterable[JobRecord]) -> dict[Version, int]:
    """Returns when each recorded version was uploaded. Without versions, the last upload counts."""
    return {
        (record.key, record.version or NO_VERSION): record.uploaded_ms
        for record in sorted(records, key=lambda record: record.uploaded_ms)
    }
