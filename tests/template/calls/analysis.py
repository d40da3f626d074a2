"""Records the calls of AnalyzeResults while it counts stored results in moto's S3."""

from __future__ import annotations

from typing import Any

from moto import mock_aws

from people_pathing.pipeline.settings import RecountSetting
from people_pathing.results import file_names
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline
from tests.template.calls.call import Call, multipart_calls
from tests.template.resolved import Stack
from tests.unit.cli.test_count import CALIBRATION, ZONES
from tests.unit.pipeline.test_counting import KEY, job_stored, put_zones, tracked, zones_stored

ROLE = "AnalyzeResultsRole"


def analysis_calls(stack: Stack) -> dict[str, dict[str, Call]]:
    """Returns what AnalyzeResults calls, with the names of a deployed stack."""
    calls: dict[str, Call] = {}
    names = {VIDEOS: stack.physical_name("VideoBucket"), RESULTS: stack.physical_name("ResultsBucket")}
    with mock_aws():
        pipeline = FakePipeline(recount=RecountSetting(10, is_dry_run=False))
        record = tracked(pipeline, KEY)

        def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
            call = Call("s3", model.name, {**params, "Bucket": names[params["Bucket"]]})
            # It uploads files, so boto3 divides those that are large.
            for one in [call, *(multipart_calls(call) if model.name == "PutObject" else ())]:
                calls.setdefault(one.shape, one)

        def handle(event: dict[str, Any]) -> None:
            pipeline.s3.meta.events.register("provide-client-params", keep)
            pipeline.on_results(event)
            pipeline.s3.meta.events.unregister("provide-client-params", keep)

        put_zones(pipeline, {**ZONES, "calibration": CALIBRATION})
        handle(job_stored(record))
        # These zones have no calibration, so a table that was stored does not apply any more.
        put_zones(pipeline)
        handle(zones_stored())
        put_zones(pipeline, {**ZONES, "calibration": CALIBRATION})
        handle(zones_stored())
        for name in file_names():
            pipeline.s3.delete_object(Bucket=RESULTS, Key=record.results_prefix + name)
        handle(job_stored(record))
    return {ROLE: calls}
