"""The data files are written, replaced and removed. Files of the user are not touched."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from people_pathing.client_routing.data_files import FOLDER, OPERATIONS_FILE, RULES_FILE
from people_pathing.client_routing.data_folder import DataFolder, ForeignFileError
from tests.unit.client_routing.offline_client import IRISH_ROUTE, ROUTE, write_files


def test_the_routes_are_read_back_in_the_order_of_their_regions(tmp_path: Path) -> None:
    assert DataFolder(write_files(tmp_path, ROUTE, IRISH_ROUTE)).routes() == (IRISH_ROUTE, ROUTE)


def test_a_folder_without_files_has_no_routes(tmp_path: Path) -> None:
    assert DataFolder(tmp_path / "none").routes() == ()


def test_only_their_owner_may_change_the_files(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_files(tmp_path / "a" / "b", ROUTE)
    finally:
        os.umask(before)

    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in [tmp_path / "a", *(tmp_path / "a").rglob("*")]
    }
    assert {mode for name, mode in modes.items() if name.endswith(".json")} == {0o644}
    assert {mode for name, mode in modes.items() if not name.endswith(".json")} == {0o755}


@pytest.mark.parametrize("name", [OPERATIONS_FILE, RULES_FILE])
@pytest.mark.parametrize("text", ["{}", '{"version": 1.0, "merge": {}}', "not JSON", '["peoplePathing"]', ""])
def test_a_file_that_is_not_ours_is_refused_and_kept(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    folder = DataFolder(tmp_path)

    with pytest.raises(ForeignFileError, match=f"{path} was not made by people-pathing"):
        folder.require_writable_by_us()
    with pytest.raises(ForeignFileError):
        folder.remove()
    assert path.read_text() == text


@pytest.mark.parametrize(
    "name",
    [
        f"{OPERATIONS_FILE}.gz",
        f"{RULES_FILE}.gz",
        f"{FOLDER}/endpoint-rule-set-1.json",
        f"{FOLDER}/endpoint-rule-set-1.json.gz",
    ],
)
def test_settings_of_the_users_that_ours_would_change_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("the user's")

    with pytest.raises(ForeignFileError, match=f"{path} has settings for Rekognition"):
        DataFolder(tmp_path).require_writable_by_us()


def test_a_model_that_the_user_has_added_stays_beside_ours(tmp_path: Path) -> None:
    # `aws configure add-model` writes this file.
    model = tmp_path / FOLDER / "service-2.json"
    model.parent.mkdir(parents=True)
    model.write_text("the user's")
    folder = DataFolder(tmp_path)

    folder.require_writable_by_us()
    write_files(tmp_path, ROUTE)
    folder.remove()

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [model]


def test_removing_leaves_no_folder_of_ours(tmp_path: Path) -> None:
    folder = DataFolder(write_files(tmp_path, ROUTE))

    folder.remove()

    assert list(tmp_path.iterdir()) == []


def test_a_linked_folder_and_a_linked_file_stay_links(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "models").symlink_to(tmp_path / "dotfiles")
    folder = DataFolder(write_files(tmp_path / "models", ROUTE))
    rules = folder.files[1]
    target = tmp_path / "rules.json"
    rules.rename(target)
    rules.symlink_to(target)

    write_files(tmp_path / "models", ROUTE, IRISH_ROUTE)

    assert (tmp_path / "models").is_symlink()
    assert rules.is_symlink()
    assert folder.routes() == (IRISH_ROUTE, ROUTE)
    folder.remove()
    assert target.exists()
    assert not rules.is_symlink()
