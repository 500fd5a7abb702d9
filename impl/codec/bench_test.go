package codec_test

import (
	"testing"

	"github.com/taskbridge/tbgen/impl/codec"
)

const event = `{"kind":"TICK","orderId":"o-4711","id":"17-3735928559","at":"2026-01-02T03:04:05.678Z","payload":{"price":12.5,"note":"a tick of the price"}}`

func BenchmarkTag(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Tag([]byte(event), "kind"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Canonical([]byte(event)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	b.ReportAllocs()
	template := codec.MustTemplate(`{"kind":"BEAT","orderId":"$key","id":"hb-$unique","payload":{"live":true}}`)
	for b.Loop() {
		if _, err := template.Render(map[string]any{"key": "o-4711", "unique": "x1"}); err != nil {
			b.Fatal(err)
		}
	}
}
