package service

import (
	"context"
	"errors"
	"time"

	"github.com/taskbridge/tbgen/gen/port"
)

type retainer struct{ base }

// PruneExpiredState implements [port.TaskRetentionService]. A step that fails does not keep the
// others from running.
func (s retainer) PruneExpiredState(ctx context.Context, now time.Time) (counts port.RetentionCounts, err error) {
	var errs [3]error
	counts.ExpiredReceipts, errs[0] = s.Receipts.DeleteExpiredReceipts(ctx, now)
	counts.ExpiredSuspensions, errs[1] = s.Suspensions.ExpireOpenSuspensions(ctx, now)
	counts.ExpiredTasks, errs[2] = s.Tasks.DeleteFinishedTasks(ctx, now.Add(-s.TaskLifetime))
	return counts, errors.Join(errs[:]...)
}
