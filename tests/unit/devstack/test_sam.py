from pathlib import Path

from devstack.sam import build_digest

BUILT_FILES = (
    "template.yaml",
    "samconfig.toml",
    "functions/Makefile",
    "functions/pip.conf",
    "functions/pip_settings.mk",
    "functions/requirements.txt",
)


def test_a_build_is_reused_until_one_of_its_files_changes_its_content_or_name(tmp_path: Path) -> None:
    package = tmp_path / "functions" / "people_pathing"
    source = package / "pipeline" / "video.py"
    cache = package / "pipeline" / "__pycache__" / "video.pyc"
    engine = package / "engine" / "frames.py"
    for file in (source, cache, engine, *(tmp_path / name for name in BUILT_FILES)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("before")
    before = build_digest(tmp_path)
    cache.write_text("after")
    engine.write_text("after")
    assert build_digest(tmp_path) == before
    source.write_text("after")
    changed = build_digest(tmp_path)
    source.rename(source.with_name("clip.py"))
    renamed = build_digest(tmp_path)
    source.with_name("clip.py").unlink()
    assert len({before, changed, renamed, build_digest(tmp_path)}) == 4
