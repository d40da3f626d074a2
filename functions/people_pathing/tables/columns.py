"""The columns of the tables, with their types and units.

Names of boxes, classes and tracks are those of supervision's CSVSink and JSONSink.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The type of a column."""

    TEXT = "text"
    INTEGER = "whole number, 64 bits"
    NUMBER = "number, 64 bits"
    UTC = "time in UTC"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in files.
        kind: its type.
        unit: of the value; "" for none.
        meaning: one sentence without a full stop.
        is_known: whether each row has a value.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        name: also names its file.
        summary: what a row is.
        columns: in the order of a row.
    """

    name: str
    summary: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the names of the columns."""
        return tuple(column.name for column in self.columns)


TRACKER_ID = Column("tracker_id", Kind.INTEGER, "", "the person's index in this video")
TIMESTAMP = Column("timestamp_ms", Kind.INTEGER, "ms", "time from the start of the video")
AT_UTC = Column(
    "at_utc", Kind.UTC, "ms", "the same in UTC; not known without the time of recording", is_known=False
)
SINK_COLUMNS = (
    Column("x_min", Kind.NUMBER, "pixels", "left edge of the person's box", is_known=False),
    Column("y_min", Kind.NUMBER, "pixels", "upper edge", is_known=False),
    Column("x_max", Kind.NUMBER, "pixels", "right edge", is_known=False),
    Column("y_max", Kind.NUMBER, "pixels", "lower edge", is_known=False),
    Column("class_id", Kind.INTEGER, "", "always 0: a person"),
    Column("confidence", Kind.NUMBER, "0 to 1", "not known: result files have no scores", is_known=False),
    TRACKER_ID,
)
"""The columns that supervision's sinks always write."""

FRAME_INDEX = Column(
    "frame_index",
    Kind.INTEGER,
    "",
    "number of the frame, from 0; from the time, so right for a constant frame rate",
    is_known=False,
)
ROW = Table("observations", "one person at one sampled time", (*SINK_COLUMNS, FRAME_INDEX, TIMESTAMP, AT_UTC))
"""What formats for one video contain."""

VIDEO_COLUMNS = (
    Column("video_id", Kind.TEXT, "", "the same in all tables of one video, and in no others"),
    Column("bucket", Kind.TEXT, "", "the video's bucket; not known for a tracked file", is_known=False),
    Column("key", Kind.TEXT, "", "the video's key, or the path of the tracked file"),
    Column("version", Kind.TEXT, "", "the video's version, if the bucket keeps versions", is_known=False),
)
"""Which video it is. Each table begins with them, so that tables of many videos can be read as one."""

OBSERVATIONS = Table(
    ROW.name,
    ROW.summary,
    (
        *VIDEO_COLUMNS,
        *ROW.columns,
        Column("left", Kind.NUMBER, "ratio", "left edge, of the frame's width, as stored", is_known=False),
        Column("top", Kind.NUMBER, "ratio", "upper edge, of the frame's height, as stored", is_known=False),
        Column("width", Kind.NUMBER, "ratio", "of the box, of the frame's width", is_known=False),
        Column("height", Kind.NUMBER, "ratio", "of the box, of the frame's height", is_known=False),
    ),
)
PEOPLE = Table(
    "people",
    "one person",
    (
        *VIDEO_COLUMNS,
        TRACKER_ID,
        Column("timestamp_ms", Kind.INTEGER, "ms", "when the person was first seen"),
        AT_UTC,
        Column("last_seen_ms", Kind.INTEGER, "ms", "when the person was last seen"),
        Column("dwell_ms", Kind.INTEGER, "ms", "how long the person was visible, as in people.json"),
        Column("observations", Kind.INTEGER, "", "how many observations the person has"),
    ),
)
EVENTS = Table(
    "events",
    "one event at a zone or line",
    (
        *VIDEO_COLUMNS,
        TRACKER_ID,
        TIMESTAMP,
        AT_UTC,
        Column("event", Kind.TEXT, "", "`enter`, `exit` or `cross`"),
        Column("section", Kind.TEXT, "", "name of the zone or line"),
        Column("section_type", Kind.TEXT, "", "`zone` or `line`"),
        Column("direction", Kind.TEXT, "", "`in` or `out`"),
        Column("cause", Kind.TEXT, "", "`crossed`, `appeared` or `vanished`"),
        Column("dwell_ms", Kind.INTEGER, "ms", "how long the visit lasted; only of `exit`", is_known=False),
        Column("x", Kind.NUMBER, "ratio", "where it happened, of the frame's width"),
        Column("y", Kind.NUMBER, "ratio", "where it happened, of the frame's height"),
        Column("move_x", Kind.NUMBER, "ratio", "movement of the foot point in this step"),
        Column("move_y", Kind.NUMBER, "ratio", "movement of the foot point in this step"),
        Column("x_m", Kind.NUMBER, "m", "position on the floor; only with a calibration", is_known=False),
        Column("y_m", Kind.NUMBER, "m", "position on the floor; only with a calibration", is_known=False),
    ),
)
TABLES = (PEOPLE, OBSERVATIONS, EVENTS)
