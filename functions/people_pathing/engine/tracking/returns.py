"""Recognises people who come back after a long time, by their embeddings alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from people_pathing.engine.tracking.assignment import choose
from people_pathing.engine.tracking.candidates import embedding_of
from people_pathing.engine.tracking.linking import LinkedVideo, sequences
from people_pathing.engine.tracking.tracklets import Tracklet, Tracklets


def join_returns(video: LinkedVideo, tracklets: Sequence[Tracklet], most_distance: float) -> list[Tracklet]:
    """Joins tracklets of the same scene whose embeddings are alike, however long the time between them.

    Two people in the same uniform are then one. Tracklets without an embedding stay alone.

    Args:
        video: the video.
        tracklets: complete paths.
        most_distance: largest cosine distance between the embeddings of one person.

    Returns:
        Joined tracklets.
    """
    if len(tracklets) < 2:
        return list(tracklets)
    embeddings = np.stack([embedding_of(video.detections, tracklet) for tracklet in tracklets])
    norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
    embeddings /= np.maximum(norms, 1e-6)
    first, last = (
        np.array([video.detections.rows[tracklet[which]] for tracklet in tracklets]) for which in (0, -1)
    )
    scenes = video.scenes[first]
    pairs = []
    for end in np.flatnonzero(norms[:, 0]).tolist():
        distances = 1 - embeddings @ embeddings[end]
        later = (first > last[end]) & (scenes == scenes[end]) & (norms[:, 0] > 0)
        alike = np.flatnonzero(later & (distances < most_distance))
        pairs += [(end, start, most_distance - distances[start]) for start in alike.tolist()]
    ends, starts = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    chosen = choose(ends, starts, np.array([pair[2] for pair in pairs], np.float64))
    joined = Tracklets.of(tracklets).grouped(*sequences(len(tracklets), ends[chosen], starts[chosen]))
    return list(joined)
