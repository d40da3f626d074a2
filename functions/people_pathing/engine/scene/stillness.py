"""Decides whether anything moved between two frames, so that people need not be searched again.

The smallest change that counts is that of a person 12 pixels high who walks by a third of the own width.
Noise must not count: it is measured in the two frames themselves, because most of a picture usually rests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.opencv import cv2_module

Grey = NDArray[np.uint8]
"""(H, W) uint8: a small grey image."""

CELL_PX = 4
"""Changes are averaged over cells of this side, about as wide as a person 12 pixels high. Sensor noise and
the flicker of compression mostly cancel out in them."""
MOVED_LEVELS = (7.0, 12.0)
"""A cell that changes by more grey levels shows motion: by more than the first without noise, and never more
than the second. A person 12 pixels high with a contrast of 30 levels changes a cell by 10 after two pixels of
the original 768, and by 16 to 20 after four."""
NOISE_FACTOR = 6.0
"""Between the bounds, a change of this many standard deviations of the cells' noise shows motion. An image
has 40,000 overlapping cells, so 4 would be exceeded by chance in each."""
SAMPLED_CELLS = 3
"""The noise is measured in every third cell across and down. That makes 4,800 cells."""
NORMAL_DEVIATION = 1.4826
"""Standard deviation of a normal distribution divided by its median absolute deviation."""


def is_still(before: Grey, now: Grey) -> bool:
    """Whether nothing moved between two frames, as far as small images show it.

    Args:
        before: (H, W) uint8.
        now: (H, W) uint8.
    """
    cv2 = cv2_module()
    change = cv2.subtract(now, before, dtype=cv2.CV_16S)
    # Outside of the picture nothing changes. Reflected pixels would count twice and have more noise.
    sums = cv2.boxFilter(change, -1, (CELL_PX, CELL_PX), normalize=False, borderType=cv2.BORDER_CONSTANT)[
        ::2, ::2
    ]
    some = sums[::SAMPLED_CELLS, ::SAMPLED_CELLS]
    middle = float(np.median(some))
    noise = NORMAL_DEVIATION * float(np.median(np.abs(some - middle)))
    lowest, highest, *_ = cv2.minMaxLoc(np.ascontiguousarray(sums))
    least, most = (levels * CELL_PX**2 for levels in MOVED_LEVELS)
    return bool(max(highest - middle, middle - lowest) <= min(max(least, NOISE_FACTOR * noise), most))
