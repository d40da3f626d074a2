"""The masks of a video: areas that are never analysed, from the zones file in the video's own bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.common.zones_objects import ZONES_PREFIX, ZonesContentError, find_zones, zones_text
from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import VideoRejectedError, VideoUnreadableError
from people_pathing.service.videos.access import access_problem

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

    from people_pathing.analysis.zones_file.sections import Polygon


def masks_of(s3: S3Client, video: VideoObject) -> tuple[Polygon, ...]:
    """Returns the masked areas of a video. Without a zones file that applies, there are none.

    Raises:
        VideoRejectedError: the masks in the zones file cannot be read, so it is not known what must not be
            analysed.
        VideoUnreadableError: the service has no access to the zones files in the bucket.
    """
    try:
        zones = find_zones(s3, video.bucket, video.name)
    except ClientError as error:
        problem = access_problem(error)
        if problem is None or problem.is_final:
            raise
        raise VideoUnreadableError(
            f"the masks for {video.uri} cannot be read: s3://{video.bucket}/{ZONES_PREFIX} {problem.reason}; "
            "s3:ListBucket is needed, too"
        ) from error
    if zones is None:
        return ()
    # Every worker imports this module, and few videos have masks.
    from people_pathing.analysis.zones_file.members import ZonesFileError
    from people_pathing.analysis.zones_file.reading import read_masks

    try:
        return tuple(mask.polygon for mask in read_masks(zones_text(zones)))
    except (ZonesFileError, ZonesContentError) as error:
        raise VideoRejectedError(
            f"{zones.uri} has the masks for {video.uri} and is wrong: {error}; correct it, then upload the "
            "video again"
        ) from error
