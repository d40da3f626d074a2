"""Erases people from the results of one video that a deployed stack has."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from botocore.exceptions import ClientError

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.erasing.people import ErasedPeople, FoundPeople
from people_pathing.cli.erasing.people_in_bucket import PersonEraser, ResultsChangedError
from people_pathing.cli.erasing.videos import Selection
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.common.aws_errors import NOT_FOUND_CODES, error_code
from people_pathing.common.clock import now_ms
from people_pathing.pipeline.erasure import SETTLING_MS
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import NO_VERSION
from people_pathing.results import file_names
from people_pathing.results.person_removal import PersonNotFoundError, observation_counts, write_without
from people_pathing.results.stored_result import StoredResult, StoredResultError, open_stored_result
from people_pathing.service import erasure as service_erasure
from people_pathing.service.job import Job


@dataclass(frozen=True, slots=True)
class _Results:
    """The results of one video as they are stored now.

    Attributes:
        record: the job of the video.
        jobs: the service's jobs of the video, also those of other callers.
        stored: the result files in a folder.
        etags: the ETag of each of them.
        found: what there is to erase.
    """

    record: JobRecord
    jobs: service_erasure.ErasurePlan
    stored: StoredResult
    etags: Mapping[str, str]
    found: FoundPeople


@dataclass(slots=True)
class KeyErasure:
    """Erases people from the results of one video in a bucket. See `PeopleErasure`.

    Attributes:
        stack: the stack to erase from.
        selection: the video: a key, and a version if the key has several with results.
        indexes: the numbers of the people.
        export_names: the names of files that users may have stored beside the results.
        wait_until: waits until a time, in milliseconds since the epoch.
        now_ms: returns the current time in milliseconds since the epoch.
        erased: what has been erased so far.
        has_begun: whether something has been changed.
    """

    stack: DeployedStack
    selection: Selection
    indexes: Set[int]
    export_names: Set[str]
    wait_until: Callable[[int], None]
    now_ms: Callable[[], int] = now_ms
    erased: ErasedPeople = field(default_factory=ErasedPeople)
    has_begun: bool = False

    def find(self) -> FoundPeople:
        """Finds what there is to erase. Changes nothing.

        Raises:
            CommandError: a person or the results are not there, or a job is running.
        """
        with tempfile.TemporaryDirectory() as scratch:
            return self._read(Path(scratch)).found

    def run(self) -> None:
        """Waits until no function can be writing about the video any more, and erases.

        Raises:
            CommandError: as for `find`, or something else changed the results at the same time.
        """
        self._settle()
        with tempfile.TemporaryDirectory() as scratch:
            old, new = Path(scratch, "old"), Path(scratch, "new")
            old.mkdir()
            new.mkdir()
            results = self._read(old)
            write_without(results.stored, self.indexes, new, self.now_ms())
            self.has_begun = True
            # The service could still show the people, so its results go first.
            if service := self.stack.service_eraser():
                self.erased.files += service.erase(results.jobs)
            with as_command_errors(ResultsChangedError):
                self.erased.files += self._eraser.replace(results.record, new, results.etags)
        self.erased.people = len(results.found.observation_counts)
        self.erased.observations = results.found.observation_counts.total()

    def _settle(self) -> None:
        """Waits until the functions of the last job have ended. They may have stalled, and write late."""
        record = self._record()
        settled_ms = max(record.updated_ms + SETTLING_MS, self._jobs(record).settled_ms)
        if settled_ms > self.now_ms():
            self.wait_until(settled_ms)

    def _read(self, folder: Path) -> _Results:
        record, eraser = self._record(), self._eraser
        jobs = self._jobs(record)
        try:
            etags = eraser.fetch(record, folder)
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                raise CommandError(f"the results of {_uri(record)} are not complete, or are gone") from error
            raise
        with as_command_errors(StoredResultError, PersonNotFoundError):
            stored = open_stored_result(folder)
            counts = observation_counts(stored, self.indexes)
        names, made = frozenset(eraser.beside(record)), eraser.made_from_tracks()
        found = FoundPeople(
            video=stored.video,
            observation_counts=counts,
            replaced=file_names(),
            erased=(*sorted(names & made), *eraser.tables(record)),
            job_ids=tuple(sorted(jobs.job_ids)),
            unknown=tuple(sorted(names - made - frozenset(file_names()))),
        )
        return _Results(record, jobs, stored, etags, found)

    def _record(self) -> JobRecord:
        """Returns the job record of the video. Raises CommandError if it is not the only one with results."""
        chosen = self.selection
        uri = f"s3://{chosen.bucket}/{chosen.key}"
        found = [
            record
            for record in self.stack.job_table.find(chosen.bucket, chosen.listed_prefix)
            if chosen.covers(record.key, record.version)
        ]
        if any(record.is_open for record in found):
            raise CommandError(f"{uri} is being tracked; erase people when its job has ended")
        succeeded = [record for record in found if record.state is JobState.SUCCEEDED]
        if not succeeded:
            raise CommandError(
                f"there are no results of {uri}, and no folder of this name; `people-pathing jobs` lists the "
                "keys and their states"
            )
        if len(succeeded) > 1:
            versions = " and ".join(record.version or NO_VERSION for record in succeeded)
            raise CommandError(
                f"{uri} has results of several versions, each with numbers of its own; choose one with "
                f"--version: {versions}"
            )
        return succeeded[0]

    def _jobs(self, record: JobRecord) -> service_erasure.ErasurePlan:
        """Returns the service's jobs of a video. Raises CommandError if one is running."""
        service = self.stack.service_eraser()
        if service is None:
            return service_erasure.ErasurePlan(frozenset(), 0)
        recorded = frozenset({record.job_id} if record.job_id else ())

        def is_selected(job: Job) -> bool:
            is_of_video = (job.video.bucket, job.video.name) == (record.bucket, record.key)
            return job.job_id in recorded or (is_of_video and job.video.version == record.version)

        with as_command_errors(service_erasure.JobInProgressError):
            plan = service.prepare(is_selected)
        # The store may have forgotten a job whose artifacts are still there.
        return replace(plan, job_ids=plan.job_ids | recorded)

    @property
    def _eraser(self) -> PersonEraser:
        stack = self.stack
        return PersonEraser(stack.s3, stack.job_table, stack.results_bucket, self.export_names)


def _uri(record: JobRecord) -> str:
    return f"s3://{record.bucket}/{record.key}"
