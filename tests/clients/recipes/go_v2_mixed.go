// Makes the calls of boto3_mixed.py. The function toStack is the recipe in docs/clients.md.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/aws/smithy-go/middleware"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	check(err)
	client := rekognition.NewFromConfig(settings)
	image := &types.Image{Bytes: []byte("an image")}
	object := &types.S3Object{Bucket: aws.String("videos"), Name: aws.String("street.mp4")}

	_, err = client.DetectLabels(ctx, &rekognition.DetectLabelsInput{Image: image})
	check(err)
	started, err := client.StartPersonTracking(
		ctx, &rekognition.StartPersonTrackingInput{Video: &types.Video{S3Object: object}}, toStack)
	check(err)
	_, err = client.IndexFaces(ctx, &rekognition.IndexFacesInput{CollectionId: aws.String("faces"), Image: image})
	check(err)
	page, err := client.GetPersonTracking(
		ctx, &rekognition.GetPersonTrackingInput{JobId: started.JobId}, toStack)
	check(err)
	for _, detection := range page.Persons {
		fmt.Println(*started.JobId, detection.Person.Index)
	}
}
