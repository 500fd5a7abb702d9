package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// generic are the rooms that serve any pair of documents.
var generic = []string{
	"cmd/tbgen", "templates", "impl/codec", "impl/schema", "impl/rest", "impl/stream", "clients/go/resume", "clients/contract",
}

// flagship finds the names and words of the flagship documents. The word
// "task" by itself is English, and welcome.
var flagship = regexp.MustCompile(`(?i:taskbridge)|TASK_|[Tt]ask(?:[A-Z]\w*|_\w+)|[a-z]Tasks?\b|\b\w*[Ss]uspen[ds]\w*|clientRequestI[dD]|clientActionI[dD]|allowedActions`)

func TestGenericRoomsDoNotKnowTheFlagship(t *testing.T) {
	t.Parallel()
	for _, name := range generic {
		err := filepath.WalkDir(filepath.Join(root, name), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(file)
			for number, line := range strings.Split(string(text), "\n") {
				if word := foreign(line); word != "" {
					t.Errorf("%s:%d: %q is a word of the flagship documents", strings.TrimPrefix(filepath.ToSlash(file), root+"/"), number+1, word)
				}
			}
			return err
		})
		if err != nil {
			t.Errorf("%s cannot be read, so nothing guards it: %v", name, err)
		}
	}
}

// foreign returns the first word of the flagship in the line, the module's own
// path aside.
func foreign(line string) string {
	return flagship.FindString(strings.ReplaceAll(line, module, ""))
}

func TestForeignWordsAreSeen(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`import "github.com/taskbridge/tbgen/impl/codec"`: "",
		"a long-running task is one of many tasks":        "",
		"a generic room":                 "",
		"the TaskBridge protocol":        "TaskBridge",
		"type TaskEvent interface":       "TaskEvent",
		`case "TASK_STARTED":`:           "TASK_",
		"func createTask(taskID string)": "eTask",
		"the member task_id":             "task_id",
		"a suspension is open":           "suspension",
		"waits while suspended":          "suspended",
	} {
		if got := foreign(line); got != want {
			t.Errorf("foreign(%q) = %q, want %q", line, got, want)
		}
	}
}
