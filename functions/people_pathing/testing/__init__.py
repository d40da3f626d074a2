"""For tests of code that calls the service: makes moto answer the two operations.

    from people_pathing.testing import person_tracking

    with person_tracking():
        rekognition.start_person_tracking(Video={"S3Object": {"Bucket": "videos", "Name": "street.mp4"}})

Replies, errors and page tokens come from the service's own code. Needs the extra `testing`.
"""

from __future__ import annotations

from people_pathing.testing.mocking import PersonTracking as PersonTracking
from people_pathing.testing.mocking import person_tracking as person_tracking
from people_pathing.testing.outcome import Outcome as Outcome
from people_pathing.testing.outcome import recorded_persons as recorded_persons
from people_pathing.testing.outcome import walking_people as walking_people

__all__ = ["Outcome", "PersonTracking", "person_tracking", "recorded_persons", "walking_people"]
