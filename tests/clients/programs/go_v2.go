// Calls the service with the AWS SDK for Go v2, as tests/clients/program_client.py demands.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

type call struct {
	Operation  string          `json:"operation"`
	Parameters json.RawMessage `json:"parameters"`
	Paged      bool            `json:"paged"`
}

type outcome struct {
	Replies []interface{}      `json:"replies,omitempty"`
	Error   string             `json:"error,omitempty"`
	Message string             `json:"message,omitempty"`
	Members map[string]*string `json:"members,omitempty"`
}

func newClient() *rekognition.Client {
	return rekognition.New(rekognition.Options{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), ""),
		EndpointResolver: rekognition.EndpointResolverFromURL(os.Getenv("AWS_ENDPOINT_URL_REKOGNITION")),
		APIOptions:       []func(*middleware.Stack) error{signForLambda},
		Retryer:          aws.NopRetryer{},
	})
}

// signForLambda replaces the signing name of the operation. A Lambda Function URL accepts no other.
func signForLambda(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("SignForLambda", func(
		ctx context.Context, input middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(awsmiddleware.SetSigningName(ctx, "lambda"), input)
	}), middleware.After)
}

// replies makes one call, or reads all pages with the SDK's paginator.
func replies(client *rekognition.Client, made call) ([]interface{}, error) {
	background := context.Background()
	switch made.Operation {
	case "StartPersonTracking":
		var input rekognition.StartPersonTrackingInput
		if err := json.Unmarshal(made.Parameters, &input); err != nil {
			return nil, err
		}
		reply, err := client.StartPersonTracking(background, &input)
		return []interface{}{reply}, err
	case "GetPersonTracking":
		var input rekognition.GetPersonTrackingInput
		if err := json.Unmarshal(made.Parameters, &input); err != nil {
			return nil, err
		}
		if !made.Paged {
			reply, err := client.GetPersonTracking(background, &input)
			return []interface{}{reply}, err
		}
		var read []interface{}
		pages := rekognition.NewGetPersonTrackingPaginator(client, &input)
		for pages.HasMorePages() {
			page, err := pages.NextPage(background)
			if err != nil {
				return nil, err
			}
			read = append(read, page)
		}
		return read, nil
	case "ListCollections":
		reply, err := client.ListCollections(background, &rekognition.ListCollectionsInput{})
		return []interface{}{reply}, err
	}
	return nil, fmt.Errorf("this program does not call %s", made.Operation)
}

func outcomeOfError(err error) outcome {
	var apiError smithy.APIError
	if !errors.As(err, &apiError) {
		return outcome{Error: "(none)", Message: err.Error()}
	}
	// An error that the SDK has no type for is a GenericAPIError.
	if _, isGeneric := apiError.(*smithy.GenericAPIError); isGeneric {
		return outcome{Error: apiError.ErrorCode(), Message: apiError.ErrorMessage()}
	}
	value := reflect.ValueOf(apiError).Elem()
	members := map[string]*string{}
	for _, name := range []string{"Code", "Logref"} {
		if member, isText := value.FieldByName(name).Interface().(*string); isText {
			members[name] = member
		}
	}
	return outcome{Error: value.Type().Name(), Message: apiError.ErrorMessage(), Members: members}
}

// withoutAbsent removes the members that the reply lacked: they are nil in Go.
func withoutAbsent(value interface{}) interface{} {
	switch value := value.(type) {
	case map[string]interface{}:
		for name, member := range value {
			if member == nil || name == "ResultMetadata" {
				delete(value, name)
			} else {
				value[name] = withoutAbsent(member)
			}
		}
	case []interface{}:
		for i, item := range value {
			value[i] = withoutAbsent(item)
		}
	}
	return value
}

func play(client *rekognition.Client, line []byte) outcome {
	var made call
	if err := json.Unmarshal(line, &made); err != nil {
		return outcome{Error: "(none)", Message: err.Error()}
	}
	read, err := replies(client, made)
	if err != nil {
		return outcomeOfError(err)
	}
	text, err := json.Marshal(read)
	if err != nil {
		return outcome{Error: "(none)", Message: err.Error()}
	}
	var plain []interface{}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&plain); err != nil {
		return outcome{Error: "(none)", Message: err.Error()}
	}
	for i, reply := range plain {
		plain[i] = withoutAbsent(reply)
	}
	return outcome{Replies: plain}
}

func main() {
	client := newClient()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := out.Encode(play(client, lines.Bytes())); err != nil {
			panic(err)
		}
	}
}
