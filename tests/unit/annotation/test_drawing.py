"""What is drawn into frames."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.annotation.choices import Blur, Layers
from people_pathing.annotation.drawing.frame import Annotations, FrameDrawing
from people_pathing.annotation.drawing.labels import Labels, Look
from people_pathing.annotation.drawing.picture_text import PictureText
from people_pathing.annotation.drawing.running_counts import RunningCounts
from people_pathing.annotation.drawing.style import Sizes, number_look, palette
from people_pathing.annotation.people_paths import BoxSeries, PeoplePaths, PersonPath

WIDTH_PX, HEIGHT_PX = 320, 240
NOTHING = Layers(boxes=False, trails=False, zones=False, counts=False, clock=False)
BOXES = Layers(trails=False, zones=False, counts=False, clock=False)
LOOK = Look(ink=(255, 255, 255), paper=(0, 0, 0))


def person(index: int, boxes: dict[int, tuple[float, float, float, float]]) -> PersonPath:
    none = BoxSeries(np.empty(0, np.int64), np.empty((0, 4), np.float32))
    rows = np.array(list(boxes.values()), np.float32)
    return PersonPath(index, BoxSeries(np.array(list(boxes)), rows), none)


def drawn(
    layers: Layers,
    at_ms: int,
    *people: PersonPath,
    zones: str = '{"version": 1}',
    size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX),
    blur: Blur | None = None,
) -> NDArray[np.bool_]:
    """Returns (H, W) bool: the pixels of a grey frame that change."""
    image = np.full((size_px[1], size_px[0], 3), 128, np.uint8)
    paths = PeoplePaths.of(people, sample_fps=10)
    annotations = Annotations(paths, read_zones(zones), (), 10_000, None, "UTC", layers, blur)
    FrameDrawing(annotations, *size_px).draw(image, at_ms)
    return np.asarray((image != 128).any(axis=2))


STANDING = person(5, {0: (0.25, 0.25, 0.5, 0.75), 100: (0.25, 0.25, 0.5, 0.75)})


def test_without_layers_nothing_changes() -> None:
    assert not drawn(NOTHING, 50, STANDING).any()


def test_a_box_has_lines_at_its_edges_and_a_number_above() -> None:
    changed = drawn(BOXES, 50, STANDING)

    assert changed[180, 80:160].all()
    assert changed[60:180, 80].all()
    assert changed[60:180, 160].all()
    assert not changed[70:170, 90:150].any()
    assert changed[46:58, 80:90].all()
    assert not changed[:40].any()
    assert not changed[190:].any()
    assert not changed[:, 170:].any()


def test_a_box_that_reaches_out_of_the_frame_shows_all_sides_and_its_number() -> None:
    changed = drawn(BOXES, 0, person(0, {0: (-0.2, -0.2, 1.2, 1.2)}))

    assert changed[0].all()
    assert changed[-1].all()
    assert changed[:, 0].all()
    assert changed[:, -1].all()
    assert changed[2:10, 2:8].all()


def test_a_person_keeps_the_colour_of_the_report() -> None:
    colours = palette()

    assert len(colours) == 12
    for index in (0, 11, 12, 25):
        image = np.full((1080, 1440, 3), 128, np.uint8)
        annotations = Annotations(
            PeoplePaths.of([person(index, {0: (0.25, 0.25, 0.5, 0.75)})], sample_fps=10),
            read_zones('{"version": 1}'),
            (),
            1000,
            None,
            "UTC",
            BOXES,
            None,
        )
        FrameDrawing(annotations, 1440, 1080).draw(image, 0)
        assert image[540, 360].tolist() == list(colours[index % 12])


@pytest.mark.parametrize("colour", palette())
def test_a_number_has_enough_contrast(colour: tuple[int, int, int]) -> None:
    look = number_look(colour)

    lighter, darker = sorted((_luminance(look.ink), _luminance(look.paper)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.0


def _luminance(colour: tuple[int, int, int]) -> float:
    values = np.array(colour[::-1]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_a_trail_leads_to_the_feet_and_fades_away() -> None:
    walking = person(
        0, {at_ms: (at_ms / 5000, 0.5, at_ms / 5000 + 0.1, 0.75) for at_ms in range(0, 2001, 100)}
    )
    trails = Layers(boxes=False, zones=False, counts=False, clock=False)

    changed = drawn(trails, 2000, walking)
    assert changed[178:183, 30:144].any(axis=0).all()
    assert not changed[:170].any()
    assert not changed[190:].any()
    assert drawn(trails, 3900, walking).any()
    assert not drawn(trails, 4100, walking).any()


def test_a_zone_and_a_line_are_drawn_with_an_arrow_to_the_side_in() -> None:
    zones = {
        "version": 1,
        "zones": [{"name": "hall", "polygon": [[0.6, 0.5], [0.9, 0.5], [0.9, 0.9], [0.6, 0.9]]}],
        "lines": [{"name": "door", "start": [0.3, 0.9], "end": [0.3, 0.3]}],
    }
    layers = Layers(boxes=False, trails=False, counts=False, clock=False)

    changed = drawn(layers, 0, zones=json.dumps(zones))

    assert changed[120, 192:288].all()
    assert changed[216, 192:288].all()
    assert changed[72:216, 96].all()
    # From the right side of the line, which goes up, to its left side: the head of the arrow is left.
    left, right = changed[134:155, 80:94].sum(), changed[134:155, 99:113].sum()
    assert left > right > 0


@pytest.mark.parametrize(
    "polygon",
    [
        [[0, 0], [1, 0], [1, 1], [0, 1]],
        [[0.999, 0.999], [1, 0.999], [1, 1]],
        [[0, 0], [0.001, 0], [0, 0.001]],
    ],
)
@pytest.mark.parametrize("blur", [None, "people"])
def test_masks_of_any_size_are_hatched(blur: Blur | None, polygon: list[list[float]]) -> None:
    zones = json.dumps({"version": 1, "masks": [{"name": "till", "polygon": polygon}]})
    layers = replace(NOTHING, zones=True)

    changed = drawn(layers, 0, zones=zones, blur=blur)

    x, y = (
        min(int(np.mean(edges) * size_px), size_px - 1)
        for edges, size_px in zip(zip(*polygon, strict=True), (WIDTH_PX, HEIGHT_PX), strict=True)
    )
    around = changed[max(0, y - 20) : y + 20, max(0, x - 20) : x + 20]
    assert around.any()
    # Blur changes every pixel of a mask.
    assert around.all() == (blur is not None and polygon[1] == [1, 0])


@pytest.mark.parametrize("size_px", [(320, 240), (1920, 1080), (3840, 2160), (1080, 1920)])
def test_letters_have_a_legible_size_in_every_frame(size_px: tuple[int, int]) -> None:
    sizes = Sizes.of(*size_px)

    assert sizes.font_px >= 10
    assert 0.02 <= sizes.font_px / min(size_px) <= 0.05
    assert 1 <= sizes.line_px < sizes.halo_px


def test_texts_have_letters_with_marks_and_other_alphabets() -> None:
    labels = Labels(20, longest_px=500)
    texts = ("Tur", "Tür", "Вход", "Είσοδος", "žluť")

    images = {labels.label(text, LOOK).pixels.tobytes() for text in texts}

    assert len(images) == len(texts)


def test_a_long_text_is_cut() -> None:
    labels = Labels(20, longest_px=100)

    assert labels.label("a very long name of a zone that does not fit", LOOK).width_px <= 100 + 12


@pytest.mark.parametrize("name", ["a\u202eb", "a\x1bb", "a\tb"])
def test_characters_that_would_change_the_text_are_visible(name: str) -> None:
    labels = Labels(20, longest_px=500)

    assert (labels.label(name, LOOK).pixels != 0).any()
    assert labels.label(name, LOOK).width_px == labels.label("a\ufffdb", LOOK).width_px


def test_a_label_is_moved_into_the_frame() -> None:
    image = np.full((100, 100, 3), 128, np.uint8)

    Labels(20, longest_px=90).put(image, "7", LOOK, 95, 95)

    changed = (image != 128).any(axis=2)
    assert changed[-1, -1]
    assert not changed[:60].any()


def test_the_clock_shows_the_local_time_if_it_is_known(tmp_path: Path) -> None:
    layers = Layers(counts=False)
    counts = RunningCounts(_no_counts())
    summer_ms = 1_774_745_999_000  # 2026-03-29T00:59:59Z, a second before summer time begins

    clock = PictureText(layers, counts, summer_ms, "Europe/Berlin")
    assert [clock.at(at_ms) for at_ms in (0, 1000)] == ["2026-03-29 01:59:59 CET", "2026-03-29 03:00:00 CEST"]
    position = PictureText(layers, counts, None, "Europe/Berlin")
    assert [position.at(at_ms) for at_ms in (999, 3_723_000)] == ["0:00:00", "1:02:03"]
    assert PictureText(NOTHING, counts, None, "UTC").at(0) == ""
    assert PictureText(Layers(clock=False), counts, None, "UTC").at(0) == "0 here, 0 so far"


def _no_counts() -> VideoCounts:
    return count_video(
        [], read_zones('{"version": 1}'), aspect_ratio=1, recording=Recording(1000), interval_minutes=15
    )
