package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Marshal returns the compact JSON of v. The characters <, > and & are not
// escaped and no newline follows; embedded [json.RawMessage] values lose only
// their white space.
func Marshal(v any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// Unmarshal decodes JSON into v, which is a pointer. Members that v has no
// place for are ignored.
func Unmarshal(data []byte, v any) error {
	return json.Unmarshal(data, v)
}

// Tag returns the text of a string member of the object in data, "" when the
// object has no such member. Data that is no JSON object, and a member that is
// no string, are errors.
func Tag(data []byte, member string) (string, error) {
	root, err := parse(data)
	if err != nil {
		return "", err
	}
	if root.kind() != '{' {
		return "", fmt.Errorf("codec: %s where an object with the member %q is wanted", root.describe(), member)
	}
	value := root.member(member)
	switch {
	case value == nil:
		return "", nil
	case value.kind() != '"':
		return "", fmt.Errorf("codec: the member %q is %s where a string is wanted", member, value.describe())
	}
	return value.text(), nil
}

// Arm decodes data as T, one arm of the union U, and returns it as U. T
// implements U as a value.
func Arm[U, T any](data []byte) (U, error) {
	var arm T
	if err := Unmarshal(data, &arm); err != nil {
		var none U
		return none, err
	}
	return any(arm).(U), nil
}

// Each decodes every element with unmarshal and returns the results in order,
// nil for nil. The first element that fails is named by its index in the error.
func Each[T any](elements []json.RawMessage, unmarshal func([]byte) (T, error)) ([]T, error) {
	if elements == nil {
		return nil, nil
	}
	decoded := make([]T, len(elements))
	for i, element := range elements {
		var err error
		if decoded[i], err = unmarshal(element); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return decoded, nil
}
