from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from people_pathing.engine.errors import DetectorError
from people_pathing.engine.interfaces import EMBEDDING_SCALE
from people_pathing.engine.reidentifiers.omniscale import EMBEDDING_SIZE, OmniScale
from tests.omniscale_like import write_model


@pytest.fixture
def reidentifier(tmp_path: Path) -> OmniScale:
    return OmniScale(write_model(tmp_path / "colours.onnx"))


def boxes(*corners: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(corners, np.float32).reshape(-1, 4)


def picture() -> np.ndarray:
    """Blue on the left, red on the right, 100 pixels high and 80 wide."""
    image = np.zeros((100, 80, 3), np.uint8)
    image[:, :40, 0] = 200
    image[:, 40:, 2] = 100
    return image


def test_an_embedding_has_unit_length_and_describes_the_inside_of_the_box(reidentifier: OmniScale) -> None:
    embeddings = reidentifier.embed(picture(), boxes((5, 10, 35, 90), (45, 10, 75, 90), (20, 10, 60, 90)))
    assert embeddings.shape == (3, EMBEDDING_SIZE)
    assert embeddings.dtype == np.uint8
    blue, red, both = embeddings.view(np.int8)[:, :3].tolist()
    assert blue == [EMBEDDING_SCALE, 0, 0]
    assert red == [0, 0, EMBEDDING_SCALE]
    assert both == pytest.approx(EMBEDDING_SCALE / 5**0.5 * np.array([2, 0, 1]), abs=1)
    assert not embeddings[:, 3:].any()


def test_a_box_beyond_the_frame_is_cut_off_at_its_border(reidentifier: OmniScale) -> None:
    inside, beyond = reidentifier.embed(picture(), boxes((0, 0, 60, 100), (-30, -20, 60, 150)))
    np.testing.assert_array_equal(inside, beyond)


def test_a_box_with_too_few_pixels_has_no_embedding(reidentifier: OmniScale) -> None:
    tiny = boxes((10, 10, 17, 90), (10, 10, 40, 25), (300, 10, 340, 90), (30, 60, 10, 20), (10, 10, 18, 26))
    embeddings = reidentifier.embed(picture(), tiny)
    assert embeddings.any(axis=1).tolist() == [False, False, False, False, True]


def test_a_picture_without_contrast_to_describe_has_no_embedding(reidentifier: OmniScale) -> None:
    assert not reidentifier.embed(np.zeros((50, 50, 3), np.uint8), boxes((5, 5, 45, 45))).any()


def test_a_frame_without_people_has_no_embeddings(reidentifier: OmniScale) -> None:
    assert reidentifier.embed(picture(), boxes()).shape == (0, EMBEDDING_SIZE)


def test_threads_get_the_same_embeddings(reidentifier: OmniScale) -> None:
    image = np.random.default_rng(3).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    people = boxes((5, 10, 95, 190), (100, 3, 180, 170))
    expected = reidentifier.embed(image, people)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: reidentifier.embed(image, people), range(20)):
            np.testing.assert_array_equal(found, expected)


def test_it_is_named_after_its_file(tmp_path: Path) -> None:
    reidentifier = OmniScale(write_model(tmp_path / "mine.onnx"))
    assert reidentifier.name == "omniscale (mine.onnx)"
    assert len(reidentifier.model_sha256) == 64
    assert reidentifier.crop_s > 0


def test_another_file_is_rejected_with_the_expected_shapes(tmp_path: Path) -> None:
    text = tmp_path / "text.onnx"
    text.write_text("not a model")
    for path in (text, tmp_path / "gone.onnx", write_model(tmp_path / "short.onnx", size=100)):
        with pytest.raises(DetectorError, match=r"not a person-reidentification model .*\(1, 256\)"):
            OmniScale(path)
