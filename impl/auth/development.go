package auth

import (
	"context"
	"strings"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// Development lets anybody be whoever they say: the token dev-<subject> belongs to <subject>. It
// is for development alone.
type Development struct{}

var _ port.AuthContextResolver = Development{}

// ResolveAuthContext implements [port.AuthContextResolver].
func (Development) ResolveAuthContext(_ context.Context, credentials port.Credentials) (port.AuthContext, error) {
	subject, found := strings.CutPrefix(credentials.Token, "dev-")
	if !found || subject == "" {
		return port.AuthContext{}, model.NewError(model.ErrorCodeAuthenticationError, "the credentials are missing or not valid")
	}
	return port.AuthContext{Subject: subject}, nil
}
