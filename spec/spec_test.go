package spec_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v4"

	"github.com/taskbridge/tbgen/spec"
)

func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	doc := loadOpenAPI(t)

	err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation())
	if err != nil {
		t.Errorf("%s: %v", spec.OpenAPI, err)
	}
}

func TestOperationsHaveIDsOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for place, operation := range operations(loadOpenAPI(t)) {
		if operation.OperationID == "" || operation.Summary == "" || operation.Description == "" || len(operation.Tags) == 0 {
			t.Errorf("%s has no operationId, summary, description or tags", place)
		}
		if other, ok := seen[operation.OperationID]; ok {
			t.Errorf("%s and %s are both %s", place, other, operation.OperationID)
		}
		seen[operation.OperationID] = place
	}
}

func TestResponsesAreComplete(t *testing.T) {
	t.Parallel()
	for place, operation := range operations(loadOpenAPI(t)) {
		for status, response := range operation.Responses.Map() {
			if response.Value.Headers["X-Request-Id"] == nil {
				t.Errorf("%s %s has no X-Request-Id", place, status)
			}
			for media, content := range response.Value.Content {
				if content.Schema == nil || content.Example == nil && len(content.Examples) == 0 {
					t.Errorf("%s %s %s has no schema or no example", place, status, media)
				}
			}
		}
	}
}

func TestWrittenObjectsAreClosed(t *testing.T) {
	t.Parallel()
	for name, schema := range loadOpenAPI(t).Components.Schemas {
		if !schema.Value.Type.Is("object") {
			continue
		}
		if closed := schema.Value.AdditionalProperties.Has; closed == nil || *closed {
			t.Errorf("%s admits members that it does not name", name)
		}
	}
}

func TestErrorsAgreeWithTheCatalogue(t *testing.T) {
	t.Parallel()
	doc, tree := loadOpenAPI(t), parse(t, spec.OpenAPI)
	catalogue := at(t, tree, "x-tbgen-errors/catalogue").(map[string]any)

	var codes []string
	for _, code := range doc.Components.Schemas["ErrorCode"].Value.Enum {
		codes = append(codes, code.(string))
	}
	if diff := cmp.Diff(codes, slices.Collect(maps.Keys(catalogue)), sorted()); diff != "" {
		t.Errorf("ErrorCode and the catalogue differ (-schema +catalogue):\n%s", diff)
	}
	for place, operation := range operations(doc) {
		statuses := map[string]bool{}
		for _, code := range operation.Extensions["x-tbgen-errors"].([]any) {
			entry, known := catalogue[code.(string)].(map[string]any)
			if !known {
				t.Errorf("%s names the unknown error %s", place, code)
				continue
			}
			statuses[strconv.Itoa(entry["status"].(int))] = true
		}
		if diff := cmp.Diff(errorStatuses(operation), slices.Collect(maps.Keys(statuses)), sorted()); diff != "" {
			t.Errorf("%s: responses and x-tbgen-errors differ (-responses +errors):\n%s", place, diff)
		}
	}
}

// errorStatuses lists the statuses that an operation answers with the error envelope.
func errorStatuses(operation *openapi3.Operation) []string {
	var statuses []string
	for status, response := range operation.Responses.Map() {
		media := response.Value.Content["application/json"]
		if media != nil && media.Schema.Ref == "#/components/schemas/ErrorResponse" {
			statuses = append(statuses, status)
		}
	}
	return statuses
}

func TestReferencesResolve(t *testing.T) {
	t.Parallel()
	trees := map[string]any{spec.OpenAPI: parse(t, spec.OpenAPI), spec.AsyncAPI: parse(t, spec.AsyncAPI)}
	for name, tree := range trees {
		for _, ref := range references(tree) {
			file, pointer, _ := strings.Cut(ref, "#/")
			target := trees[name]
			if file != "" {
				target = trees[strings.TrimPrefix(file, "./")]
			}
			if _, ok := lookup(target, pointer); !ok {
				t.Errorf("%s: %s leads nowhere", name, ref)
			}
		}
	}
}

// Answers that belong to no operation and are therefore referred to by nothing.
var general = []string{"responses/RouteNotFound", "responses/MethodNotAllowed", "responses/Options"}

func TestComponentsAreUsed(t *testing.T) {
	t.Parallel()
	tree := parse(t, spec.OpenAPI)
	used := slices.Concat(references(tree), references(parse(t, spec.AsyncAPI)))
	for kind, components := range at(t, tree, "components").(map[string]any) {
		if kind == "securitySchemes" {
			continue
		}
		for name := range components.(map[string]any) {
			place := kind + "/" + name
			isUsed := slices.ContainsFunc(used, func(ref string) bool { return strings.HasSuffix(ref, "#/components/"+place) })
			if isUsed == slices.Contains(general, place) {
				t.Errorf("components/%s: used is %t", place, isUsed)
			}
		}
	}
}

func TestEveryMessageIsCarried(t *testing.T) {
	t.Parallel()
	tree := parse(t, spec.AsyncAPI)
	carried := map[string]bool{}
	for _, channel := range at(t, tree, "channels").(map[string]any) {
		for _, message := range at(t, channel, "messages").(map[string]any) {
			carried[at(t, message, "$ref").(string)] = true
		}
	}
	for name := range at(t, tree, "components/messages").(map[string]any) {
		if !carried["#/components/messages/"+name] {
			t.Errorf("no channel carries the message %s", name)
		}
	}
	sent := references(at(t, tree, "operations"))
	for name, channel := range at(t, tree, "channels").(map[string]any) {
		for message := range at(t, channel, "messages").(map[string]any) {
			if !slices.Contains(sent, "#/channels/"+name+"/messages/"+message) {
				t.Errorf("no operation sends or receives %s on %s", message, name)
			}
		}
	}
}

func TestMessageExamplesAreValid(t *testing.T) {
	t.Parallel()
	doc := loadOpenAPI(t)
	for name, message := range at(t, parse(t, spec.AsyncAPI), "components/messages").(map[string]any) {
		_, schema, _ := strings.Cut(at(t, message, "payload/$ref").(string), "#/components/schemas/")
		for _, example := range at(t, message, "examples").([]any) {
			value := asJSON(t, at(t, example, "payload"))
			if err := doc.Components.Schemas[schema].Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
				t.Errorf("the example of %s is no %s: %v", name, schema, err)
			}
		}
	}
}

func TestEveryChannelCarriesTheWholeStream(t *testing.T) {
	t.Parallel()
	tree, union := parse(t, spec.AsyncAPI), loadOpenAPI(t).Components.Schemas["TaskEvent"].Value
	want := []string{"./openapi.yaml#/components/schemas/StreamGap"}
	for _, variant := range union.OneOf {
		want = append(want, "./openapi.yaml"+variant.Ref)
	}
	for name, channel := range at(t, tree, "channels").(map[string]any) {
		var got []string
		for _, message := range at(t, channel, "messages").(map[string]any) {
			target := strings.TrimPrefix(at(t, message, "$ref").(string), "#/")
			payload := at(t, tree, target+"/payload/$ref").(string)
			if slices.Contains(want, payload) {
				got = append(got, payload)
			}
		}
		if diff := cmp.Diff(want, got, sorted()); diff != "" {
			t.Errorf("%s carries another stream (-union +channel):\n%s", name, diff)
		}
	}
}

func TestDiscriminatorAgreesWithItsVariants(t *testing.T) {
	t.Parallel()
	doc := loadOpenAPI(t)
	union := doc.Components.Schemas["TaskEvent"].Value
	if len(union.Discriminator.Mapping) != len(union.OneOf) {
		t.Errorf("%d variants have %d tags", len(union.OneOf), len(union.Discriminator.Mapping))
	}
	for tag, target := range union.Discriminator.Mapping {
		variant := doc.Components.Schemas[strings.TrimPrefix(target.Ref, "#/components/schemas/")]
		if got := variant.Value.Properties["type"].Value.Const; got != tag {
			t.Errorf("%s is of type %v, not %s", target.Ref, got, tag)
		}
	}
}

func TestFramesHaveTheMembersOfTheirSchemas(t *testing.T) {
	t.Parallel()
	tree, doc := parse(t, spec.AsyncAPI), loadOpenAPI(t)
	stream := at(t, tree, "channels/taskEventsSocket/x-tbgen-stream")
	for place, schema := range map[string]string{
		"gap/frame":                 "StreamGap",
		"gap/frame/payload":         "StreamGapPayload",
		"webSocket/subscribe/frame": "WebSocketSubscribeRequest",
		"webSocket/confirm/frame":   "WebSocketSubscriptionConfirmed",
		"webSocket/heartbeat/frame": "WebSocketHeartbeat",
		"sse/heartbeat/frame":       "SseHeartbeat",
		"poll/page":                 "PollEventsResult",
		"poll/gap":                  "StreamGapPayload",
	} {
		got := slices.Collect(maps.Keys(at(t, stream, place).(map[string]any)))
		want := slices.Collect(maps.Keys(doc.Components.Schemas[schema].Value.Properties))
		if diff := cmp.Diff(want, got, sorted()); diff != "" {
			t.Errorf("%s is no %s (-schema +frame):\n%s", place, schema, diff)
		}
	}
}

// loadOpenAPI loads the OpenAPI document with a public library.
func loadOpenAPI(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(read(t, spec.OpenAPI))
	if err != nil {
		t.Fatalf("%s: %v", spec.OpenAPI, err)
	}
	return doc
}

// operations lists the operations of a document by method and path.
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	all := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			all[method+" "+path] = operation
		}
	}
	return all
}

// parse reads a document as plain YAML.
func parse(t *testing.T, name string) any {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(read(t, name), &tree); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return tree
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := spec.Documents.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// asJSON turns a value read from YAML into what encoding/json would have read.
func asJSON(t *testing.T, value any) any {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(data, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// references lists the targets of all $refs below a value.
func references(value any) []string {
	var refs []string
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			if ref, ok := member.(string); ok && key == "$ref" {
				refs = append(refs, ref)
				continue
			}
			refs = append(refs, references(member)...)
		}
	case []any:
		for _, item := range value {
			refs = append(refs, references(item)...)
		}
	}
	return refs
}

// at returns the value at a path of members, which must be there.
func at(t *testing.T, value any, path string) any {
	t.Helper()
	found, ok := lookup(value, path)
	if !ok {
		t.Fatalf("there is nothing at %s", path)
	}
	return found
}

func lookup(value any, path string) (any, bool) {
	for step := range strings.SplitSeq(path, "/") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = object[step]; !ok {
			return nil, false
		}
	}
	return value, true
}

func sorted() cmp.Option {
	return cmpopts.SortSlices(func(a, b string) bool { return a < b })
}
