"""The thresholds of association, linking and smoothing. Changing one changes every result."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How people move and look between two tracklets. Lengths are in body heights, times in seconds.

    Attributes:
        longest_gap_s: tracklets that are further apart in time are never joined.
        heading_s: the heading at an end is the straight line through this much of the tracklet.
        longest_heading_s: where people are searched rarely, the heading is the straight line through the
            nearest three detections within this time.
        usual_speed: standard deviation of a person's velocity, in heights per second and direction.
        position_spread: standard deviation of a detector's box.
        speed_spread: standard deviation of the change of a person's velocity, in heights per second.
        starts_per_area: how many other people start on an area of one square height during a gap.
        height_spread: standard deviation of the change of the logarithm of a person's height.
        embedding_weight: evidence for each unit of distance between embeddings.
        embedding_middle: distance of embeddings that says nothing.
        embedding_least: least evidence of embeddings.
        embedding_most: most evidence of embeddings. Without this limit, it would outweigh that a person has
            left the picture.
        same_appearance: mean distance between descriptors of the same person.
        different_appearance: mean distance between descriptors of two people.
        border: a place that is closer to the edge of the picture than this counts as the way out.
        leaving_s: a person who will be at the border this long after the last detection has left.
        leaving_cost: evidence against a join whose person left the picture or has just entered it.
    """

    longest_gap_s: float = 10.0
    heading_s: float = 0.8
    longest_heading_s: float = 2.5
    usual_speed: float = 0.5
    position_spread: float = 0.08
    speed_spread: float = 0.35
    starts_per_area: float = 0.08
    height_spread: float = 0.1
    embedding_weight: float = 21.5
    embedding_middle: float = 0.46
    embedding_least: float = -8.0
    embedding_most: float = 3.0
    same_appearance: float = 0.05
    different_appearance: float = 0.27
    border: float = 0.25
    leaving_s: float = 0.5
    leaving_cost: float = 2.5


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """When a camera counts as moving, and how its motion is undone. Lengths are in body heights.

    Attributes:
        moving_heights: a camera moves if it travels this far within moving_s. The errors of a fixed camera's
            steps are smaller.
        moving_s: in seconds.
        slow_s: how long before and after that it may move more slowly. Longer than people are lost, so that
            no person is seen again in other coordinates.
        zoom_heights: how far a person who becomes e times as large has travelled, at least.
        clear_score: body heights are those of detections from this score on.
        bridged_s: an unknown step is like the known ones before and after, if they are no further away than
            this. Otherwise the camera is taken to be fixed, because tracking works better without a motion
            than with a wrong one.
        return_s: while the camera moves, scale and roll return to those of the picture by a factor of e in
            this time.
    """

    moving_heights: float = 0.2
    moving_s: float = 2.0
    slow_s: float = 10.0
    zoom_heights: float = 3.0
    clear_score: float = 0.4
    bridged_s: float = 1.0
    return_s: float = 30.0

    def __post_init__(self) -> None:
        """Raises ValueError if a setting makes no sense."""
        if not self.return_s > 0:
            raise ValueError(f"return_s must be above 0, not {self.return_s!r}")


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """All settings of tracking. Times are in seconds, scores 0..1, lengths in body heights.

    Attributes:
        weakest_score: association ignores detections below this score.
        high_score: BoT-SORT's limit for detections that may continue any track. Weaker ones may only
            continue a track that was seen in the frame before.
        new_track_score: BoT-SORT's limit for detections that may start a track.
        lone_score: linking also receives detections that association leaves alone, from this score on if
            people are searched at intervals of lone_interval_s or more.
        lone_interval_s: at shorter intervals, lone detections need a higher score, up to 1.
        lone_overlap: but not those that overlap another person in the frame this much.
        lost_s: how long BoT-SORT keeps a lost track. It is short because linking bridges gaps better.
        shortest_s: tracks that are shorter are dropped; see `tracklets.drop_doubtful`.
        best_score: tracks whose best scores are lower are dropped.
        found_share: tracks whose person is found in a smaller share of the searched frames are dropped.
        still_heights: a person who stays within this distance stands still.
        still_score: tracks that stand still and have a lower mean score are dropped.
        smooth_place_s: how strongly places are smoothed: about half a stride, because swinging arms and legs
            move the box but not the person.
        smooth_size_s: how strongly sizes are smoothed. They change more slowly than places.
        gap_s: only gaps from this length on are cleaned; see `tracklets.drop_covered_at_gaps`.
        filled_s: longer gaps are left empty, because the person may have been anywhere.
        recognises_returns: whether a person who comes back later keeps the index; needs embeddings.
        returning_distance: largest distance between embeddings of a person who comes back.
        covered_share: share of a box that may be hidden by a nearer person beside a gap.
        link: settings of linking.
        camera: settings of moving cameras.
    """

    weakest_score: float = 0.1
    high_score: float = 0.4
    new_track_score: float = 0.5
    lone_score: float = 0.65
    lone_interval_s: float = 0.07
    lone_overlap: float = 0.5
    lost_s: float = 0.5
    shortest_s: float = 0.6
    best_score: float = 0.7
    found_share: float = 0.3
    still_heights: float = 0.5
    still_score: float = 0.6
    smooth_place_s: float = 0.35
    smooth_size_s: float = 0.7
    gap_s: float = 0.5
    filled_s: float = 4.0
    covered_share: float = 0.5
    recognises_returns: bool = False
    returning_distance: float = 0.25
    link: LinkSettings = field(default_factory=LinkSettings)
    camera: CameraSettings = field(default_factory=CameraSettings)

    def __post_init__(self) -> None:
        """Raises TypeError or ValueError if a setting makes no sense."""
        if not isinstance(self.link, LinkSettings):
            raise TypeError(f"link must be LinkSettings(...), not {self.link!r}")
        if not isinstance(self.camera, CameraSettings):
            raise TypeError(f"camera must be CameraSettings(...), not {self.camera!r}")
        for name in ("lone_interval_s", "smooth_place_s", "smooth_size_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)!r}")
