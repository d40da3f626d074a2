"""Files as CVAT exports them: the members that its documentation of the format lists."""

from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <id>7</id><name>ramp</name><size>106</size><mode>interpolation</mode><overlap>5</overlap>
      <labels><label><name>person</name><color>#33ddff</color><type>any</type><attributes></attributes></label>
      </labels>
      <segments><segment><id>7</id><start>0</start><stop>105</stop><url>http://host/api/jobs/7</url></segment>
      </segments>
      <owner><username>admin</username><email></email></owner>
      <original_size><width>640</width><height>480</height></original_size>
    </task>
    <dumped>2026-11-26 12:00:00.000000+00:00</dumped>
  </meta>
"""
END = "</annotations>\n"


def box(frame: int, left: float, *, outside: int = 0, keyframe: int = 1, extra: str = "") -> str:
    return (
        f'<box frame="{frame}" keyframe="{keyframe}" outside="{outside}" occluded="0" xtl="{left:.2f}" '
        f'ytl="48.00" xbr="{left + 64:.2f}" ybr="240.00" z_order="0"{extra}></box>'
    )


def track(number: int, boxes: Iterable[str], label: str = "person") -> str:
    return f'<track id="{number}" label="{label}" source="manual">{"".join(boxes)}</track>'


def write_xml(path: Path, *tracks: str, head: str = HEAD) -> Path:
    path.write_text(head + "".join(tracks) + END, "utf-8")
    return path


def write_zip(path: Path, *tracks: str, name: str = "annotations.xml") -> Path:
    with ZipFile(path, "w") as archive:
        archive.writestr(name, HEAD + "".join(tracks) + END)
    return path
