"""Operations of Rekognition that this service does not have."""

from __future__ import annotations

import botocore.session
import pytest

from people_pathing.service.protocol.api_model import model
from people_pathing.service.protocol.errors import UnknownOperationException
from people_pathing.service.protocol.wire import operation_name

REKOGNITION = botocore.session.Session().get_service_model("rekognition")
OTHER_OPERATIONS = sorted(set(REKOGNITION.operation_names) - set(model()["operations"]))


@pytest.mark.parametrize("operation", OTHER_OPERATIONS)
def test_every_other_operation_of_rekognition_is_unknown(operation: str) -> None:
    target = f"{REKOGNITION.metadata['targetPrefix']}.{operation}"
    event = {"requestContext": {"http": {"method": "POST"}}, "headers": {"x-amz-target": target}}

    with pytest.raises(UnknownOperationException, match=operation):
        operation_name(event)
