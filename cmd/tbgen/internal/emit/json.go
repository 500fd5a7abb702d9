package emit

import (
	"bytes"
	"encoding/json"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/output"
)

// generatedJSON is the object indented, the generated marker its first member.
func generatedJSON(object json.RawMessage) []byte {
	marked := append([]byte(`{"$comment":"`+output.Marker+`",`), bytes.TrimPrefix(bytes.TrimSpace(object), []byte("{"))...)
	var out bytes.Buffer
	if err := json.Indent(&out, marked, "", "  "); err != nil {
		panic(err) // the model writes JSON
	}
	out.WriteByte('\n')
	return out.Bytes()
}
