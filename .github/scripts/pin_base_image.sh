#!/bin/sh
# Writes a digest behind the name of the base image in the worker's Dockerfile.
set -eu
digest="$1"
dockerfile="${2:-functions/worker/Dockerfile}"
digits="${digest#sha256:}"
case "$digits" in *[!0-9a-f]*) digits= ;; esac
if [ "$digest" != "sha256:$digits" ] || [ "${#digits}" -ne 64 ]; then
  echo "$digest is not a digest, which is sha256: and 64 hexadecimal digits" >&2
  exit 1
fi
name='ARG BASE_IMAGE=public\.ecr\.aws/lambda/python:3\.13'
if ! grep -qxE "$name(@sha256:[0-9a-f]{64})?" "$dockerfile"; then
  echo "$dockerfile has no line ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13" >&2
  exit 1
fi
sed -i -E "s|^($name)(@sha256:[0-9a-f]{64})?\$|\1@$digest|" "$dockerfile"
