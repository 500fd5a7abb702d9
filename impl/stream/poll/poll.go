// Package poll serves a stream in pages: one for each request, which may wait for it.
package poll

import (
	"context"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
)

// Serve returns as JSON the page of at most limit events after the cursor. If there is none it
// waits for one, as long as wait, and gives an empty page then. It answers at once when the
// stream has ended and when the hub drains, and gives up with the context's error when that
// ends. A text that is no cursor is a [*stream.CursorError].
func Serve(ctx context.Context, hub *stream.Hub, spec *stream.Spec, source stream.Source, key, after string, wait time.Duration, limit int) ([]byte, error) {
	position, err := spec.Position(after)
	if err != nil {
		return nil, err
	}
	hooks := hub.Settings().Hooks
	hooks.Active("poll", +1)
	defer hooks.Active("poll", -1)
	hooks.ReplayStart("poll", key, position)
	defer hooks.Disconnect("poll", key)
	batch, err := hub.Page(ctx, spec, source, key, position, wait, limit)
	if err != nil {
		return nil, err
	}
	page, err := spec.Page(key, after, batch)
	if err != nil {
		return nil, err
	}
	for _, event := range batch.Events {
		hooks.Delivery("poll", key, event.ID)
	}
	return page, nil
}
