package model

import (
	"go/token"
	"testing"
	"unicode/utf8"
)

func TestGoName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"orderId": "OrderID", "NOT_FOUND": "NotFound", "in-work": "InWork", "HTTPServer2_url": "HTTPServer2URL",
		"userIDs": "UserIDs", "ids": "IDs", "x": "X", "": "X", "2fa": "N2fa", "$filter": "Filter", "a b": "AB",
		"lastEventId": "LastEventID", "getAPIKey": "GetAPIKey", "größe": "Größe", "sha256": "Sha256", "ID": "ID",
	} {
		if got := GoName(name); got != want {
			t.Errorf("GoName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestVarName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"orderId": "orderID", "ID": "id", "IDToken": "idToken", "type": "type_", "URL": "url", "OrderLine": "orderLine",
		"getHTTP": "getHTTP", "error": "error_", "2fa": "n2fa",
	} {
		if got := VarName(name); got != want {
			t.Errorf("VarName(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, seed := range []string{"orderId", "2", "ÄÖ", "a-b", "func", "\x00", "IDs"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			return // documents are UTF-8
		}
		if exported := GoName(name); !token.IsIdentifier(exported) {
			t.Errorf("GoName(%q) = %q is no Go identifier", name, exported)
		}
		if unexported := VarName(name); !token.IsIdentifier(unexported) {
			t.Errorf("VarName(%q) = %q is no Go identifier", name, unexported)
		}
	})
}
