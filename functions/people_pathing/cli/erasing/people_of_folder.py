"""Erases people from the result files of one video in a folder."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

from people_pathing.analysis.count_files import COUNT_NAMES
from people_pathing.analysis.count_folder import write_count_files
from people_pathing.analysis.path_points import ObservationsError
from people_pathing.cli.counting.recount import Recount, outdated_files, planned_recount
from people_pathing.cli.erasing.folder_changes import contents_of, locked
from people_pathing.cli.erasing.people import ErasedPeople, FoundPeople
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say
from people_pathing.cli.outputs import require_outputs
from people_pathing.cli.reports.result_report import report_path, tracked_file
from people_pathing.cli.result_folder import result_paths
from people_pathing.common.clock import now_ms
from people_pathing.report.addresses import relative_address
from people_pathing.report.page_file import NAME as REPORT
from people_pathing.report.page_file import write_report
from people_pathing.report.written_page import read_written
from people_pathing.results import annotated_video, file_names
from people_pathing.results.files import observations
from people_pathing.results.person_removal import (
    MARKER,
    PersonNotFoundError,
    observation_counts,
    write_without,
)
from people_pathing.results.stored_result import StoredResult, StoredResultError, open_stored_result
from people_pathing.review.replacement import ORIGINAL

_UNFINISHED = re.compile(r"\.(results|original|writing)-.+", re.ASCII | re.DOTALL)
"""The names of folders in which commands prepare files. One whose process was killed leaves its folder."""


@dataclass(slots=True)
class FolderErasure:
    """Erases people from the results in a folder. See `PeopleErasure`.

    Attributes:
        folder: has the result files.
        indexes: the numbers of the people.
        export_names: the names of exports that may be beside the results.
        now_ms: returns the current time in milliseconds since the epoch.
        erased: what has been erased so far.
        has_begun: whether something has been changed.
    """

    folder: Path
    indexes: Set[int]
    export_names: Set[str]
    now_ms: Callable[[], int] = now_ms
    erased: ErasedPeople = field(default_factory=ErasedPeople)
    has_begun: bool = False

    def find(self) -> FoundPeople:
        """Finds what there is to erase. Changes nothing.

        Raises:
            CommandError: a person or the results are not there, a file cannot be written, or is a link.
        """
        self._require_no_links()
        require_outputs(result_paths(self.folder))
        with as_command_errors(StoredResultError, PersonNotFoundError):
            stored = open_stored_result(self.folder)
            counts = observation_counts(stored, self.indexes)
        replaced = {*file_names(), REPORT}
        if planned_recount(self.folder, None):
            replaced |= {name for name in COUNT_NAMES if (self.folder / name).is_file()}
        erased = {path.name for path in self._made_from_tracks() if path.name not in replaced}
        names = {path.name for path in self.folder.iterdir()}
        return FoundPeople(
            video=stored.video,
            observation_counts=counts,
            replaced=tuple(sorted(replaced)),
            erased=tuple(sorted(erased)),
            job_ids=(),
            unknown=tuple(sorted(names - replaced - erased - {MARKER})),
        )

    def run(self) -> None:
        """Erases. New files are complete before an old one is changed, and job.json is replaced last.

        Raises:
            CommandError: as for `find`, or the people cannot be counted again, or another command changed the
                folder at the same time.
        """
        with locked(self.folder):
            found, stored = self._run_alone()
        self.erased.people = len(found.observation_counts)
        self.erased.observations = found.observation_counts.total()
        for path in outdated_files(self.folder, stored.video):
            say(f"{path} adds up files with these people; make it again")

    def _run_alone(self) -> tuple[FoundPeople, StoredResult]:
        """Erases. Returns what was found, and the earlier results."""
        before = contents_of(self.folder)
        found = self.find()
        stored, recount = open_stored_result(self.folder), planned_recount(self.folder, None)
        # In the same file system as the files, so that each is replaced at once.
        with tempfile.TemporaryDirectory(prefix=".results-", dir=self.folder) as scratch:
            new = Path(scratch)
            write_without(stored, self.indexes, new, self.now_ms())
            if recount:
                _write_counts(recount, new)
            self._write_report(stored, new)
            if contents_of(self.folder, without=new) != before:
                raise CommandError(
                    f"another command changed {self.folder} in the meantime; wait for it, and run the "
                    "command again"
                )
            self._replace(new, found)
        # Only now is the same command not needed again.
        (self.folder / MARKER).unlink()
        return found, stored

    def _replace(self, new: Path, found: FoundPeople) -> None:
        self.has_begun = True
        *tracks, summary = file_names()
        (new / MARKER).replace(self.folder / MARKER)
        # From now on, job.json says more observations than there are, until it is replaced.
        for name in tracks:
            (new / name).replace(self.folder / name)
        for name in found.erased:
            path = self.folder / name
            self.erased.files += sum(1 for _ in _files(path))
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        others = [path for path in new.iterdir() if path.name != summary]
        for path in [*others, new / summary]:
            path.replace(self.folder / path.name)

    def _require_no_links(self) -> None:
        """Makes sure that no file is a link: only the link would be replaced, and its target would stay."""
        made = [path.name for path in self._made_from_tracks()]
        for name in (*file_names(), REPORT, *made):
            path = self.folder / name
            if path.is_symlink():
                raise CommandError(
                    f"{path} is a link to {path.readlink()}, which would keep the people; put the file "
                    "itself there, or delete the link"
                )

    def _made_from_tracks(self) -> Iterator[Path]:
        """Yields the files and folders that were made from the observations, but not the report."""
        for name in sorted({*COUNT_NAMES, *self.export_names, annotated_video.NAME}):
            if (self.folder / name).is_file():
                yield self.folder / name
        # The numbers in the original of a review may be those of other people, and a person of the review may
        # be several people there. So the original cannot be rewritten.
        for path in self.folder.iterdir():
            is_original = re.fullmatch(rf"{ORIGINAL}(-\d+)?", path.name, re.ASCII)
            if path.is_dir() and (is_original or _UNFINISHED.fullmatch(path.name)):
                yield path

    def _write_report(self, stored: StoredResult, new: Path) -> None:
        """Writes the report of the new results, with the zones and the video of the old report."""
        path = report_path(self.folder)
        written = read_written(path)
        video = written.video or tracked_file(stored)
        write_report(
            new,
            new / REPORT,
            video_source=relative_address(video, path) if video else None,
            zones_text=written.zones_text,
        )


def _write_counts(recount: Recount, folder: Path) -> None:
    counts, document = recount.count(folder)
    with as_command_errors(ObservationsError):
        write_count_files(counts, document, folder / observations.NAME, folder)


def _files(path: Path) -> Iterator[Path]:
    """Yields a file, or all files in a folder."""
    if not path.is_dir():
        yield path
    else:
        yield from (inside for inside in path.rglob("*") if inside.is_file())
