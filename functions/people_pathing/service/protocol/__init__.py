"""The wire protocol: requests, replies and errors as AWS clients send and expect them."""
