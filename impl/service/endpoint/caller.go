package endpoint

import (
	"context"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/rest"
)

type callerKey struct{}

// WithCaller gives a context that carries who is calling.
func WithCaller(ctx context.Context, auth port.AuthContext) context.Context {
	return context.WithValue(ctx, callerKey{}, auth)
}

// Caller gives who is calling; AUTHENTICATION_ERROR if the context does not say.
func Caller(ctx context.Context) (port.AuthContext, error) {
	if auth, ok := ctx.Value(callerKey{}).(port.AuthContext); ok {
		return auth, nil
	}
	return port.AuthContext{}, model.NewError(model.ErrorCodeAuthenticationError, "the caller is not known")
}

// Authenticator judges the generated server's requests by a resolver. The context that it gives
// carries the caller, and ends when the credential does.
type Authenticator struct{ Resolver port.AuthContextResolver }

// Authenticate implements [rest.Authenticator].
func (a Authenticator) Authenticate(ctx context.Context, credentials rest.Credentials) (context.Context, error) {
	auth, err := a.Resolver.ResolveAuthContext(ctx, port.Credentials{Scheme: credentials.Scheme, Token: credentials.Token})
	if err != nil {
		return nil, err
	}
	if auth.ExpiresAt != nil {
		limited, cancel := context.WithDeadline(ctx, *auth.ExpiresAt)
		context.AfterFunc(limited, cancel)
		ctx = limited
	}
	return WithCaller(ctx, auth), nil
}
