package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/taskbridge/tbgen"

// root is the directory of the module, seen from this package.
const root = "../.."

// listed is what `go list` tells of a package.
type listed struct {
	ImportPath   string
	Dir          string
	Doc          string
	Standard     bool
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// path returns the package's path within the module.
func (p listed) path() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// packages returns every package of the module, also one that does not compile.
var packages = sync.OnceValues(func() ([]listed, error) {
	return list("-e", "./...")
})

// list runs `go list` in the module.
func list(args ...string) ([]listed, error) {
	command := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Doc,Standard,GoFiles,Imports,TestImports,XTestImports"}, args...)...)
	command.Dir = root
	var errout bytes.Buffer
	command.Stderr = &errout
	out, err := command.Output()
	if err != nil {
		return nil, errors.New(err.Error() + ": " + errout.String())
	}
	var found []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			if errors.Is(err, io.EOF) {
				return found, nil
			}
			return nil, err
		}
		found = append(found, p)
	}
}

func allPackages(t *testing.T) []listed {
	t.Helper()
	found, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("go list names no package: the guards would guard nothing")
	}
	return found
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, p := range allPackages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("package %s has no package comment: say in a sentence what it is for", p.path())
		}
	}
}
