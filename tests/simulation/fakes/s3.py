"""A fake of S3: versions and delete markers, conditional requests, ranges and multipart uploads."""

# Parameters have the names that boto3 gives them.
# ruff: noqa: N803

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.simulation.errors import Exceptions, client_error
from tests.simulation.fakes.bucket import Bucket, Version, etag_of
from tests.simulation.fakes.paginator import Paginator
from tests.simulation.network import Network


class S3:
    """A client of S3.

    Args:
        network: carries the calls.
        buckets: the buckets by name.
    """

    exceptions = Exceptions()

    def __init__(self, network: Network, buckets: dict[str, Bucket]) -> None:
        self._network = network
        self._buckets = buckets

    def get_object(self, *, Bucket: str, Key: str, **more: Any) -> Any:
        def effect() -> Any:
            found = self._found(Bucket, Key, more, "NoSuchKey", "PreconditionFailed")
            data = found.data or b""
            if "Range" in more:
                start, end = (int(number) for number in more["Range"].removeprefix("bytes=").split("-"))
                if start >= len(data):
                    raise client_error("InvalidRange", 416)
                data = data[start : end + 1]
            return {"Body": io.BytesIO(data), **_head(found, len(data))}

        return self._call("GetObject", Bucket, Key, effect)

    def head_object(self, *, Bucket: str, Key: str, **more: Any) -> Any:
        def effect() -> Any:
            found = self._found(Bucket, Key, more, "404", "412")
            return _head(found, len(found.data or b""))

        return self._call("HeadObject", Bucket, Key, effect)

    def put_object(self, *, Bucket: str, Key: str, Body: Any, **more: Any) -> Any:
        data = Body if isinstance(Body, bytes) else Body.read()

        def effect() -> Any:
            current = self._bucket(Bucket).current(Key)
            if more.get("IfNoneMatch") == "*" and current is not None:
                raise client_error("PreconditionFailed", 412)
            if "IfMatch" in more:
                if current is None:
                    raise client_error("NoSuchKey", 404)
                if current.etag != more["IfMatch"]:
                    raise client_error("PreconditionFailed", 412)
            return self._store(Bucket, Key, data)

        return self._call("PutObject", Bucket, Key, effect, writes=True)

    def upload_fileobj(self, Fileobj: Any, Bucket: str, Key: str, **_: Any) -> None:
        self.put_object(Bucket=Bucket, Key=Key, Body=Fileobj)

    def delete_object(self, *, Bucket: str, Key: str, VersionId: str | None = None, **_: Any) -> Any:
        return self._call(
            "DeleteObject", Bucket, Key, lambda: self._delete(Bucket, Key, VersionId), writes=True
        )

    def delete_objects(self, *, Bucket: str, Delete: Mapping[str, Any], **_: Any) -> Any:
        def effect() -> Any:
            for entry in Delete["Objects"]:
                self._delete(Bucket, entry["Key"], entry.get("VersionId"))
            return {"Deleted": [{"Key": entry["Key"]} for entry in Delete["Objects"]]}

        return self._call("DeleteObjects", Bucket, Delete["Objects"][0]["Key"], effect, writes=True)

    def list_objects_v2(self, *, Bucket: str, Prefix: str = "", Delimiter: str = "", **_: Any) -> Any:
        return self._call(
            "ListObjectsV2", Bucket, Prefix, lambda: self._listed_objects(Bucket, Prefix, Delimiter)
        )

    def list_object_versions(self, *, Bucket: str, Prefix: str = "", **_: Any) -> Any:
        return self._call("ListObjectVersions", Bucket, Prefix, lambda: self._listed_versions(Bucket, Prefix))

    def list_multipart_uploads(self, *, Bucket: str, Prefix: str = "", **_: Any) -> Any:
        def effect() -> Any:
            found = [
                {"Key": key, "UploadId": upload_id}
                for upload_id, (key, _) in self._bucket(Bucket).uploads.items()
                if key.startswith(Prefix)
            ]
            return {"Uploads": found} if found else {}

        return self._call("ListMultipartUploads", Bucket, Prefix, effect)

    def get_paginator(self, operation: str) -> Paginator:
        return Paginator(getattr(self, operation))

    def create_multipart_upload(self, *, Bucket: str, Key: str, **_: Any) -> Any:
        def effect() -> Any:
            bucket = self._bucket(Bucket)
            upload_id = bucket.new_id("multipart")
            bucket.uploads[upload_id] = (Key, {})
            return {"UploadId": upload_id}

        return self._call("CreateMultipartUpload", Bucket, Key, effect, writes=True)

    def upload_part(self, *, Bucket: str, Key: str, UploadId: str, PartNumber: int, Body: Any) -> Any:
        def effect() -> Any:
            self._upload(Bucket, UploadId)[1][PartNumber] = Body
            return {"ETag": etag_of(Body)}

        return self._call("UploadPart", Bucket, Key, effect, writes=True)

    def complete_multipart_upload(
        self, *, Bucket: str, Key: str, UploadId: str, MultipartUpload: Mapping[str, Any]
    ) -> Any:
        def effect() -> Any:
            parts = self._upload(Bucket, UploadId)[1]
            data = b"".join(parts[part["PartNumber"]] for part in MultipartUpload["Parts"])
            del self._bucket(Bucket).uploads[UploadId]
            return self._store(Bucket, Key, data)

        return self._call("CompleteMultipartUpload", Bucket, Key, effect, writes=True)

    def abort_multipart_upload(self, *, Bucket: str, Key: str, UploadId: str) -> Any:
        def effect() -> Any:
            self._upload(Bucket, UploadId)
            del self._bucket(Bucket).uploads[UploadId]
            return {}

        return self._call("AbortMultipartUpload", Bucket, Key, effect, writes=True)

    def _call(
        self, operation: str, bucket: str, key: str, effect: Callable[[], Any], *, writes: bool = False
    ) -> Any:
        return self._network.call("s3", operation, f"{bucket}/{key}", effect, writes=writes)

    def _bucket(self, name: str) -> Bucket:
        if name not in self._buckets:
            raise client_error("NoSuchBucket", 404)
        return self._buckets[name]

    def _upload(self, bucket: str, upload_id: str) -> tuple[str, dict[int, bytes]]:
        uploads = self._bucket(bucket).uploads
        if upload_id not in uploads:
            raise client_error("NoSuchUpload", 404)
        return uploads[upload_id]

    def _found(
        self, bucket: str, key: str, request: Mapping[str, Any], missing: str, changed: str
    ) -> Version:
        versions = self._bucket(bucket).versions.get(key, [])
        if wanted := request.get("VersionId"):
            versions = [version for version in versions if version.version_id == wanted]
            missing = "404" if missing == "404" else "NoSuchVersion"
        if not versions or (versions[-1].data is None and not wanted):
            raise client_error(missing, 404)
        found = versions[-1]
        if found.data is None:
            raise client_error("405" if missing == "404" else "MethodNotAllowed", 405)
        if "IfMatch" in request and request["IfMatch"] != found.etag:
            raise client_error(changed, 412)
        return found

    def _store(self, bucket_name: str, key: str, data: bytes | None) -> Any:
        bucket = self._bucket(bucket_name)
        version = bucket.store(key, data, self._network.world.now_s)
        reply = {"ETag": version.etag}
        return reply | {"VersionId": version.version_id} if bucket.is_versioned else reply

    def _delete(self, bucket_name: str, key: str, version_id: str | None) -> Any:
        bucket = self._bucket(bucket_name)
        if bucket.is_versioned and version_id is None:
            self._store(bucket_name, key, None)
            return {"DeleteMarker": True, "VersionId": bucket.versions[key][-1].version_id}
        left = [
            version
            for version in bucket.versions.get(key, [])
            if version_id not in (None, version.version_id)
        ]
        if left:
            bucket.versions[key] = left
        else:
            bucket.versions.pop(key, None)
        for watch in bucket.watchers:
            watch(key, None)
        return {}

    def _listed_objects(self, bucket_name: str, prefix: str, delimiter: str) -> Any:
        contents: list[Any] = []
        folders: list[str] = []
        bucket = self._bucket(bucket_name)
        for key in bucket.keys(prefix):
            rest = key.removeprefix(prefix)
            if delimiter and delimiter in rest:
                folder = prefix + rest[: rest.index(delimiter) + 1]
                if folder not in folders:
                    folders.append(folder)
                continue
            found = bucket.versions[key][-1]
            contents.append(
                {
                    "Key": key,
                    "Size": len(found.data or b""),
                    "ETag": found.etag,
                    "LastModified": datetime.fromtimestamp(found.written_s, UTC),
                }
            )
        reply: dict[str, Any] = {"KeyCount": len(contents) + len(folders)}
        if contents:
            reply["Contents"] = contents
        if folders:
            reply["CommonPrefixes"] = [{"Prefix": folder} for folder in folders]
        return reply

    def _listed_versions(self, bucket_name: str, prefix: str) -> Any:
        reply: dict[str, Any] = {}
        bucket = self._bucket(bucket_name)
        for key in sorted(bucket.versions):
            if not key.startswith(prefix):
                continue
            for version in reversed(bucket.versions[key]):
                kind = "Versions" if version.data is not None else "DeleteMarkers"
                reply.setdefault(kind, []).append(
                    {
                        "Key": key,
                        "VersionId": version.version_id,
                        "LastModified": datetime.fromtimestamp(version.written_s, UTC),
                    }
                )
        return reply


def _head(found: Version, length: int) -> dict[str, Any]:
    head = {"ETag": found.etag, "ContentLength": length, "Metadata": {}}
    return head | {"VersionId": found.version_id} if found.version_id != "null" else head
