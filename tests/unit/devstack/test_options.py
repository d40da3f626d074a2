from dataclasses import replace
from pathlib import Path

from devstack.server.options import ServerOptions

OPTIONS = ServerOptions(
    port=4566,
    listener=3,
    python=Path("/usr/bin/python3"),
    zip_search_path=Path("/tmp/runtime client"),
    image_dir=Path("images"),
    log_dir=Path("logs"),
    code_dir=Path("unpacked"),
    environments_per_function=2,
)


def test_the_server_reads_back_the_options_that_its_parent_passes() -> None:
    assert ServerOptions.parse(OPTIONS.arguments()) == OPTIONS
    other = replace(OPTIONS, port=1)
    assert ServerOptions.parse(other.arguments()) == other
    assert other.endpoint_url == "http://127.0.0.1:1"
