"""Makes MiniStack deploy Function URLs at addresses of the local server."""

import re
from typing import Any

_FUNCTION_URL = re.compile(r"https://([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.on\.aws/?")


def deploy_function_urls_locally(endpoint_url: str) -> None:
    """Wraps the attributes of deployed Function URLs, which the template passes on to outputs and functions.

    Args:
        endpoint_url: where the local server listens.
    """
    from ministack.services.cloudformation import provisioners

    attributes_of = provisioners._lambda_url_attributes

    def local_attributes_of(config: dict[str, Any]) -> dict[str, Any]:
        attributes = attributes_of(config)
        return {**attributes, "FunctionUrl": local_address(attributes["FunctionUrl"], endpoint_url)}

    provisioners._lambda_url_attributes = local_attributes_of


def local_address(function_url: str, endpoint_url: str) -> str:
    """Returns the address of a Function URL on the local server.

    AWS resolves Function URLs through DNS. This machine cannot.

    Args:
        function_url: as AWS writes it.
        endpoint_url: where the local server listens, for example `http://127.0.0.1:4566`.
    """
    return _FUNCTION_URL.sub(rf"{endpoint_url}/_aws/lambda-url/\1/", function_url)
