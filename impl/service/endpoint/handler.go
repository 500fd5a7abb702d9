// Package endpoint answers the generated server by the services: its operations, its streams and
// its credentials.
package endpoint

import (
	"context"
	"log/slog"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/gen/server"
	"github.com/taskbridge/tbgen/impl/rest"
	"github.com/taskbridge/tbgen/impl/rules"
	"github.com/taskbridge/tbgen/impl/service"
)

// Handler answers the generated server's operations by the services. The context of each call
// says who is calling; health and readiness need no caller.
type Handler struct {
	Services *service.Services
	// Probe tells readiness.
	Probe port.ReadinessProbe
	// Logger gets what a probe says beside its report.
	Logger *slog.Logger
}

var _ server.Handler = Handler{}

// CreateTask implements [server.Handler].
func (h Handler) CreateTask(ctx context.Context, request server.CreateTaskRequest) (server.CreateTaskResponse, error) {
	auth, err := Caller(ctx)
	if err != nil {
		return nil, err
	}
	result, err := h.Services.Creation.CreateTask(ctx, createCommand(auth, request))
	switch {
	case err != nil:
		return nil, err
	case result.Deduplicated:
		return server.CreateTask200{Body: result}, nil
	default:
		return server.CreateTask201{Body: result}, nil
	}
}

func createCommand(auth port.AuthContext, request server.CreateTaskRequest) port.TaskCreateCommand {
	if form := request.Form; form != nil {
		return port.TaskCreateCommand{
			Auth: auth, ClientRequestID: form.ClientRequestID, TaskType: form.TaskType,
			Input: form.Input, Metadata: form.Metadata, Attachments: attachments(request.Files),
		}
	}
	body := request.JSON
	return port.TaskCreateCommand{
		Auth: auth, ClientRequestID: body.ClientRequestID, TaskType: body.TaskType, Input: body.Input, Metadata: body.Metadata,
	}
}

func attachments(files []rest.File) []port.TaskAttachment {
	var list []port.TaskAttachment
	for _, file := range files {
		list = append(list, port.TaskAttachment{
			Name: file.Name, ContentType: file.ContentType, Size: int64(len(file.Content)),
			Digest: rules.Digest(file.Content), Content: file.Content,
		})
	}
	return list
}

// GetTask implements [server.Handler].
func (h Handler) GetTask(ctx context.Context, request server.GetTaskRequest) (server.GetTaskResponse, error) {
	auth, err := Caller(ctx)
	if err != nil {
		return nil, err
	}
	task, err := h.Services.Query.GetTask(ctx, auth, request.TaskID)
	if err != nil {
		return nil, err
	}
	return server.GetTask200{Body: task}, nil
}

// ListTasks implements [server.Handler].
func (h Handler) ListTasks(ctx context.Context, request server.ListTasksRequest) (server.ListTasksResponse, error) {
	auth, err := Caller(ctx)
	if err != nil {
		return nil, err
	}
	list, err := h.Services.Query.ListTasks(ctx, port.TaskListCommand{
		Auth: auth, Status: request.Status, TaskType: request.TaskType, Limit: request.Limit, PageToken: request.PageToken,
	})
	if err != nil {
		return nil, err
	}
	return server.ListTasks200{Body: list}, nil
}

// CancelTask implements [server.Handler].
func (h Handler) CancelTask(ctx context.Context, request server.CancelTaskRequest) (server.CancelTaskResponse, error) {
	auth, err := Caller(ctx)
	if err != nil {
		return nil, err
	}
	command := port.CancelTaskCommand{Auth: auth, TaskID: request.TaskID}
	if request.Body != nil {
		command.Reason = request.Body.Reason
	}
	result, err := h.Services.Cancellation.CancelTask(ctx, command)
	if err != nil {
		return nil, err
	}
	return server.CancelTask202{Body: result}, nil
}

// SubmitAction implements [server.Handler].
func (h Handler) SubmitAction(ctx context.Context, request server.SubmitActionRequest) (server.SubmitActionResponse, error) {
	auth, err := Caller(ctx)
	if err != nil {
		return nil, err
	}
	body := request.Body
	result, err := h.Services.Action.SubmitAction(ctx, port.SubmitActionCommand{
		Auth: auth, TaskID: request.TaskID, ClientActionID: body.ClientActionID, SuspendID: body.SuspendID,
		ActionType: body.ActionType, Payload: body.Payload, Metadata: body.Metadata,
	})
	switch {
	case err != nil:
		return nil, err
	case result.Status == model.SubmitActionResultStatusDeduplicated:
		return server.SubmitAction200{Body: result}, nil
	default:
		return server.SubmitAction202{Body: result}, nil
	}
}

// Health implements [server.Handler].
func (h Handler) Health(context.Context) (server.HealthResponse, error) {
	return server.Health200{}, nil
}

// Ready implements [server.Handler].
func (h Handler) Ready(ctx context.Context) (server.ReadyResponse, error) {
	report, failure := h.Probe.CheckReadiness(ctx)
	if failure != nil {
		h.Logger.WarnContext(ctx, "a readiness probe failed", slog.Any("details", failure))
		report.Ready = false
	}
	body := model.ReadinessResponse{Status: model.ReadinessStatusNotReady, Details: rules.Object(report.Details)}
	if !report.Ready {
		return server.Ready503{Body: body}, nil
	}
	body.Status = model.ReadinessStatusReady
	return server.Ready200{Body: body}, nil
}
