package rest

import (
	"context"
	"net/http"
	"strings"
)

// SecurityScheme is a way to give a credential, as in OpenAPI.
type SecurityScheme struct {
	// Name is what operations call it.
	Name string
	// Type is http or apiKey.
	Type string
	// Scheme is the one of type http: bearer, basic, or another name.
	Scheme string
	// In and ParamName say where an API key is: in the header, the query or a
	// cookie of that name.
	In, ParamName string
}

// Credentials are what a caller shows of itself.
type Credentials struct {
	// Scheme is the name of the security scheme, "" if nothing was given.
	Scheme string
	// Token is the credential as given; for http without the scheme's name.
	Token string
}

// Authenticator judges credentials. It is called for every request to an
// operation with security, also with none given, and concurrently.
type Authenticator interface {
	// Authenticate returns the context that the handler gets, which is derived
	// from ctx and knows the caller. An error that is neither [Coded] nor a
	// [Problem] means that the credentials are not accepted.
	Authenticate(ctx context.Context, credentials Credentials) (context.Context, error)
}

// Credentials returns the credential of the first of the named schemes that
// the request has one of.
func (a *API) Credentials(r *http.Request, schemes []string) Credentials {
	for _, name := range schemes {
		for _, scheme := range a.Schemes {
			if scheme.Name != name {
				continue
			}
			if token := scheme.token(r); token != "" {
				return Credentials{Scheme: name, Token: token}
			}
		}
	}
	return Credentials{}
}

// token is the credential of the scheme, "" if there is none. Of two nobody can
// tell which one counts.
func (s SecurityScheme) token(r *http.Request) string {
	if s.Type == "http" {
		return s.authorization(r)
	}
	switch s.In {
	case "header":
		return only(r.Header.Values(s.ParamName))
	case "query":
		return only(r.URL.Query()[s.ParamName])
	case "cookie":
		if cookies := r.CookiesNamed(s.ParamName); len(cookies) == 1 {
			return cookies[0].Value
		}
	}
	return ""
}

func (s SecurityScheme) authorization(r *http.Request) string {
	scheme, token, _ := strings.Cut(only(r.Header.Values("Authorization")), " ")
	token = strings.Trim(token, " ")
	if !strings.EqualFold(scheme, s.Scheme) || strings.ContainsAny(token, " \t,") && s.simple() {
		return ""
	}
	return token
}

// simple tells whether the credential of the scheme is one word.
func (s SecurityScheme) simple() bool {
	return strings.EqualFold(s.Scheme, "bearer") || strings.EqualFold(s.Scheme, "basic")
}

func only(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return ""
}

// challenges are the values of WWW-Authenticate.
func (a *API) challenges() []string {
	var all []string
	for _, scheme := range a.Schemes {
		if scheme.Type == "http" {
			all = append(all, scheme.challenge())
		}
	}
	if len(all) == 0 {
		return []string{"Bearer"}
	}
	return all
}

func (s SecurityScheme) challenge() string {
	switch strings.ToLower(s.Scheme) {
	case "bearer":
		return "Bearer"
	case "basic":
		return `Basic realm="api", charset="UTF-8"`
	default:
		return s.Scheme
	}
}
