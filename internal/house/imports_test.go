package house

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// room is a part of the house and what its packages may import. A pattern is a
// path within the module or that of another module; "/..." at its end takes in
// what lies below.
type room struct {
	where  string
	allow  []string
	reason string
}

// The generic runtimes: they know nothing of any document.
var runtimes = []string{"impl/codec", "impl/schema", "impl/rest", "impl/stream/...", "clients/go/resume/...", "clients/contract/..."}

// The libraries that any test may use.
var testLibraries = []string{"github.com/google/go-cmp/...", "go.uber.org/goleak/..."}

// rooms is the order of the house, the most particular place first: a package
// belongs to the first room that it matches. The standard library is free, and
// so are packages of the same room.
var rooms = []room{
	{"spec", nil, "the documents are embedded and nothing else"},
	{"templates", nil, "templates are text for the generator"},
	{
		"cmd/tbgen/...", slices.Concat(runtimes, []string{
			"templates", "github.com/aymanbagabas/go-udiff", "github.com/getkin/kin-openapi/...",
			"github.com/oapi-codegen/oapi-codegen/v2/...", "github.com/spf13/cobra", "go.yaml.in/yaml/v4",
			"golang.org/x/term", "golang.org/x/text/...", "golang.org/x/tools/...",
		}),
		"the generator must not depend on its output, so that a broken gen/ can always be regenerated",
	},
	{"cmd/taskbridge/...", []string{"*"}, "a command is built from everything"},

	{"impl/codec", nil, "the codec is the leaf that everything else stands on"},
	{
		"impl/schema",
		[]string{"impl/codec", "github.com/go-json-experiment/json/jsontext", "github.com/santhosh-tekuri/jsonschema/v6/...", "golang.org/x/text/..."},
		"schemas are judged without a server",
	},
	{"impl/rest", []string{"impl/codec", "impl/schema", "github.com/go-chi/chi/v5/...", "github.com/go-json-experiment/json/..."}, "the HTTP runtime serves any document"},
	{"impl/stream/...", []string{"impl/codec", "github.com/gorilla/websocket"}, "the subscription engine serves any document"},

	{"gen/model", []string{"impl/codec"}, "the model is shared by server and client, and drags neither along"},
	{"gen/port", []string{"gen/model"}, "ports are types alone, so that a store needs nothing else"},
	{
		"gen/server",
		[]string{"gen/model", "impl/codec", "impl/schema", "impl/rest", "impl/stream/...", "github.com/go-chi/chi/v5"},
		"the stub is names and short calls into the runtimes",
	},
	{"gen/contract", []string{"impl/codec", "impl/schema", "clients/contract"}, "the plan is data, and its test a call of the runner"},

	{"impl/rules", []string{"gen/model", "gen/port", "impl/codec"}, "the rules are pure functions over records"},
	{"impl/memory", []string{"gen/model", "gen/port", "impl/codec", "impl/rules"}, "a store knows the ports and its driver, never another store"},
	{
		"impl/sqlite", []string{"gen/model", "gen/port", "impl/codec", "impl/rules", "modernc.org/sqlite/..."},
		"a store knows the ports and its driver, never another store",
	},
	{
		"impl/redis", []string{"gen/model", "gen/port", "impl/codec", "impl/rules", "github.com/redis/go-redis/v9/..."},
		"a store knows the ports and its driver, never another store",
	},
	{"impl/porttest", slices.Concat([]string{"gen/model", "gen/port", "impl/codec", "impl/rules"}, testLibraries), "the suite of the ports judges any store"},
	{
		"impl/service/...",
		[]string{"gen/...", "impl/codec", "impl/rules", "impl/schema", "impl/rest", "impl/stream"},
		"services stand on ports: which store is behind them is the wiring's to say",
	},
	{"impl/executor/...", []string{"gen/model", "gen/port", "impl/codec", "impl/schema", "impl/rules"}, "an executor works through its handle"},
	{"impl/auth/...", []string{"gen/model", "gen/port", "impl/rest"}, "authentication knows callers, not tasks"},
	{"impl/observe/...", []string{"gen/model", "gen/port"}, "whoever is observed does not depend on how"},
	{"impl/health/...", []string{"gen/model", "gen/port", "impl/codec", "impl/rules"}, "a probe asks through the ports"},
	{"impl/server/...", []string{"gen/...", "impl/...", "github.com/go-chi/chi/v5/..."}, "the one place that wires"},

	{"clients/go/resume/...", []string{"impl/codec", "github.com/gorilla/websocket"}, "the client's runtime resumes any stream"},
	{"clients/go", []string{"gen/model", "clients/go/resume", "impl/codec"}, "who uses the client must not get a server with it"},
	{
		"clients/contract/...", []string{"impl/codec", "impl/schema", "github.com/gorilla/websocket"},
		"the contract runner drives any server from its plan alone",
	},

	{"examples/...", []string{"*"}, "an example is a host of its own"},
	{"internal/house", nil, "the guards read the house, they do not use it"},
}

// besides is what the tests of a room may import in addition: a test may hold
// its room against another, but never what would make a circle of rooms.
var besides = map[string][]string{
	"spec":                  {"go.yaml.in/yaml/v4", "github.com/getkin/kin-openapi/...", "impl/schema", "impl/codec"},
	"cmd/tbgen/...":         {"spec", "go.yaml.in/yaml/v4"},
	"gen/server":            {"github.com/gorilla/websocket"},
	"gen/model":             {"spec", "impl/schema", "go.yaml.in/yaml/v4"},
	"impl/rest":             {"github.com/gorilla/websocket"},
	"impl/memory":           {"impl/porttest"},
	"impl/sqlite":           {"impl/porttest"},
	"impl/redis":            {"impl/porttest"},
	"impl/porttest":         {"impl/memory"},
	"impl/service/...":      {"impl/memory", "impl/executor/...", "impl/auth/...", "impl/observe/...", "impl/health/..."},
	"impl/executor/...":     {"impl/memory", "impl/observe"},
	"impl/server/...":       {"clients/...", "github.com/gorilla/websocket"},
	"clients/go":            {"gen/...", "impl/...", "github.com/go-chi/chi/v5/..."},
	"clients/go/resume/...": {"impl/stream/..."},
	"clients/contract/...":  {"impl/stream/...", "impl/rest"},
}

func TestPackagesImportOnlyWhatTheirRoomMay(t *testing.T) {
	t.Parallel()
	for _, p := range allPackages(t) {
		r, ok := roomOf(p.path())
		if !ok {
			t.Errorf("package %q is in no room: give it a place in the table of imports_test.go", p.path())
			continue
		}
		for _, imported := range p.Imports {
			if !r.allows(imported) {
				t.Error(complaint(p.path(), imported, r))
			}
		}
		tests := room{r.where, slices.Concat(r.allow, testLibraries, besides[r.where]), r.reason}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if !tests.allows(imported) {
				t.Error(complaint(p.path()+" (its tests)", imported, tests))
			}
		}
	}
}

func complaint(from, to string, r room) string {
	return fmt.Sprintf("%s imports %s, which %s may not: %s", from, short(to), r.where, r.reason)
}

func TestNothingBuiltUponImportsACommand(t *testing.T) {
	t.Parallel()
	for _, r := range rooms {
		if strings.HasPrefix(r.where, "cmd/") {
			continue
		}
		for _, pattern := range slices.Concat(r.allow, besides[r.where]) {
			if strings.HasPrefix(pattern, "cmd") {
				t.Errorf("the table lets %s import %s", r.where, pattern)
			}
		}
	}
}

// The table itself is tested by edges that must be seen, since a house in
// order shows no edge that is refused.
func TestTableRefusesForbiddenEdges(t *testing.T) {
	t.Parallel()
	for _, edge := range []struct {
		from, to string
		allowed  bool
	}{
		{"cmd/tbgen", "gen/model", false},
		{"cmd/tbgen/internal/emit", "cmd/tbgen/internal/model", true},
		{"cmd/tbgen/internal/model", "impl/codec", true},
		{"cmd/tbgen", "impl/memory", false},
		{"impl/memory", "impl/redis", false},
		{"impl/memory", "gen/port", true},
		{"impl/service", "impl/memory", false},
		{"impl/stream", "gen/model", false},
		{"impl/stream/ws", "impl/stream", true},
		{"impl/stream/ws", "github.com/gorilla/websocket", true},
		{"impl/codec", "github.com/gorilla/websocket", false},
		{"clients/go", "github.com/go-chi/chi/v5", false},
		{"clients/go", "impl/rest", false},
		{"clients/go/resume", "gen/model", false},
		{"clients/contract", "gen/model", false},
		{"gen/server", "cmd/tbgen", false},
		{"gen/model", "net/http", true},
		{"examples/orders/gen/model", "impl/codec", true},
		{"examples/orders", "cmd/tbgen/internal/emit", false},
	} {
		r, ok := roomOf(edge.from)
		if !ok {
			t.Errorf("%s has no room", edge.from)
			continue
		}
		to := edge.to
		if first, _, _ := strings.Cut(to, "/"); slices.Contains([]string{"cmd", "gen", "impl", "clients"}, first) {
			to = module + "/" + to
		}
		if got := r.allows(to); got != edge.allowed {
			t.Errorf("%s → %s allowed: %v, want %v", edge.from, edge.to, got, edge.allowed)
		}
	}
}

// roomOf returns the first room that the package is in.
func roomOf(where string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool { return matches(r.where, where) })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// allows reports whether packages of the room may import the package.
func (r room) allows(imported string) bool {
	name := short(imported)
	inside := name != imported
	if !inside && isStandard(name) {
		return true
	}
	if own, ok := roomOf(name); inside && ok && own.where == r.where {
		return true
	}
	if inside && strings.HasPrefix(name, "cmd/") {
		return false
	}
	return slices.ContainsFunc(r.allow, func(pattern string) bool { return matches(pattern, name) })
}

// short returns the path within the module of one of its packages, and any
// other path as it is.
func short(imported string) string {
	return strings.TrimPrefix(imported, module+"/")
}

// isStandard reports whether the path is one of the standard library: the
// first part of every other path is a host name.
func isStandard(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".")
}

func matches(pattern, name string) bool {
	if pattern == "*" {
		return true
	}
	if above, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == above || strings.HasPrefix(name, above+"/")
	}
	return path.Clean(pattern) == name
}
