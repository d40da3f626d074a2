"""Programs that AWS publishes for the retired API, and a program of this project that makes the same calls.

AWS's programs are not a part of this repository. The environment variable AWS_SAMPLE_PROGRAMS names a folder
with clones of the two repositories that have them:

- awsdocs/amazon-rekognition-developer-guide, at commit 8b19e92 of January 2023. Two of its pages make up one
  program. In later commits they have different names for the same things.
- awsdocs/aws-doc-sdk-examples, at any commit.

The code stays as it is. Only what its own text tells the reader to replace is replaced: the role, the bucket
and the video, and the operation where a program has several to choose from.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

FOLDER = Path(__file__).parent
GUIDE = "amazon-rekognition-developer-guide"
EXAMPLES = "aws-doc-sdk-examples"

Inputs = Mapping[str, str]
"""What a program needs to know: role, bucket and video, and for some programs topic and queue."""


class UnavailableError(Exception):
    """The program is not on this machine. The message says why."""


def own_program(_: Inputs) -> str:
    """Returns our program that makes the calls of the guide's."""
    return (FOLDER / "guided_program.py").read_text(encoding="utf-8")


def guide_pages(inputs: Inputs) -> str:
    """Returns the program that the pages on SQS and on people pathing make up together."""
    program = _python_of(f"{GUIDE}/doc_source/video-analyzing-with-sqs.md")
    methods = _python_of(f"{GUIDE}/doc_source/persons.md")
    before, main, after = program.partition("def main():")
    if not main or "roleArn" not in before:
        raise UnavailableError(f"{GUIDE} is not at commit 8b19e92, in which its two pages fit")
    # The page on people pathing names the lines of the other one that its own replace.
    body = after.replace("StartLabelDetection()", "StartPersonPathing()")
    body = body.replace("GetLabelDetectionResults()", "GetPersonPathingResults()")
    for name in ("roleArn", "bucket", "video"):
        body = _with_value(body, name, inputs)
    return f"{before}\n{methods}\n{main}{body}"


def guide_file(inputs: Inputs) -> str:
    """Returns the guide's program that has all video operations, switched to people pathing."""
    program = _text(f"{GUIDE}/code_examples/python_examples/stored_video/python-rek-video.py")
    for name in ("queueUrl", "roleArn", "topicArn", "bucket", "video"):
        program = _with_value(program, name, inputs)
    start = re.search(r"(?m)^ +response = self\.rek\.start_label_detection\((?:.*\n)+?(?=\n)", program)
    if start is None:
        raise UnavailableError("python-rek-video.py has no call of start_label_detection")
    switched = program.replace(start[0], re.sub(r"(?m)^ +", r"\g<0>#", start[0]))
    switched = re.sub(
        r"(?m)^( +)#(response = self\.rek\.start_person_tracking\(.*)\n +#(.*)$", r"\1\2\n\1    \3", switched
    )
    switched = re.sub(r"(?m)^( +)(self\.GetResultsLabels\()", r"\1#\2", switched, count=1)
    return re.sub(r"(?m)^( +)#(self\.GetResultsPersons\()", r"\1\2", switched)


def sdk_example(inputs: Inputs) -> str:
    """Returns a main program for the class in the SDK examples, whose own one downloads a video first."""
    folder = _root() / EXAMPLES / "python/example_code/rekognition"
    if not (folder / "rekognition_video_detection.py").is_file():
        raise UnavailableError(f"{EXAMPLES} lacks rekognition_video_detection.py")
    main = (FOLDER / "sdk_example_main.py").read_text(encoding="utf-8")
    return f"import sys\nsys.path.insert(0, {str(folder)!r})\n{main}"


PUBLISHED: Mapping[str, Callable[[Inputs], str]] = {
    "the Developer Guide's pages": guide_pages,
    "the Developer Guide's python-rek-video.py": guide_file,
    "the SDK examples' rekognition_video_detection.py": sdk_example,
}
"""Functions that return the text of a program of AWS. They raise UnavailableError."""


def _with_value(program: str, name: str, inputs: Inputs) -> str:
    """Fills in a value that a program leaves empty. The role, for example, is called roleArn there."""
    value = inputs[name.removesuffix("Arn").removesuffix("Url")]
    return re.compile(rf"^( +{name} = )''", re.MULTILINE).sub(rf"\g<1>{value!r}", program)


def _python_of(page: str) -> str:
    """Returns the code in a page's Python tab."""
    tab = _text(page).partition("#### [ Python ]")[2].partition("\n------")[0]
    found = re.search(r"^ *```\n(.*?)^ *```$", tab, re.DOTALL | re.MULTILINE)
    if found is None:
        raise UnavailableError(f"{page} has no Python code")
    return textwrap.dedent(found[1])


def _text(name: str) -> str:
    try:
        return (_root() / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UnavailableError(f"{name} is not in the folder AWS_SAMPLE_PROGRAMS") from None


def _root() -> Path:
    folder = os.environ.get("AWS_SAMPLE_PROGRAMS")
    if not folder:
        raise UnavailableError("AWS_SAMPLE_PROGRAMS names no folder with AWS's published programs")
    return Path(folder)
