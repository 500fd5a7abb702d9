package memory

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

// ListTasks implements [port.TaskRegistry]. A position is the ordinal of the last task of the
// page before.
func (s *Store) ListTasks(ctx context.Context, query port.TaskQuery) (port.TaskPage, error) {
	if query.Limit < 1 {
		return port.TaskPage{}, errLimit
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return port.TaskPage{}, err
	}
	older, err := olderThan(s.owners[query.OwnerID], query.Position)
	if err != nil {
		return port.TaskPage{}, err
	}
	return fill(older, query), nil
}

// olderThan gives the tasks before a position, all of them for none.
func olderThan(tasks []*task, position *string) ([]*task, error) {
	if position == nil {
		return tasks, nil
	}
	ordinal, err := strconv.ParseUint(*position, 10, 64)
	if err != nil {
		return nil, model.NewError(model.ErrorCodeInvalidRequest, "the position is not one of this store").WithCause(err)
	}
	end, _ := slices.BinarySearchFunc(tasks, ordinal, byOrdinal)
	return tasks[:end], nil
}

func fill(older []*task, query port.TaskQuery) port.TaskPage {
	page := port.TaskPage{Tasks: []port.TaskRecord{}}
	var last uint64
	for _, each := range slices.Backward(older) {
		if !matches(each.record, query) {
			continue
		}
		if len(page.Tasks) == query.Limit {
			page.Next = new(strconv.FormatUint(last, 10))
			break
		}
		page.Tasks = append(page.Tasks, each.record)
		last = each.ordinal
	}
	return page
}

func matches(record port.TaskRecord, query port.TaskQuery) bool {
	return (query.Status == nil || *query.Status == record.Status) &&
		(query.TaskType == nil || *query.TaskType == record.TaskType)
}

func byOrdinal(each *task, ordinal uint64) int { return cmp.Compare(each.ordinal, ordinal) }
