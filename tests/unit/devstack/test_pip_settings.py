"""Builds use the user's package index, and no setting that changes what is installed, or where."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SETTINGS = ROOT / "functions" / "pip_settings.mk"
KEPT = {
    "PIP_INDEX_URL": "https://packages.example/simple",
    "PIP_CERT": "/etc/ssl/certs/ca.pem",
    "PIP_FIND_LINKS": "/srv/wheels",
    "UV_DEFAULT_INDEX": "https://packages.example/simple",
    "UV_INDEX_MINE_PASSWORD": "secret",
    "UV_HTTP_TIMEOUT": "60",
    "HTTPS_PROXY": "http://proxy.example",
}
DROPPED = {
    "PIP_USER": "1",
    "PIP_TARGET": "/tmp/elsewhere",
    "PIP_PREFIX": "/tmp/elsewhere",
    "PIP_ROOT": "/tmp/elsewhere",
    "PIP_CONSTRAINT": "/tmp/constraints.txt",
    "PIP_NO_BINARY": ":all:",
    "PIP_PRE": "1",
    "PIP_DRY_RUN": "1",
    "PIP_PYTHON": "/nowhere/python",
    "UV_TARGET": "/tmp/elsewhere",
    "UV_CONSTRAINT": "/tmp/constraints.txt",
    "UV_EXCLUDE_NEWER": "2020-01-01",
    "UV_SYSTEM_PYTHON": "1",
}

needs_make = pytest.mark.skipif(
    shutil.which("make") is None and "CI" not in os.environ, reason="make is not installed"
)


def environment_of_a_recipe(makefile: str, folder: Path) -> dict[str, str]:
    """Returns the environment of a recipe in a Makefile, for a user with all the settings."""
    path = folder / "Makefile"
    path.write_text(makefile)
    done = subprocess.run(
        ["make", "--silent", "--makefile", path, "show"],
        cwd=folder,
        env={**os.environ, **KEPT, **DROPPED, "PIP_REQUIRE_VIRTUALENV": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


@needs_make
def test_a_recipe_sees_the_index_and_no_other_setting_of_the_user(tmp_path: Path) -> None:
    seen = environment_of_a_recipe(f"include {SETTINGS}\nshow:\n\tenv\n", tmp_path)

    assert seen.items() >= KEPT.items()
    assert seen.keys() & DROPPED.keys() == set()
    assert seen["PIP_REQUIRE_VIRTUALENV"] == "0"


@pytest.mark.parametrize("makefile", ["Makefile", "functions/Makefile"])
def test_every_makefile_drops_these_settings(makefile: str) -> None:
    text = (ROOT / makefile).read_text()

    assert "pip_settings.mk\n" in text
    # A pip.conf that PIP_CONFIG_FILE names may say `user = true`, and only an option overrides that.
    installing = [line for line in text.splitlines() if "-m pip install" in line]
    assert installing
    assert all("--no-user" in line for line in installing)


OWN_FILE = "target = /nowhere\nprefix = /nowhere\nroot = /nowhere\nconstraint = /nowhere\nuser = true\n"


@needs_make
@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("named.conf", "[global]\nuser = true\nrequire-virtualenv = true\n"),
        ("home/.config/pip/pip.conf", f"[global]\nrequire-virtualenv = true\n{OWN_FILE}"),
        ("home/.config/pip/pip.conf", f"[install]\n{OWN_FILE}"),
    ],
    ids=["PIP_CONFIG_FILE", "all commands", "install"],
)
def test_a_package_is_installed_into_the_virtual_environment_although_pip_conf_says_otherwise(
    file: str, settings: str, tmp_path: Path
) -> None:
    wheel = tmp_path / "tiny-1-py3-none-any.whl"
    _write_wheel(wheel)
    config = tmp_path / file
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(settings)
    subprocess.run(["python3", "-m", "venv", tmp_path / "venv"], check=True, timeout=100)
    (tmp_path / "Makefile").write_text(
        f"include {SETTINGS}\ninstall:\n"
        f"\t{tmp_path}/venv/bin/python -m pip install --quiet --no-user --no-index --no-deps {wheel}\n"
    )
    own = {name: value for name, value in os.environ.items() if name != "PIP_CONFIG_FILE"}
    named = {"PIP_CONFIG_FILE": str(config)} if file == "named.conf" else {}

    done = subprocess.run(
        ["make", "install"],
        cwd=tmp_path,
        env={**own, **DROPPED, "HOME": str(tmp_path / "home"), "PIP_REQUIRE_VIRTUALENV": "1", **named},
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "venv").rglob("tiny.py"))


def _write_wheel(path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1\n")
        wheel.writestr(
            "tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny-1.dist-info/RECORD", "tiny.py,,\n")
