"""Reads the options of the server process."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEALTH_PATH = "/_ministack/health"


@dataclass(frozen=True)
class ServerOptions:
    """Holds the options of the server process.

    Attributes:
        port: the port on which the server listens.
        listener: the file descriptor of the socket that is bound to the port.
        python: the Python interpreter that runs the functions.
        zip_search_path: a folder that has the runtime client only. A zip function therefore sees its zip, its
            layers and the runtime client, and no other package.
        image_dir: a folder with one link for each tag of an image, to the folder in which functions of this
            image run, with every package of `python`.
        log_dir: the folder for one log file per function.
        code_dir: the folder for unpacked zips and layers.
        environments_per_function: how many events of one function are handled at once.
    """

    port: int
    listener: int
    python: Path
    zip_search_path: Path
    image_dir: Path
    log_dir: Path
    code_dir: Path
    environments_per_function: int

    @property
    def endpoint_url(self) -> str:
        """The URL at which the server listens."""
        return f"http://127.0.0.1:{self.port}"

    def arguments(self) -> list[str]:
        """Returns the command-line arguments that `parse` reads."""
        return [
            word for name, value in vars(self).items() for word in (f"--{name.replace('_', '-')}", str(value))
        ]

    @classmethod
    def parse(cls, arguments: Sequence[str] | None = None) -> "ServerOptions":
        """Reads command-line arguments.

        Args:
            arguments: the arguments; by default those of this process.
        """
        parser = argparse.ArgumentParser(prog="devstack.server", description="Serves the local stack.")
        for name in ("port", "listener", "environments-per-function"):
            parser.add_argument(f"--{name}", type=int, required=True)
        for name in ("python", "zip-search-path", "image-dir", "log-dir", "code-dir"):
            parser.add_argument(f"--{name}", type=Path, required=True)
        return cls(**vars(parser.parse_args(arguments)))
