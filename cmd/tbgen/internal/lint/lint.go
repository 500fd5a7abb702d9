// Package lint judges the documents before a model is built from them: what no
// generated code could mean is a finding with its place.
package lint

import (
	"slices"
	"strings"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/load"
)

// Check reports what is wrong with the documents; either may be missing (a
// value that does not exist).
func Check(openapi, asyncapi load.Value) {
	if openapi.Exists() {
		version(openapi, "openapi", "3.0", "3.1")
		references(openapi, map[string]bool{})
		if !openapi.Get("paths").IsMap() && !openapi.Get("components").IsMap() {
			openapi.Errorf("openapi-empty", "the document has neither paths nor components")
		}
	}
	if asyncapi.Exists() {
		version(asyncapi, "asyncapi", "3.0", "3.1")
		references(asyncapi, map[string]bool{})
		channels(asyncapi)
		operations(asyncapi)
	}
}

// version refuses documents of another kind or version.
func version(document load.Value, member string, supported ...string) {
	v := document.Get(member)
	switch {
	case !v.IsScalar() || v.Text() == "":
		document.Errorf("document-version", "this is no %s document: it has no member %q", title(member), member)
	case !slices.ContainsFunc(supported, func(s string) bool { return v.Text() == s || strings.HasPrefix(v.Text(), s+".") }):
		v.Errorf("document-version", "%s %s is not supported; use %s", title(member), v.Text(), strings.Join(supported, " or "))
	}
}

func title(member string) string {
	return map[string]string{"openapi": "OpenAPI", "asyncapi": "AsyncAPI"}[member]
}

// references follows every reference below v, so that each that dangles is
// told, used or not. seen holds the values walked already.
func references(v load.Value, seen map[string]bool) {
	if seen[v.ID()] {
		return
	}
	seen[v.ID()] = true
	if v.Ref() != "" {
		if target := v.Follow(); target.Exists() {
			references(target, seen)
		}
		return
	}
	for name, member := range v.Members() {
		if !slices.Contains(opaque, name) {
			references(member, seen)
		}
	}
	for item := range v.Items() {
		references(item, seen)
	}
}

// opaque are the members whose content is data, not document.
var opaque = []string{"example", "examples", "default", "const", "enum", "x-tbgen-scenarios"}

// channels wants at least one channel, and every message on one of them.
func channels(asyncapi load.Value) {
	list := asyncapi.Get("channels")
	carried := map[string]bool{}
	count := 0
	for _, channel := range list.Members() {
		count++
		for _, message := range channel.Follow().Get("messages").Members() {
			carried[message.Follow().ID()] = true
		}
	}
	if count == 0 {
		asyncapi.Errorf("asyncapi-no-channels", "the document has no channels, so no message of it goes anywhere")
		return
	}
	for name, message := range asyncapi.At("components", "messages").Members() {
		if !carried[message.Follow().ID()] {
			message.Errorf("message-not-carried", "no channel carries message %q; add it to the messages of a channel, or remove it", name)
		}
	}
}

// operations wants every operation on a channel that there is, with messages
// that the channel has.
func operations(asyncapi load.Value) {
	for name, operation := range asyncapi.Get("operations").Members() {
		operation = operation.Follow()
		channel := operation.Get("channel").Follow()
		if !channel.Exists() {
			operation.Errorf("operation-channel", "operation %q has no channel", name)
			continue
		}
		carried := map[string]bool{}
		for _, message := range channel.Get("messages").Members() {
			carried[message.Follow().ID()] = true
		}
		for message := range operation.Get("messages").Items() {
			if target := message.Follow(); target.Exists() && !carried[target.ID()] {
				message.Errorf("message-not-carried", "operation %q names a message that its channel does not carry", name)
			}
		}
	}
}
