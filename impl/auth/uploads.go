package auth

import (
	"cmp"
	"context"
	"fmt"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// Bounds of uploads where a policy sets none.
const (
	DefaultMaxFileBytes = 10 << 20
	DefaultMaxFiles     = 16
)

// AllowUploads lets everybody send files of any kind, within bounds.
type AllowUploads struct {
	// MaxBytes is how large each file may be; 0 stands for DefaultMaxFileBytes.
	MaxBytes int64
	// MaxFiles is how many may come with a task; 0 stands for DefaultMaxFiles.
	MaxFiles int
}

var _ port.UploadPolicy = AllowUploads{}

// AssertUploadAllowed implements [port.UploadPolicy].
func (p AllowUploads) AssertUploadAllowed(_ context.Context, _ port.AuthContext, attachments []port.TaskAttachment) error {
	if most := cmp.Or(p.MaxFiles, DefaultMaxFiles); len(attachments) > most {
		return refuse(fmt.Sprintf("there are %d attachments, more than %d", len(attachments), most))
	}
	most := cmp.Or(p.MaxBytes, DefaultMaxFileBytes)
	for i, each := range attachments {
		if each.Size > most {
			return refuse(fmt.Sprintf("attachment %d is larger than %d bytes", i+1, most))
		}
	}
	return nil
}

func refuse(message string) error {
	return model.NewError(model.ErrorCodeUploadValidationError, message)
}
