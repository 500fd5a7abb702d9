package model

import (
	"strings"
	"unicode"
)

// initialisms are the words that Go writes in capitals; the list is the one of
// staticcheck's ST1003, with those of this field added.
var initialisms = map[string]bool{
	"ACL": true, "API": true, "ASCII": true, "CPU": true, "CSS": true, "DNS": true, "EOF": true, "GUID": true,
	"HTML": true, "HTTP": true, "HTTPS": true, "ID": true, "IP": true, "JSON": true, "JWT": true, "QPS": true,
	"RAM": true, "RPC": true, "SLA": true, "SMTP": true, "SQL": true, "SSE": true, "SSH": true, "TCP": true,
	"TLS": true, "TTL": true, "UDP": true, "UI": true, "UID": true, "UUID": true, "URI": true, "URL": true,
	"UTF8": true, "VM": true, "XML": true, "XMPP": true, "XSRF": true, "XSS": true,
}

// GoName turns a name of a document into an exported Go name: its words in
// camel case with Go's initialisms, "orderId" → "OrderID", "NOT_FOUND" →
// "NotFound". A name without a letter or digit becomes "X"; one that begins
// with a digit is given an "N" in front.
func GoName(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		upper := strings.ToUpper(word)
		switch {
		case initialisms[upper]:
			b.WriteString(upper)
		case strings.HasSuffix(word, "s") && initialisms[strings.ToUpper(word[:len(word)-1])]:
			b.WriteString(strings.ToUpper(word[:len(word)-1]) + "s")
		default:
			runes := []rune(word)
			b.WriteRune(unicode.ToUpper(runes[0]))
			b.WriteString(strings.ToLower(string(runes[1:])))
		}
	}
	switch result := b.String(); {
	case result == "":
		return "X"
	case !unicode.IsLetter([]rune(result)[0]):
		return "N" + result
	default:
		return result
	}
}

// reserved are the names a parameter or variable of generated code must not
// have: Go's keywords, and what the generated code itself uses.
var reserved = map[string]bool{
	"break": true, "case": true, "chan": true, "const": true, "continue": true, "default": true, "defer": true,
	"else": true, "fallthrough": true, "for": true, "func": true, "go": true, "goto": true, "if": true,
	"import": true, "interface": true, "map": true, "package": true, "range": true, "return": true,
	"select": true, "struct": true, "switch": true, "type": true, "var": true,
	"ctx": true, "err": true, "error": true, "string": true, "int": true, "bool": true, "any": true, "len": true,
	"nil": true, "true": true, "false": true, "time": true, "json": true, "context": true, "model": true,
}

// VarName turns a name of a document into an unexported Go name: "OrderId" →
// "orderID", "ID" → "id". A word that Go reserves is given an underscore.
func VarName(name string) string {
	exported := []rune(GoName(name))
	end := 0
	for end < len(exported) && unicode.IsUpper(exported[end]) {
		end++
	}
	if end > 1 && end < len(exported) && !unicode.IsDigit(exported[end]) {
		end-- // the last capital begins the next word
	}
	for i := range max(end, 1) {
		exported[i] = unicode.ToLower(exported[i])
	}
	if result := string(exported); !reserved[result] {
		return result
	}
	return string(exported) + "_"
}

// words splits a name at everything that is no letter or digit, and where the
// case changes: "HTTPServer2_url" → HTTP, Server2, url.
func words(name string) []string {
	var found []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		found = append(found, splitCase([]rune(part))...)
	}
	return found
}

func splitCase(runes []rune) []string {
	var found []string
	start := 0
	for i := 1; i < len(runes); i++ {
		lowerToUpper := !unicode.IsUpper(runes[i-1]) && unicode.IsUpper(runes[i])
		endOfCapitals := unicode.IsUpper(runes[i-1]) && unicode.IsUpper(runes[i]) &&
			i+1 < len(runes) && unicode.IsLower(runes[i+1]) && !pluralEnd(runes[i+1:])
		if lowerToUpper || endOfCapitals {
			found = append(found, string(runes[start:i]))
			start = i
		}
	}
	return append(found, string(runes[start:]))
}

// pluralEnd reports whether the rest of a word is the plural s after an
// initialism, as in "IDs".
func pluralEnd(rest []rune) bool {
	return rest[0] == 's' && (len(rest) == 1 || unicode.IsUpper(rest[1]))
}
