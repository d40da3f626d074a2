import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.detections import Faces
from people_pathing.engine.faces.search import find_faces
from people_pathing.engine.interfaces import FACE_IMAGE_PX, FaceDetector, FrameFaces
from people_pathing.engine.selection import load_face_detector
from tests import portrait

Picture = NDArray[np.uint8]
SURE = np.array([0.9], np.float32)


@pytest.fixture(scope="module")
def centerface() -> FaceDetector:
    return load_face_detector("centerface")


def boxes(*people: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(people, np.float32).reshape(-1, 4)


def find(picture: Picture, people: NDArray[np.float32], detector: FaceDetector) -> Faces:
    return find_faces(picture, people, np.full(len(people), 0.9, np.float32), detector)


class WhiteSquares:
    """A face detector that takes every white square for a face."""

    name = "white squares"

    def __init__(self) -> None:
        self.images: list[Picture] = []

    def detect(self, image: Picture) -> FrameFaces:
        self.images.append(image)
        is_white = (image.min(axis=2) > 200).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(is_white)
        left, top, width, height = stats[1:, :4].T.astype(np.float32)
        corners = np.stack([left, top, left + width, top + height], axis=1)
        landmarks = np.stack([corners[:, :2]] * 5, axis=1)
        return FrameFaces(corners, np.full(len(corners), 0.8, np.float32), landmarks)


def with_squares(*middles: tuple[int, int]) -> Picture:
    """A black picture with white squares of 20 x 20 pixels, centred on the given points."""
    picture = np.zeros((400, 400, 3), np.uint8)
    for x, y in middles:
        picture[y - 10 : y + 10, x - 10 : x + 10] = 255
    return picture


# ---- a real face


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.25])
def test_a_real_face_is_located_at_any_size(centerface: FaceDetector, scale: float) -> None:
    (face,) = find(portrait.portrait(scale), boxes(portrait.PERSON) * scale, centerface)

    assert face["row"] == 0
    assert face["score"] > 0.8
    np.testing.assert_allclose(face["landmarks"], portrait.LANDMARKS * scale, atol=8 * scale)
    np.testing.assert_allclose(face["box"], np.array(portrait.FACE) * scale, atol=15 * scale)
    np.testing.assert_allclose(face["pose"], [0, 0, 0], atol=6)


@pytest.mark.parametrize("degrees", [-25, 15])
def test_the_roll_of_a_leaning_head_is_its_angle(centerface: FaceDetector, degrees: int) -> None:
    rotation = cv2.getRotationMatrix2D((268, 225), -degrees, 1.0)
    leaning = cv2.warpAffine(portrait.portrait(), rotation, (portrait.WIDTH_PX, portrait.HEIGHT_PX))

    (face,) = find(np.asarray(leaning, np.uint8), boxes(portrait.PERSON), centerface)

    assert abs(face["pose"][1] - degrees) < 5


def test_left_landmarks_are_on_the_viewers_left(centerface: FaceDetector) -> None:
    mirrored = np.ascontiguousarray(portrait.portrait()[:, ::-1])

    (face,) = find(mirrored, boxes((7, 25, 482, 600)), centerface)

    left_eye, right_eye, _, left_corner, right_corner = face["landmarks"]
    assert left_eye[0] < right_eye[0]
    assert left_corner[0] < right_corner[0]


def test_a_dark_face_is_less_bright_and_a_blurred_one_less_sharp(centerface: FaceDetector) -> None:
    image, person = portrait.portrait(), boxes(portrait.PERSON)
    dark = (image // 2).astype(np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), 6), np.uint8)

    plain, darker, softer = (find(picture, person, centerface)[0] for picture in (image, dark, blurred))

    assert darker["quality"][0] == pytest.approx(plain["quality"][0] / 2, abs=4)
    assert softer["quality"][0] == pytest.approx(plain["quality"][0], abs=4)
    assert softer["quality"][1] < plain["quality"][1] / 3
    assert 0 <= softer["quality"][1] < plain["quality"][1] <= 100


def test_people_side_by_side_get_their_own_faces(centerface: FaceDetector) -> None:
    small, large = portrait.portrait(0.25), portrait.portrait(0.5)
    picture = np.full((320, 420, 3), 128, np.uint8)
    picture[150:300, 10:138] = small
    picture[10:310, 140:396] = large
    people = boxes((147.5, 22.5, 392.5, 310), (17.5, 156, 136, 300))

    faces = find(picture, people, centerface)

    assert faces["row"].tolist() == [0, 1]
    np.testing.assert_allclose(faces[0]["landmarks"], portrait.LANDMARKS / 2 + [140, 10], atol=5)
    np.testing.assert_allclose(faces[1]["landmarks"], portrait.LANDMARKS / 4 + [10, 150], atol=3)


def test_a_face_at_the_pictures_edge_is_found(centerface: FaceDetector) -> None:
    cut = np.ascontiguousarray(portrait.portrait()[60:, 150:])

    (face,) = find(cut, boxes((-100, -20, 350, 540)), centerface)

    np.testing.assert_allclose(face["landmarks"], portrait.LANDMARKS - [150, 60], atol=8)


def test_noise_has_no_face(centerface: FaceDetector) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)

    assert len(find(noise, boxes((20, 20, 120, 290), (150, 20, 290, 290)), centerface)) == 0


# ---- assignment of faces to people


def test_a_face_in_two_regions_goes_to_the_person_whose_head_is_there() -> None:
    picture = with_squares((160, 125))
    nearer, farther = (112, 110, 212, 390), (95, 95, 195, 390)

    assert find(picture, boxes(nearer, farther), WhiteSquares())["row"].tolist() == [0]
    assert find(picture, boxes(farther, nearer), WhiteSquares())["row"].tolist() == [1]


def test_overlapping_people_get_their_own_faces() -> None:
    picture = with_squares((150, 125), (200, 120))

    faces = find(picture, boxes((150, 100, 250, 390), (100, 105, 200, 390)), WhiteSquares())

    assert faces["row"].tolist() == [0, 1]
    assert [round(float(face["box"][[0, 2]].mean())) for face in faces] == [200, 150]


@pytest.mark.parametrize("middle", [(115, 130), (185, 130), (150, 185)])
def test_a_face_beside_or_below_the_head_belongs_to_another_person(middle: tuple[int, int]) -> None:
    person = boxes((100, 100, 200, 390))

    assert len(find(with_squares((150, 130)), person, WhiteSquares())) == 1
    assert len(find(with_squares(middle), person, WhiteSquares())) == 0


def test_a_person_gets_the_face_that_is_nearest_to_the_top_centre() -> None:
    (face,) = find(with_squares((172, 140), (148, 125)), boxes((100, 100, 200, 390)), WhiteSquares())

    assert face["box"].tolist() == pytest.approx([138, 115, 158, 135], abs=1.5)


def test_doubtful_and_tiny_people_are_not_searched_for_faces() -> None:
    picture, detector = with_squares((150, 130)), WhiteSquares()

    none = find_faces(picture, boxes((100, 100, 200, 390)), np.array([0.3], np.float32), detector)
    tiny = find_faces(picture, boxes((140, 120, 160, 180)), SURE, detector)

    assert (len(none), len(tiny), detector.images) == (0, 0, [])


def test_a_detector_receives_squares_of_one_size_even_beyond_the_picture() -> None:
    picture, detector = np.full((90, 90, 3), 150, np.uint8), WhiteSquares()

    find(picture, boxes((-40, -30, 60, 80), (70, 60, 150, 200), (200, 200, 300, 400)), detector)

    assert [image.shape for image in detector.images] == [(FACE_IMAGE_PX, FACE_IMAGE_PX, 3)] * 3
    assert detector.images[0][-1, -1].tolist() == [150, 150, 150]
    assert detector.images[0][0, 0].tolist() == [114, 114, 114]


def test_a_frame_without_people_has_no_faces(centerface: FaceDetector) -> None:
    assert len(find(np.zeros((9, 9, 3), np.uint8), boxes(), centerface)) == 0


def test_only_the_faces_of_the_best_100_people_are_searched() -> None:
    detector = WhiteSquares()
    crowd = np.tile(boxes((100, 100, 200, 390)), (130, 1))
    find(with_squares((150, 130)), crowd, detector)
    assert len(detector.images) == 100
