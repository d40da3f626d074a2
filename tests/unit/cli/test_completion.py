import re
import shlex
import subprocess
from pathlib import Path

import pytest

from people_pathing.cli.commands.completion import FILES, FOLDERS
from people_pathing.cli.main import COMMANDS, build_parser
from tests.unit.cli.programs import run_here


def completions(line: str, folder: Path) -> list[str]:
    """Returns what bash offers at the end of a command line, with the printed script."""
    script = run_here("completion", "bash").stdout
    words = line.split(" ")
    ask = f"""
        COMP_WORDS=({shlex.join(words[:-1])} {shlex.quote(words[-1])}); COMP_CWORD={len(words) - 1}
        COMP_LINE={shlex.quote(line)}; COMP_POINT={len(line)}
        function=$(complete -p people-pathing | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        $function people-pathing {shlex.quote(words[-1])} {shlex.quote(words[-2])}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script}\n{ask}"], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_bash_completes_the_commands(tmp_path: Path) -> None:
    assert set(COMMANDS.names()) <= set(completions("people-pathing ", tmp_path))


def test_bash_completes_the_options_of_a_command(tmp_path: Path) -> None:
    assert completions("people-pathing jobs --wa", tmp_path) == ["--watch"]


def test_bash_completes_the_values_of_an_option(tmp_path: Path) -> None:
    assert completions("people-pathing jobs --state F", tmp_path) == ["FAILED"]


def test_bash_completes_the_names_of_videos(tmp_path: Path) -> None:
    (tmp_path / "street.mp4").touch()

    assert completions("people-pathing track str", tmp_path) == ["street.mp4"]


@pytest.mark.parametrize("command", ["count", "export", "import"])
def test_bash_completes_the_names_of_result_folders(command: str, tmp_path: Path) -> None:
    (tmp_path / "street.mp4.paths").mkdir()

    assert completions(f"people-pathing {command} str", tmp_path) == ["street.mp4.paths"]


def test_every_argument_that_names_a_file_or_folder_has_a_completion() -> None:
    commands = build_parser()._subparsers
    assert commands
    [group] = commands._group_actions
    assert isinstance(group.choices, dict)
    paths = {
        (name, action.metavar): action.type
        for name, parser in group.choices.items()
        for action in parser._actions
        if re.search("FILE|DIR|FOLDER|VIDEO", str(action.metavar))
    }

    assert len(paths) > 10
    assert {place for place, kind in paths.items() if kind not in (*FILES, *FOLDERS)} == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_the_script_names_every_command(shell: str) -> None:
    script = run_here("completion", shell).stdout

    assert all(name in script for name in COMMANDS.names())
