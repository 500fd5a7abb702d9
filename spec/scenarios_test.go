package spec_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/taskbridge/tbgen/spec"
)

// A request as the scenarios write it, in a setup or in a case.
type request = map[string]any

func TestSetupsCanRun(t *testing.T) {
	t.Parallel()
	byID, setups := operationsByID(t), scenarios(t, "setups").(map[string]any)
	for name, setup := range setups {
		known := []string{"unique"}
		if base, ok := setup.(request)["setup"].(string); ok {
			known = append(known, captures(t, setups, base)...)
		}
		checkRequest(t, "setup "+name, byID, at(t, setup, "request").(request), known)
		if _, waits := setup.(request)["until"]; waits && setup.(request)["stream"] == nil {
			t.Errorf("setup %s waits, but names no stream", name)
		}
	}
	for _, stream := range scenarios(t, "streams").([]any) {
		if !slices.Contains(captures(t, setups, at(t, stream, "setup").(string)), "taskId") {
			t.Errorf("%v does not capture the key of its stream", stream)
		}
	}
}

func TestCasesAreDocumentedAnswers(t *testing.T) {
	t.Parallel()
	byID, setups, names := operationsByID(t), scenarios(t, "setups").(map[string]any), map[string]bool{}
	catalogue := at(t, parse(t, spec.OpenAPI), "x-tbgen-errors/catalogue").(map[string]any)
	for _, item := range scenarios(t, "cases").([]any) {
		c := item.(request)
		id := c["operation"].(string)
		place := id + "/" + c["name"].(string)
		if names[place] {
			t.Errorf("there are two cases %s", place)
		}
		names[place] = true

		known := []string{"unique"}
		if setup, ok := c["setup"].(string); ok {
			known = append(known, captures(t, setups, setup)...)
		}
		checkRequest(t, place, byID, c, known)

		status := c["status"].(int)
		if operation := byID[id]; operation != nil && operation.Responses.Status(status) == nil {
			t.Errorf("%s: %s does not answer %d", place, id, status)
		}
		code, ok := c["code"].(string)
		if ok && at(t, catalogue, code+"/status") != status {
			t.Errorf("%s: %s is not of status %d", place, code, status)
		}
		if !ok && status >= 400 {
			t.Errorf("%s: an error without its code", place)
		}
	}
}

// Answers that cannot be asked for from outside: they need another policy, a limit or a fault, or are
// checked with the stream.
var unasked = []string{
	"createTask 403", "ready 503", "taskEventsSocket 101", "taskEventsSocket 400",
	"streamEvents 422",
}

func TestEveryAnswerHasACase(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	for _, item := range scenarios(t, "cases").([]any) {
		asked[item.(request)["operation"].(string)+" "+strconv.Itoa(item.(request)["status"].(int))] = true
	}
	for id, operation := range operationsByID(t) {
		for status := range operation.Responses.Map() {
			exempt := status == "429" || status == "500" || slices.Contains(unasked, id+" "+status)
			if exempt == asked[id+" "+status] {
				t.Errorf("%s %s: asked for is %t", id, status, asked[id+" "+status])
			}
		}
	}
}

var variable = regexp.MustCompile(`\$(\w+)\??$`)

// checkRequest reports an unknown operation, parameters left out or unknown, and a variable nobody sets.
func checkRequest(t *testing.T, place string, byID map[string]*openapi3.Operation, r request, known []string) {
	t.Helper()
	operation := byID[r["operation"].(string)]
	if operation == nil {
		t.Errorf("%s: there is no operation %s", place, r["operation"])
		return
	}
	parameters, _ := r["parameters"].(map[string]any)
	declared := map[string]bool{}
	for _, parameter := range operation.Parameters {
		declared[parameter.Value.Name] = true
		if _, given := parameters[parameter.Value.Name]; parameter.Value.Required && !given {
			t.Errorf("%s: the parameter %s is missing", place, parameter.Value.Name)
		}
	}
	for name := range parameters {
		if !declared[name] {
			t.Errorf("%s: there is no parameter %s", place, name)
		}
	}
	for _, member := range []string{"parameters", "headers", "body", "expect"} {
		for _, text := range texts(r[member]) {
			if match := variable.FindStringSubmatch(text); match != nil && !slices.Contains(known, match[1]) {
				t.Errorf("%s: nothing sets %s", place, match[0])
			}
		}
	}
}

// captures lists the variables that are set after a setup and the ones it builds on.
func captures(t *testing.T, setups map[string]any, name string) []string {
	t.Helper()
	setup := at(t, setups, name).(request)
	captured, _ := setup["capture"].(map[string]any)
	names := slices.Collect(maps.Keys(captured))
	if base, ok := setup["setup"].(string); ok {
		names = append(names, captures(t, setups, base)...)
	}
	return names
}

// texts lists the strings within a value.
func texts(value any) []string {
	var all []string
	switch value := value.(type) {
	case string:
		return []string{value}
	case map[string]any:
		for _, member := range value {
			all = append(all, texts(member)...)
		}
	case []any:
		for _, item := range value {
			all = append(all, texts(item)...)
		}
	}
	return all
}

func scenarios(t *testing.T, part string) any {
	t.Helper()
	return at(t, parse(t, spec.OpenAPI), "x-tbgen-scenarios/"+part)
}

// operationsByID lists the operations, each with the parameters of its path.
func operationsByID(t *testing.T) map[string]*openapi3.Operation {
	t.Helper()
	byID := map[string]*openapi3.Operation{}
	doc := loadOpenAPI(t)
	for place, operation := range operations(doc) {
		_, path, _ := strings.Cut(place, " ")
		operation.Parameters = append(operation.Parameters, doc.Paths.Value(path).Parameters...)
		byID[operation.OperationID] = operation
	}
	return byID
}
