#!/bin/sh
# Makes the calls of boto3_mixed.py with the AWS CLI, whose executable is the argument.
set -eu

aws=$1
video='{"S3Object": {"Bucket": "videos", "Name": "street.mp4"}}'
printf 'an image' >image.jpg

"$aws" rekognition detect-labels --image-bytes fileb://image.jpg >/dev/null
job=$("$aws" rekognition start-person-tracking --video "$video" --query JobId --output text)
"$aws" rekognition index-faces --collection-id faces --image-bytes fileb://image.jpg >/dev/null
index=$("$aws" rekognition get-person-tracking --job-id "$job" --query 'Persons[].Person.Index' --output text)
echo "$job $index"
