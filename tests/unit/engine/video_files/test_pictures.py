import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.video_files.display import Display
from people_pathing.engine.video_files.pictures import SCALED_FIRST, PictureConverter

BT709, BT601 = 1, 5
LIMITED, FULL = 1, 2


@pytest.mark.parametrize("matrix", [BT709, BT601])
@pytest.mark.parametrize("levels", [LIMITED, FULL])
@pytest.mark.parametrize("pixels", sorted(SCALED_FIRST))
def test_pictures_have_the_same_colours_if_they_are_scaled_before_they_are_converted(
    pixels: str, levels: int, matrix: int
) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (6, 8, 3), np.uint8)
    smooth = np.asarray(cv2_module().resize(noise, (400, 320)), np.uint8)
    picture = VideoFrame.from_ndarray(smooth, format="bgr24").reformat(format=pixels)
    picture.color_range, picture.colorspace = levels, matrix
    converter = PictureConverter(Display(False, False, False, 400, 320))

    image = converter.image(picture, 320, 256, "bgr24", Interpolation.BICUBIC)

    at_once = VideoReformatter().reformat(picture, 320, 256, "bgr24", interpolation=Interpolation.BICUBIC)
    difference = image.astype(int) - at_once.to_ndarray()
    assert np.abs(difference).mean() < 1.2
    assert np.percentile(np.abs(difference), 99) <= 3
    assert np.abs(difference.mean(axis=(0, 1))).max() < 1.1
