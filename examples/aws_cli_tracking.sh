#!/usr/bin/env bash
# Tracks a video with the AWS CLI: starts a job, waits for its end and reads every page of the result.
#
#   people-pathing connect --stack-name people-pathing
#   examples/aws_cli_tracking.sh VIDEO_BUCKET street.mp4
#
# Prints one line for each detection: time in milliseconds, person, and the box as ratios of the frame.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: aws_cli_tracking.sh BUCKET KEY" >&2
  exit 2
fi
bucket=$1
key=$2

tracking() {
  aws rekognition get-person-tracking --job-id "$job" --output text "$@"
}

# How --output text shows a member that is missing.
none=None

job=$(aws rekognition start-person-tracking --output text --query JobId \
  --video "{\"S3Object\": {\"Bucket\": \"$bucket\", \"Name\": \"$key\"}}")

while state=$(tracking --max-results 1 --query JobStatus) && [ "$state" = IN_PROGRESS ]; do
  sleep 2
done
if [ "$state" != SUCCEEDED ]; then
  echo "$key: $(tracking --query StatusMessage)" >&2
  exit 1
fi

fields='Timestamp, Person.Index, Person.BoundingBox.Left, Person.BoundingBox.Top,'
fields+=' Person.BoundingBox.Width, Person.BoundingBox.Height'
pages=(--sort-by TIMESTAMP --max-results 1000)
options=("${pages[@]}")
while :; do
  # One call for each page: the first line is the token of the next page, the others are detections.
  page=$(tracking "${options[@]}" --query "[[[NextToken]], Persons[].[$fields]][]")
  next=$(head -n 1 <<<"$page")
  tail -n +2 <<<"$page"
  [ "$next" != "$none" ] || break
  options=("${pages[@]}" --next-token "$next")
done
