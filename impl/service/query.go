package service

import (
	"context"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

type reader struct{ base }

// GetTask implements [port.TaskQueryService].
func (s reader) GetTask(ctx context.Context, auth port.AuthContext, taskID string) (model.Task, error) {
	record, err := s.access(ctx, auth, taskID)
	if err != nil {
		return model.Task{}, err
	}
	tasks, err := s.show(ctx, []port.TaskRecord{record})
	if err != nil {
		return model.Task{}, err
	}
	return tasks[0], nil
}

// ListTasks implements [port.TaskQueryService].
func (s reader) ListTasks(ctx context.Context, command port.TaskListCommand) (model.TaskList, error) {
	query := port.TaskQuery{
		OwnerID: command.Auth.Subject, Status: command.Status, TaskType: command.TaskType, Limit: command.Limit,
	}
	if command.PageToken != nil {
		position, err := openToken(*command.PageToken, query)
		if err != nil {
			return model.TaskList{}, err
		}
		query.Position = &position
	}
	page, err := s.Tasks.ListTasks(ctx, query)
	if err != nil {
		return model.TaskList{}, err
	}
	tasks, err := s.show(ctx, s.visible(ctx, command.Auth, page.Tasks))
	if err != nil {
		return model.TaskList{}, err
	}
	list := model.TaskList{Tasks: tasks}
	if page.Next != nil {
		list.NextPageToken = new(makeToken(*page.Next, query))
	}
	return list, nil
}

// visible leaves out what the policy hides from the caller.
func (s reader) visible(ctx context.Context, auth port.AuthContext, records []port.TaskRecord) []port.TaskRecord {
	visible := records[:0]
	for _, record := range records {
		if s.Ownership.AssertTaskAccess(ctx, auth, record) == nil {
			visible = append(visible, record)
		}
	}
	return visible
}

// show turns records into tasks. The suspensions are read after the records, so that a task that
// has ended shows none.
func (s reader) show(ctx context.Context, records []port.TaskRecord) ([]model.Task, error) {
	ids := make([]string, len(records))
	for i, record := range records {
		ids[i] = record.TaskID
	}
	suspensions, err := s.Suspensions.ListOpenSuspensions(ctx, ids)
	if err != nil {
		return nil, err
	}
	open := map[string][]model.TaskSuspendedPayload{}
	for _, each := range suspensions {
		open[each.TaskID] = append(open[each.TaskID], each.Payload)
	}
	tasks := make([]model.Task, len(records))
	for i, record := range records {
		tasks[i] = task(record, open[record.TaskID])
	}
	return tasks, nil
}

func task(record port.TaskRecord, open []model.TaskSuspendedPayload) model.Task {
	if open == nil {
		open = []model.TaskSuspendedPayload{}
	}
	return model.Task{
		TaskID: record.TaskID, ClientRequestID: record.ClientRequestID, TaskType: record.TaskType, Status: record.Status,
		CancellationRequested: record.CancellationRequested, Metadata: record.Metadata, CreatedAt: record.CreatedAt,
		UpdatedAt: record.UpdatedAt, LastEventID: record.LastEventID, OpenSuspensions: open,
	}
}
