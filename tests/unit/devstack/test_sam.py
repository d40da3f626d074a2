from pathlib import Path

from devstack.sam import _adapted, build_digest

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


def test_the_same_files_in_another_folder_get_a_build_of_their_own(tmp_path: Path) -> None:
    for root in (tmp_path / "one", tmp_path / "other"):
        for name in BUILT_FILES:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("same")

    assert build_digest(tmp_path / "one") != build_digest(tmp_path / "other")


BUILT_TEMPLATE = """Parameters:
  SampleFps:
    Type: String
    MaxLength: 8
  TrackingModel:
    Type: String
    Description: Path of the
      model
    MaxLength: 55
  AlarmEmail:
    MaxLength: 60
Resources:
  PlanJob:
    Properties:
      ImageUri:
        Fn::Sub: ${AWS::AccountId}.example/people-pathing-worker:latest
"""


def test_a_built_template_names_a_tag_of_the_image_and_takes_long_paths_of_models() -> None:
    adapted = _adapted(BUILT_TEMPLATE, "0123")

    removed = set(BUILT_TEMPLATE.splitlines()) - set(adapted.splitlines())
    assert {line.strip() for line in removed} == {
        "MaxLength: 55",
        "Fn::Sub: ${AWS::AccountId}.example/people-pathing-worker:latest",
    }
    assert "people-pathing-worker:0123" in adapted
