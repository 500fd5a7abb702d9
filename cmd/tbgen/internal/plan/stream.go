package plan

import (
	"github.com/taskbridge/tbgen/clients/contract"
	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

func stream(s *model.Stream) contract.Stream {
	p := contract.Stream{
		Name: s.Name, Key: s.Key, Event: s.Event.Schema, Tag: s.Tag, Terminal: s.Terminal, Origin: origin(s.Place),
		Cursor:   contract.Cursor{Member: s.Cursor.Member, Order: s.Cursor.Order, Start: s.Cursor.Start},
		Messages: map[string]string{},
	}
	for _, arm := range s.Event.Union.Arms {
		if s.Gap == nil || s.Gap.Message == nil || s.Gap.Message.Type.Named != arm.Type {
			p.Messages[arm.Tag.Value] = arm.Type.Schema
		}
	}
	if s.Gap != nil {
		p.Gap = &contract.Gap{Frame: frame(s.Gap.Frame), Reasons: s.Gap.Reasons}
	}
	if face := s.Socket; face != nil {
		p.WebSocket = &contract.WebSocket{
			Operation: face.Operation.ID, Method: face.Operation.Method, Path: face.Operation.Path, BearerProtocol: face.BearerProtocol,
			Subscribe: frame(face.Subscribe), Confirm: optional(face.Confirm), Heartbeat: optional(face.Heartbeat),
		}
	}
	if face := s.SSE; face != nil {
		p.SSE = &contract.SSE{
			Operation: face.Operation.ID, Method: face.Operation.Method, Path: face.Operation.Path,
			CursorQuery: face.CursorQuery, Heartbeat: optional(face.Heartbeat),
		}
	}
	if face := s.Poll; face != nil {
		p.Poll = &contract.Poll{
			Operation: face.Operation.ID, Method: face.Operation.Method, Path: face.Operation.Path,
			After: face.After, Wait: face.Wait, Limit: face.Limit, Page: face.Page, Gap: face.Gap,
		}
	}
	return p
}

func frame(f model.Frame) contract.Frame {
	return contract.Frame{Schema: f.Message.Schema, Frame: f.Template}
}

func optional(f model.Frame) *contract.Frame {
	if f.Message == nil {
		return nil
	}
	found := frame(f)
	return &found
}
