"""`people-pathing erase KEY|FOLDER --index N`: erases people from the results of one video."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.erasing.people_of_folder import FolderErasure
from people_pathing.cli.erasing.reporting import report_line, reported
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import say, show
from people_pathing.cli.tables import print_json, print_table
from people_pathing.exports import export_file_names

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.erasing.people import FoundPeople, PeopleErasure
    from people_pathing.cli.erasing.videos import Selection


def is_of_folder(options: argparse.Namespace) -> bool:
    """Tells whether the arguments name a folder and no stack."""
    return options.stack_name is None and Path(options.key).is_dir()


def require_one_video(options: argparse.Namespace) -> None:
    """Makes sure that the arguments are about people of one video.

    Raises:
        CommandError: they are not. The message says which argument is wrong.
    """
    if options.key is None:
        raise CommandError(
            "--index is about the people of one video; give its KEY, or the folder of its results"
        )
    for name in ("prefix", "before"):
        if getattr(options, name) is not None:
            raise CommandError(f"--index is about the people of one video; leave out --{name}")
    if options.keep_video:
        raise CommandError("--index always keeps the video; leave out --keep-video")
    if is_of_folder(options) and (options.version or options.bucket):
        raise CommandError(
            f"{options.key} is a folder, which has no versions and no bucket; for a key of this name, give "
            "--stack-name, too"
        )


def erase_from_folder(options: argparse.Namespace) -> None:
    """Erases people from the results in a folder. Raises CommandError if that is not possible."""
    folder = Path(options.key)
    erasure = FolderErasure(folder, frozenset(options.index), export_file_names())
    _erase(erasure, options, {"folder": options.key})


def erase_from_stack(
    options: argparse.Namespace,
    stack: DeployedStack,
    selection: Selection,
    wait_until: Callable[[int], None],
) -> None:
    """Erases people from the results of a stack. Raises CommandError if that is not possible."""
    from people_pathing.cli.erasing.people_of_key import KeyErasure

    erasure = KeyErasure(stack, selection, frozenset(options.index), export_file_names(), wait_until)
    place = {"stack": options.stack_name, "bucket": selection.bucket, "key": options.key}
    if options.version is not None:
        place["version"] = options.version
    _erase(erasure, options, place)


def _erase(erasure: PeopleErasure, options: argparse.Namespace, place: dict[str, str]) -> None:
    found = erasure.find()
    if options.dry_run:
        _show_found(found, as_json=options.json)
        return
    about = {**place, "index": sorted(erasure.indexes)}

    def line(is_complete: bool) -> str:
        return report_line(about, is_complete, erasure.erased)

    with reported(options.report, line, lambda: erasure.has_begun):
        erasure.run()
    _say_what_is_left(found, options)
    if options.json:
        show(line(True))
        return
    count = erasure.erased
    show(
        f"erased {count.people} people with {count.observations} observations from the results of "
        f"{found.video}, and {count.files} files or versions of files"
    )


def _show_found(found: FoundPeople, *, as_json: bool) -> None:
    rows = [
        *(("person", str(index), count) for index, count in sorted(found.observation_counts.items())),
        *(("file to replace", name, None) for name in found.replaced),
        *(("file to erase", name, None) for name in found.erased),
        *(("artifacts of a job", job_id, None) for job_id in found.job_ids),
        *(("stays", name, None) for name in found.unknown),
    ]
    if as_json:
        print_json({"what": what, "name": name, "observations": count} for what, name, count in rows)
        return
    print_table(
        ("what", "number or name", "observations"),
        [(what, name, "" if count is None else str(count)) for what, name, count in rows],
    )
    show("nothing was erased, because of --dry-run")
    say(
        f"{found.video} itself will still show these people. If you keep it, make a copy with "
        "`people-pathing annotate --blur people` first: afterwards, no file says where they are"
    )


def _say_what_is_left(found: FoundPeople, options: argparse.Namespace) -> None:
    say(
        f"{found.video} itself, where it still is, shows these people, and `annotate --blur` does not cover "
        "them any more: delete it, or keep only a copy that was blurred before. Tracking it again brings "
        "them back"
    )
    if found.unknown:
        say(f"these files beside the results stay, and may be about them, too: {', '.join(found.unknown)}")
    if is_of_folder(options):
        say("counts, exports and reports in other places still have these people")
    else:
        say(
            "the stack makes counts, tables and the report again within minutes; files that were fetched "
            "before still have these people"
        )
