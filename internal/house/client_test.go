package house

import (
	"strings"
	"testing"
)

// Whoever imports the client gets no router, no store and no server with it.
func TestTheClientBringsNoServer(t *testing.T) {
	t.Parallel()
	dependencies, err := list("-e", "-deps", "./clients/go")
	if err != nil {
		t.Fatal(err)
	}
	if len(dependencies) < 2 {
		t.Fatal("go list knows no client")
	}
	for _, p := range dependencies {
		for _, unwanted := range []string{
			"github.com/go-chi/", "github.com/redis/", "modernc.org/", module + "/gen/server", module + "/gen/port",
			module + "/impl/rest", module + "/impl/stream", module + "/impl/memory", module + "/impl/service", module + "/cmd/",
		} {
			if strings.HasPrefix(p.ImportPath, unwanted) {
				t.Errorf("the client pulls in %s", p.ImportPath)
			}
		}
	}
}
