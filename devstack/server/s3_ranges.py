"""Makes MiniStack return ranges of object versions."""

from typing import Any


def serve_ranges_of_versions() -> None:
    """Wraps MiniStack's GetObject, which ignores the Range header of a request with a version id."""
    from ministack.services import s3

    get_object = s3._get_object

    def get_object_range(
        bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        status, reply, body = get_object(bucket, key, headers, query)
        byte_range = s3._parse_range(headers.get("range", ""), len(body)) if status == 200 else None
        if byte_range is None:
            return status, reply, body
        first, last = byte_range
        part = body[first : last + 1]
        # A checksum of the whole object would make clients reject the part.
        kept = {name: value for name, value in reply.items() if not name.lower().startswith("x-amz-checksum")}
        sizes = {"Content-Length": str(len(part)), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
        return 206, {**kept, **sizes}, part

    s3._get_object = get_object_range
