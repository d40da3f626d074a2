from pathlib import Path

from people_pathing.cli.commands.run import assign_keys


def test_a_key_is_the_name_of_the_file() -> None:
    assert assign_keys([Path("a/street.mp4"), Path("yard.mov")]) == {
        "street.mp4": Path("a/street.mp4"),
        "yard.mov": Path("yard.mov"),
    }


def test_files_of_the_same_name_get_numbered_keys() -> None:
    files = [Path("a/street.mp4"), Path("b/street.mp4"), Path("street-2.mp4"), Path("c/street.mp4")]

    assert assign_keys(files) == {
        "street.mp4": files[0],
        "street-2.mp4": files[1],
        "street-2-2.mp4": files[2],
        "street-3.mp4": files[3],
    }
