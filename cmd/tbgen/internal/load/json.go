package load

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// JSON is the value as compact JSON, members in the order of the document.
// References are left as they are. A value that does not exist is "null".
func (v Value) JSON() json.RawMessage {
	var b bytes.Buffer
	v.write(&b)
	return b.Bytes()
}

func (v Value) write(b *bytes.Buffer) {
	switch v.kind() {
	case yaml.MappingNode:
		b.WriteByte('{')
		separator := ""
		for name, member := range v.Members() {
			b.WriteString(separator)
			b.Write(Quote(name))
			b.WriteByte(':')
			member.write(b)
			separator = ","
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		separator := ""
		for item := range v.Items() {
			b.WriteString(separator)
			item.write(b)
			separator = ","
		}
		b.WriteByte(']')
	case yaml.ScalarNode:
		b.Write(v.scalar())
	default:
		b.WriteString("null")
	}
}

// scalar is the JSON text of a scalar; what JSON has no form for is a string.
func (v Value) scalar() []byte {
	n := v.plain()
	switch n.ShortTag() {
	case "!!null":
		return []byte("null")
	case "!!bool":
		return []byte(strings.ToLower(n.Value))
	case "!!int", "!!float":
		return number(n.Value)
	default:
		return Quote(n.Value)
	}
}

// number keeps a number as it is written where JSON allows that.
func number(text string) []byte {
	if json.Valid([]byte(text)) {
		return []byte(text)
	}
	if i, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64); err == nil {
		return strconv.AppendInt(nil, i, 10)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
		return strconv.AppendFloat(nil, f, 'g', -1, 64)
	}
	return Quote(text)
}

// Quote is the text as a JSON string, without HTML escapes.
func Quote(text string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string always encodes
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
