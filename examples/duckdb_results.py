"""Queries the result files of one video with SQL, in DuckDB.

    people-pathing track street.mp4 --out out
    python examples/duckdb_results.py out/street.mp4.paths

The files in a results bucket have the same format.
"""

import sys
from pathlib import Path

import duckdb

# The members that the queries use, and their types. Paths are ratios of the frame.
OBSERVATION = {
    "Timestamp": "BIGINT",
    "Person": 'STRUCT("Index" INTEGER)',
}
PERSON = {"index": "INTEGER", "path": "DOUBLE[][]"}
JOB = {"VideoMetadata": "STRUCT(FrameWidth INTEGER, FrameHeight INTEGER)"}

BUSIEST_SECONDS = """
    SELECT Timestamp // 1000 AS second, count(DISTINCT Person.Index) AS people
    FROM observations GROUP BY second ORDER BY people DESC, second LIMIT 5
"""

# Each point of a path is [timestamp_ms, x, y].
LONGEST_WALKS = """
    WITH points AS (
        SELECT
            index AS person,
            point[1] AS timestamp_ms,
            point[2] * VideoMetadata.FrameWidth AS x_px,
            point[3] * VideoMetadata.FrameHeight AS y_px
        FROM people, job, unnest(path) AS path(point)
    ), steps AS (
        SELECT
            person, timestamp_ms,
            x_px - lag(x_px) OVER by_time AS dx_px,
            y_px - lag(y_px) OVER by_time AS dy_px
        FROM points WINDOW by_time AS (PARTITION BY person ORDER BY timestamp_ms)
    )
    SELECT person, round(sum(sqrt(dx_px ** 2 + dy_px ** 2))) AS walked_px,
           round((max(timestamp_ms) - min(timestamp_ms)) / 1000, 1) AS duration_s
    FROM steps GROUP BY person ORDER BY walked_px DESC, person LIMIT 5
"""


FILES = ("observations.jsonl.gz", "people.json", "job.json")


def main(folder: Path) -> None:
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        sys.exit(f"{folder} has no {missing[0]}; name a folder of result files: out/street.mp4.paths")
    database = duckdb.connect()
    database.read_json(str(folder / "observations.jsonl.gz"), columns=OBSERVATION).create_view("observations")
    database.read_json(str(folder / "people.json"), columns=PERSON).create_view("people")
    database.read_json(str(folder / "job.json"), columns=JOB).create_view("job")
    print("The busiest seconds:")
    print(database.sql(BUSIEST_SECONDS))
    print("The longest walks:")
    print(database.sql(LONGEST_WALKS))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: duckdb_results.py FOLDER")
    main(Path(sys.argv[1]))
