package resume_test

import (
	"testing"
	"time"

	"github.com/taskbridge/tbgen/clients/go/resume"
)

func TestText(t *testing.T) {
	t.Parallel()
	type color string
	for got, want := range map[string]string{
		resume.Text("a \"b\" <c>"): `a "b" <c>`,
		resume.Text(color("red")):  "red",
		resume.Text(1_000_000):     "1000000",
		resume.Text(2.5):           "2.5",
		resume.Text(true):          "true",
		resume.Text(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)): "2026-01-02T03:04:05Z",
		resume.Text([]int{1, 2}):                                 "[1,2]",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	expectItems(t, resume.Texts([]color{"red", "blue"}), "red", "blue")
}
