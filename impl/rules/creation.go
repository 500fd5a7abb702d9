package rules

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/codec"
)

var idEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// TaskID derives a task's id from its key: 32 characters of 0-9 and a-v. The same key gives the
// same id on every node, so that create-or-get needs one place only.
func TaskID(ownerID, clientRequestID string) string {
	key := binary.AppendUvarint(nil, uint64(len(ownerID)))
	key = append(append(key, ownerID...), clientRequestID...)
	sum := sha256.Sum256(key)
	return idEncoding.EncodeToString(sum[:20])
}

// Digest gives the SHA-256 of content in lower-case hex.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// SameIdempotencyPayload tells whether a command asks for the task that is there: the same task
// type, input (as a JSON value) and attachments (name, type and bytes, in order). Metadata is not
// compared.
func SameIdempotencyPayload(task port.TaskRecord, command port.TaskCreateCommand) (bool, error) {
	if task.TaskType != command.TaskType || !slices.EqualFunc(task.Attachments, command.Attachments, sameAttachment) {
		return false, nil
	}
	return codec.Equal(Object(task.Input), Object(command.Input))
}

func sameAttachment(a, b port.TaskAttachment) bool {
	return a.Name == b.Name && a.ContentType == b.ContentType && a.Size == b.Size && a.Digest == b.Digest
}
