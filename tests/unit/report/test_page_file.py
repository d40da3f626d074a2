"""report.html: what Python embeds in it, and that no text becomes markup."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from people_pathing.analysis.zones_file.members import ZonesFileError
from people_pathing.report import page_parts
from people_pathing.report.page_file import write_report
from people_pathing.results.files.job_summary import StoredVideo, VideoFile
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingSource, RecordingTime
from people_pathing.results.stored_result import StoredResultError
from tests.unit.exports.stored import seen, store
from tests.unit.report.pages import embedded, rows

SINGLE = (0.25, 0.125, 0.5, 0.25)
DOUBLE = (0.1, 0.2, 0.3, 0.4)
HOSTILE = '"><img src=x onerror=alert(1)>'
ZONES: dict[str, Any] = {
    "version": 1,
    "zones": [{"name": "hall", "polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]}],
    "lines": [{"name": "door", "start": [0.5, 1], "end": [0.5, 0]}],
}


class Tags(HTMLParser):
    """Collects the tags of a page, and the text that a reader sees."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._is_hidden = False
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._is_hidden = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self.text += f"{data} "


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "pages" / "report.html"


def written(page: Path, persons: list[dict[str, Any]], **options: Any) -> Path:
    """Writes the report of a video."""
    report = {name: options.pop(name) for name in ("video_source", "zones_text") if name in options}
    stored = store(page.parent / "results", persons, **options)
    write_report(stored.folder, page, **report)
    return page


def test_the_page_has_every_observation_with_a_box(page: Path) -> None:
    persons = [seen(0, 40, SINGLE), seen(0, 80), seen(0, 120, DOUBLE), seen(3, 0, SINGLE)]

    assert rows(written(page, persons)) == [(0, 40, *SINGLE), (0, 120, *DOUBLE), (3, 0, *SINGLE)]


@pytest.mark.parametrize(
    ("box", "kind"), [(SINGLE, "float32"), (DOUBLE, "float64"), ((0, 0, 1, 0.7), "float64")]
)
def test_single_precision_is_used_only_if_it_is_exact(
    box: tuple[float, float, float, float], kind: str, page: Path
) -> None:
    written(page, [seen(0, 0, SINGLE), seen(0, 40, box)])

    assert embedded(page)["observations"]["boxType"] == kind
    assert rows(page)[1] == (0, 40, *box)


def test_the_page_says_what_is_known_about_the_video(page: Path) -> None:
    recorded = RecordingTime(1_772_442_000_250, RecordingSource.NAME)
    written(
        page,
        [seen(0, 40, SINGLE)],
        recording_time=recorded,
        provenance=Provenance(sample_fps=12.5, warnings=("Half of the video is dark.",)),
        video_source="../ramp%201.mp4",
    )

    data = embedded(page)
    assert data["video"] == {
        "name": "ramp 1.mp4",
        "source": "../ramp%201.mp4",
        "annotatedSource": None,
        "widthPx": 640,
        "heightPx": 480,
        "durationMs": 4240,
        "frameRate": 25.0,
        "sampleFps": 12.5,
        "startMs": 0,
    }
    assert (data["recordedAtMs"], data["recordedAtSource"]) == (1_772_442_000_250, "name")
    assert data["provenance"]["warnings"] == ["Half of the video is dark."]
    assert data["zonesFile"] == {"version": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("warnings", "5"),
        ("warnings", "null"),
        ("warnings", "[1]"),
        ("sample_fps", "NaN"),
        ("sample_fps", "1e999"),
        ("sample_fps", "-1"),
        ("search_fps", "NaN"),
        ("search_fps", "1e999"),
    ],
)
def test_a_damaged_job_summary_is_named(name: str, value: str, page: Path) -> None:
    written(page, [seen(0, 40, SINGLE)], provenance=Provenance(sample_fps=12.5, search_fps=6.25))
    job = page.parent / "results" / "job.json"
    text = re.sub(rf'("{name}": )([^,\[\n]+|\[\])', rf"\g<1>{value}", job.read_text("utf-8"))
    job.write_text(text, "utf-8")

    with pytest.raises(StoredResultError, match=r"job\.json is damaged"):
        write_report(page.parent / "results", page)


@pytest.mark.parametrize("index", ["4294967296", "1.5"])
def test_an_index_that_the_page_cannot_hold_is_refused(index: str, page: Path) -> None:
    written(page, [seen(0, 40, SINGLE)])
    path = page.parent / "results" / "observations.jsonl.gz"
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(re.sub('"Index": ?0', f'"Index":{index}', text).encode()))

    with pytest.raises(StoredResultError, match="no index from 0 to 4294967295"):
        write_report(page.parent / "results", page)


def test_a_backslash_is_a_part_of_the_name(page: Path) -> None:
    written(page, [seen(0, 40, SINGLE)], video=StoredVideo("videos", "hall/a\\b.mp4", None))

    assert embedded(page)["video"]["name"] == "a\\b.mp4"


def test_an_unknown_size_is_assumed_and_reported(page: Path) -> None:
    data = embedded(written(page, [seen(0, 5000, SINGLE)], metadata={}))

    assert (data["video"]["widthPx"], data["video"]["heightPx"], data["video"]["durationMs"]) == (
        1600,
        900,
        5001,
    )
    assert "do not say how large the frames are" in data["provenance"]["warnings"][0]


def test_the_zones_are_embedded_as_they_are_written(page: Path) -> None:
    written(page, [seen(0, 40, SINGLE)], zones_text=json.dumps(ZONES))

    assert embedded(page)["zonesFile"] == ZONES
    assert "hall" in Tags(page).text
    assert "door" in Tags(page).text


def test_wrong_zones_are_refused_and_an_older_page_stays(page: Path) -> None:
    written(page, [seen(0, 40, SINGLE)])
    before = page.read_bytes()

    with pytest.raises(ZonesFileError, match='"version" is 2'):
        write_report(page.parent / "results", page, zones_text='{"version": 2}')

    assert page.read_bytes() == before
    assert sorted(path.name for path in page.parent.iterdir()) == ["report.html", "results"]


def test_the_same_results_give_the_same_bytes(page: Path, tmp_path: Path) -> None:
    written(page, [seen(0, 40, SINGLE)])
    write_report(page.parent / "results", tmp_path / "again.html")

    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


@pytest.mark.parametrize(
    "persons",
    [
        [seen(1, 0, SINGLE), seen(0, 0, SINGLE)],
        [seen(0, 40, SINGLE), seen(0, 0, SINGLE)],
        [seen(0, 0, SINGLE), seen(0, 10**12, SINGLE)],
        [seen(0, 0, SINGLE), seen(1, 0, (float("nan"), 0, 0, 0))],
        [seen(-1, 0, SINGLE), seen(0, 0, SINGLE)],
        [seen(0, 0, SINGLE), {**seen(0, 0, SINGLE), "Timestamp": "0"}],
        [seen(0, 0, SINGLE), {**seen(0, 0, SINGLE), "Timestamp": 1.5}],
    ],
)
def test_observations_that_cannot_be_right_are_refused(persons: list[dict[str, Any]], page: Path) -> None:
    stored = store(page.parent / "results", [seen(0, 0, SINGLE), seen(0, 40, SINGLE)])
    lines = "".join(json.dumps(person) + "\n" for person in persons)
    (stored.folder / "observations.jsonl.gz").write_bytes(gzip.compress(lines.encode()))

    with pytest.raises(StoredResultError, match=r"observations.jsonl.gz is damaged"):
        write_report(stored.folder, page)

    assert not page.exists()


def test_without_people_the_page_says_so(page: Path) -> None:
    written(page, [])

    assert rows(page) == []
    assert "No people were found" in Tags(page).text


def test_without_scripts_the_page_shows_figures_people_and_provenance(page: Path) -> None:
    persons = [seen(index, 40 * step, SINGLE) for index in range(2) for step in range(50)]
    text = " ".join(
        Tags(
            written(page, persons, provenance=Provenance(detector="yolox", warnings=("Dark.",)))
        ).text.split()
    )

    assert "People seen 2" in text
    assert "Most at once 2" in text
    assert "1 0:00.0 0:01.9 0:01.9" in text
    assert "Detector yolox" in text
    assert "Dark." in text


def test_without_scripts_the_time_of_recording_is_local_and_a_review_is_readable(page: Path) -> None:
    recorded = RecordingTime(1_772_442_000_250, RecordingSource.NAME)
    stored = store(page.parent / "results", [seen(0, 40, SINGLE)], recording_time=recorded)
    job = json.loads((stored.folder / "job.json").read_text())
    job["provenance"]["reviewed"] = {"at": "2026-03-03T08:00:00Z", "file_sha256": "a1"}
    (stored.folder / "job.json").write_text(json.dumps(job))

    write_report(stored.folder, page, zones_text=json.dumps({**ZONES, "timezone": "Europe/Berlin"}))

    text = " ".join(Tags(page).text.split())
    assert "Recorded at 2026-03-02 10:00:00 Europe/Berlin" in text
    assert "Reviewed at: 2026-03-03T08:00:00Z, file sha256: a1" in text


def test_a_long_table_is_cut_with_a_note(page: Path) -> None:
    text = Tags(written(page, [seen(index, 0, SINGLE) for index in range(1002)])).text

    assert "The first 1,000 of 1,002 people." in text


@pytest.mark.parametrize("video", [StoredVideo("videos", f"cam/{HOSTILE}", "v1"), VideoFile(f"/v/{HOSTILE}")])
def test_a_hostile_name_is_only_text(video: StoredVideo | VideoFile, page: Path) -> None:
    hostile = {**ZONES, "zones": [{**ZONES["zones"][0], "name": f"</script>{HOSTILE}"}]}
    found = Tags(
        written(
            page,
            [seen(0, 40, SINGLE)],
            video=video,
            zones_text=json.dumps(hostile),
            provenance=Provenance(detector=HOSTILE, warnings=(f"</ul>{HOSTILE}", "\u2028")),
        )
    )

    assert "img" not in [tag for tag, _ in found.tags]
    assert f"</script>{HOSTILE}" in found.text
    assert embedded(page)["video"]["name"] == HOSTILE
    assert embedded(page)["provenance"]["warnings"][1] == "\u2028"


def test_the_policy_allows_nothing_but_the_page_and_its_video(page: Path) -> None:
    written(page, [seen(0, 40, SINGLE)], video_source="https://b.s3.eu-west-1.amazonaws.com/a.mp4?X-Amz=1")

    [policy] = [dict(part.split(maxsplit=1) for part in text.split("; ")) for text in policies(page)]
    nonce = policy["script-src"]
    assert re.fullmatch(r"'nonce-[\w-]{24}'", nonce)
    assert policy == {
        "default-src": "'none'",
        "script-src": nonce,
        "style-src": nonce,
        "img-src": "data: blob:",
        "media-src": "blob: https://b.s3.eu-west-1.amazonaws.com",
        "worker-src": "blob:",
        "connect-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@pytest.mark.parametrize(("source", "media"), [(None, "blob:"), ("../a.mp4", "blob: 'self' file:")])
def test_the_policy_names_no_server_for_a_file(source: str | None, media: str, page: Path) -> None:
    [policy] = policies(written(page, [], video_source=source))

    assert f"media-src {media};" in policy


def test_the_nonce_follows_from_the_content(page: Path, tmp_path: Path) -> None:
    written(page, [seen(0, 40, SINGLE)])
    write_report(page.parent / "results", tmp_path / "other.html", zones_text=json.dumps(ZONES))

    assert policies(page) != policies(tmp_path / "other.html")


def test_the_page_loads_nothing(page: Path) -> None:
    found = Tags(written(page, [seen(0, 40, SINGLE)]))

    addresses = [value for _, names in found.tags for name, value in names.items() if name in {"src", "href"}]
    assert [address for address in addresses if address and not address.startswith(("#", "data:"))] == []
    assert not [
        names for _, names in found.tags if "style" in names or any(one.startswith("on") for one in names)
    ]


def test_every_module_is_in_the_page_that_imports_it_and_in_no_other(page: Path) -> None:
    text = written(page, []).read_text("utf-8")

    [map_text] = re.findall(r'<script type="importmap" nonce="[^"]*">(.*?)</script>', text)
    modules = json.loads(map_text)["imports"]
    folder = page_parts.PAGE_FOLDER
    # Modules that only describe types run nowhere.
    with_code = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.js")
        if re.search(r"^export (?!\{\};)", path.read_text("utf-8"), re.MULTILINE)
    }
    of_overview = {name for name in with_code if name.startswith("overview/")}
    assert modules.keys() == {f"#page/{name}" for name in with_code - of_overview}
    assert of_overview <= set(page_parts.module_names(page_parts.OVERVIEW))
    source = b64decode(modules["#page/main.js"].partition(",")[2]).decode()
    assert source.startswith((folder / "main.js").read_text("utf-8"))
    all_styles = {path.relative_to(folder).as_posix() for path in folder.rglob("*.css")}
    assert set(page_parts.style_names(page_parts.REPORT)) == all_styles - {"styles/overview.css"}
    assert "styles/overview.css" in page_parts.style_names(page_parts.OVERVIEW)


def policies(page: Path) -> list[str]:
    """Returns the policies of a page."""
    tags = Tags(page).tags
    return [str(names["content"]) for tag, names in tags if tag == "meta" and "http-equiv" in names]
