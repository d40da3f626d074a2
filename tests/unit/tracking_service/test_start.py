from __future__ import annotations

from tests.unit.tracking_service.world import VIDEO, World, call


def test_a_stored_video_gets_a_job_and_the_job_an_execution_of_its_name(world: World) -> None:
    answer = call(
        "StartPersonTracking", {"Video": VIDEO, "JobTag": "a:b/c", "NotificationChannel": world.channel}
    )

    assert answer.status_code == 200, answer
    job_id = answer.body["JobId"]
    assert world.executions() == [job_id]
    assert world.job(job_id).job_tag == "a:b/c"
