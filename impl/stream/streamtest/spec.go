package streamtest

import (
	"github.com/taskbridge/tbgen/impl/codec"
	"github.com/taskbridge/tbgen/impl/stream"
)

// Spec returns the specification of a stream as [Log] is one, with a template for every message.
func Spec() *stream.Spec { return &spec }

var spec = stream.Spec{
	Name: "ticks", Order: stream.Integer, Number: true, Start: "0",
	Reasons: map[stream.Reason]string{stream.Trimmed: "old", stream.Expired: "gone", stream.Reset: "other"},
	Gap:     codec.MustTemplate(`{"kind":"lost","n":"$cursor","order":"$key","asked":"$requested","first":"$first","why":"$reason","at":"$now"}`),
	Socket: stream.Socket{
		Subscribe:      codec.MustTemplate(`{"watch":"$key","since":"$after?"}`),
		Confirm:        codec.MustTemplate(`{"kind":"welcome","watch":"$key","since":"$after"}`),
		Heartbeat:      codec.MustTemplate(`{"kind":"beat","watch":"$key"}`),
		BearerProtocol: "orders.bearer",
	},
	SSE: stream.SSE{Heartbeat: codec.MustTemplate(`{"kind":"beat","id":"hb-$unique"}`)},
	Poll: stream.Poll{
		Page: codec.MustTemplate(`{"order":"$key","items":"$events","next":"$next","more":"$more","gap":"$gap?"}`),
		Gap:  codec.MustTemplate(`{"asked":"$requested","first":"$first","why":"$reason"}`),
	},
}
