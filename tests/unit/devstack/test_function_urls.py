from devstack.server.function_urls import local_address

ENDPOINT_URL = "http://127.0.0.1:1"


def test_a_function_url_becomes_an_address_on_the_local_server() -> None:
    url_id = "abcdefghij0123456789abcdefghij01"
    url = f"https://{url_id}.lambda-url.eu-central-1.on.aws/"
    assert local_address(url, ENDPOINT_URL) == f"{ENDPOINT_URL}/_aws/lambda-url/{url_id}/"


def test_other_urls_are_not_replaced() -> None:
    assert local_address("https://tracking.example/", ENDPOINT_URL) == "https://tracking.example/"
