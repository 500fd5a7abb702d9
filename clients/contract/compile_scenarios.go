package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/impl/codec"
)

func (c *compiler) scenarios() {
	for _, name := range slices.Sorted(maps.Keys(c.out.Scenarios.Setups)) {
		c.setup(name, c.out.Scenarios.Setups[name])
	}
	names := map[string]bool{}
	for i, declared := range c.out.Scenarios.Cases {
		where := fmt.Sprintf("scenarios.cases[%d]", i)
		name := declared.Operation + " " + declared.Name
		if declared.Name != "" && names[name] {
			c.problemf(where, "operation %s has two cases named %q", declared.Operation, declared.Name)
		}
		names[name] = true
		c.scenarioCase(where, declared)
	}
	for i, declared := range c.out.Scenarios.Streams {
		c.streamCase(fmt.Sprintf("scenarios.streams[%d]", i), declared)
	}
}

func (c *compiler) setup(name string, setup Setup) {
	where := "scenarios.setups." + name
	c.request(where+".request", setup.Request)
	for base, seen := setup.Setup, []string{name}; base != ""; base = c.out.Scenarios.Setups[base].Setup {
		if slices.Contains(seen, base) {
			c.problemf(where, "builds on itself")
			break
		}
		if !c.setupKnown(where, base) {
			break
		}
		seen = append(seen, base)
	}
	if setup.Until == nil {
		return
	}
	on, known := c.out.streams[setup.Stream]
	if !known {
		c.problemf(where, "until needs a stream, and there is none named %q", setup.Stream)
		return
	}
	if _, known := on.Messages[setup.Until.Event]; !known && setup.Until.Event != "" {
		c.problemf(where+".until", "stream %s has no message %q", on.Name, setup.Until.Event)
	}
	if len(on.Terminal) == 0 && setup.Until.Event == "" {
		c.problemf(where+".until", "stream %s has no end", on.Name)
	}
	if on.Key != "" && !c.captures(name, on.Key) {
		c.problemf(where+".capture", "nothing captures %q, the key of stream %s", on.Key, on.Name)
	}
}

// captures reports whether the setup, or one it builds on, captures a variable.
func (c *compiler) captures(name, variable string) bool {
	for range len(c.out.Scenarios.Setups) {
		setup := c.out.Scenarios.Setups[name]
		if _, ok := setup.Capture[variable]; ok {
			return true
		}
		name = setup.Setup
	}
	return false
}

func (c *compiler) setupKnown(where, name string) bool {
	_, known := c.out.Scenarios.Setups[name]
	if !known {
		c.problemf(where, "there is no setup %q", name)
	}
	return known
}

func (c *compiler) request(where string, request Request) {
	operation, known := c.out.operations[request.Operation]
	if !known {
		c.problemf(where, "there is no operation %q", request.Operation)
		return
	}
	for name, value := range request.Parameters {
		if operation.parameter(name) == nil {
			c.problemf(where, "operation %s has no parameter %q", operation.ID, name)
		}
		c.template(where+".parameters."+name, value)
	}
	for _, parameter := range operation.Parameters {
		if _, given := request.Parameters[parameter.Name]; parameter.In == "path" && !given {
			c.problemf(where, "the path parameter %q of operation %s is not given", parameter.Name, operation.ID)
		}
	}
	for name, value := range request.Headers {
		c.template(where+".headers."+name, value)
	}
	if len(request.Body) > 0 {
		c.template(where+".body", request.Body)
	}
	if !slices.Contains([]string{"", "none", "invalid", "other"}, request.Credentials) {
		c.problemf(where, "there are no credentials %q", request.Credentials)
	}
}

func (c *compiler) scenarioCase(where string, declared Case) {
	c.request(where, declared.Request)
	if declared.Setup != "" {
		c.setupKnown(where, declared.Setup)
	}
	if operation, known := c.out.operations[declared.Operation]; known {
		if _, _, ok := operation.response(declared.Status); !ok || declared.Status < 100 {
			c.problemf(where, "operation %s declares no status %d", operation.ID, declared.Status)
		}
	}
	for place, value := range declared.Expect {
		c.template(where+".expect."+place, value)
		if !strings.HasPrefix(place, "header.") && place != "" && place[0] != '/' {
			c.problemf(where+".expect", "%q is neither a JSON pointer nor header.NAME", place)
		}
	}
	if declared.Code == "" {
		return
	}
	if c.out.Errors == nil {
		c.problemf(where, "code %q, but the plan has no errors", declared.Code)
	} else if known, ok := c.out.Errors.Catalogue[declared.Code]; !ok || known.Status != declared.Status {
		c.problemf(where, "code %q with status %d is not in the catalogue", declared.Code, declared.Status)
	}
}

func (c *compiler) streamCase(where string, declared StreamCase) {
	if _, known := c.out.streams[declared.Stream]; !known {
		c.problemf(where, "there is no stream %q", declared.Stream)
	}
	if !c.setupKnown(where, declared.Setup) {
		return
	}
	setup := c.out.Scenarios.Setups[declared.Setup]
	if setup.Until == nil || setup.Stream != declared.Stream {
		c.problemf(where, "setup %q does not wait on stream %s", declared.Setup, declared.Stream)
	}
	if on := c.out.streams[declared.Stream]; declared.Live && on != nil && len(on.Terminal) == 0 {
		c.problemf(where, "stream %s has no end, so that it cannot be judged whole", declared.Stream)
	}
}

// render fills a template of a request; the plan was checked, so that it parses.
func render(text json.RawMessage, vars map[string]any) (json.RawMessage, error) {
	template, err := codec.ParseTemplate(string(text))
	if err != nil {
		return nil, err
	}
	return template.Render(vars)
}
