package resume

import (
	"fmt"

	"github.com/taskbridge/tbgen/impl/codec"
)

// Text is a parameter's value as it stands in a URL or a header: strings and
// numbers as they are, times in RFC 3339, anything else as JSON.
func Text[T any](value T) string {
	data, err := codec.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	var text string
	if codec.Unmarshal(data, &text) == nil {
		return text
	}
	return string(data)
}

// Texts is the value of a parameter with several values, one text for each.
func Texts[T any](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = Text(value)
	}
	return texts
}
