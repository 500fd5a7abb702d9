package auth_test

import (
	"errors"
	"testing"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/auth"
)

func TestDevelopment(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{"dev-ann": "ann", "dev-dev-x": "dev-x", "dev-ä b": "ä b", "dev-": "", "": "", "ann": "", "Dev-ann": "", " dev-ann": ""} {
		got, err := auth.Development{}.ResolveAuthContext(t.Context(), port.Credentials{Token: token})
		if got.Subject != want || (want == "") != errors.Is(err, model.ErrAuthenticationError) {
			t.Errorf("%q belongs to %q, error %v", token, got.Subject, err)
		}
	}
}

func TestOwnership(t *testing.T) {
	t.Parallel()
	task := port.TaskRecord{OwnerID: "ann"}
	for name, test := range map[string]struct {
		policy               port.OwnershipPolicy
		subject              string
		mayCreate, mayAccess bool
	}{
		"the owner":                  {auth.OwnerOnly{}, "ann", true, true},
		"somebody else":              {auth.OwnerOnly{}, "bob", true, false},
		"the owner where all denied": {auth.DenyAll{}, "ann", false, false},
	} {
		caller := port.AuthContext{Subject: test.subject}
		create, access := test.policy.AssertTaskCreate(t.Context(), caller), test.policy.AssertTaskAccess(t.Context(), caller, task)
		if (create == nil) != test.mayCreate || (access == nil) != test.mayAccess {
			t.Errorf("%s: create %v, access %v", name, create, access)
		}
		if create != nil && !errors.Is(create, model.ErrTaskOwnershipError) || access != nil && !errors.Is(access, model.ErrTaskNotFound) {
			t.Errorf("%s: create %v, access %v", name, create, access)
		}
	}
}

func TestUploads(t *testing.T) {
	t.Parallel()
	sized := func(sizes ...int64) (list []port.TaskAttachment) {
		for _, size := range sizes {
			list = append(list, port.TaskAttachment{Size: size})
		}
		return list
	}
	for name, test := range map[string]struct {
		policy      auth.AllowUploads
		attachments []port.TaskAttachment
		allowed     bool
	}{
		"none":                   {auth.AllowUploads{}, nil, true},
		"the largest by default": {auth.AllowUploads{}, sized(10 << 20), true},
		"a byte more":            {auth.AllowUploads{}, sized(1, 10<<20+1), false},
		"the most by default":    {auth.AllowUploads{}, sized(make([]int64, 16)...), true},
		"one more":               {auth.AllowUploads{}, sized(make([]int64, 17)...), false},
		"own bounds":             {auth.AllowUploads{MaxBytes: 5, MaxFiles: 2}, sized(5, 5), true},
		"beyond own bytes":       {auth.AllowUploads{MaxBytes: 5, MaxFiles: 2}, sized(6), false},
		"beyond own files":       {auth.AllowUploads{MaxBytes: 5, MaxFiles: 2}, sized(1, 1, 1), false},
	} {
		err := test.policy.AssertUploadAllowed(t.Context(), port.AuthContext{}, test.attachments)
		if (err == nil) != test.allowed || err != nil && !errors.Is(err, model.ErrUploadValidationError) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
