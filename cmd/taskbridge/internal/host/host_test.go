package host_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/host"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func options() host.Options {
	return host.Options{Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)}
}

func TestAHostServesUntilItIsStopped(t *testing.T) {
	t.Parallel()
	h, err := host.Start(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	response, err := client.Get(h.URL() + "/ready")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), `"ready"`) {
		t.Errorf("/ready says %s %s, %v", response.Status, body, err)
	}
	if err := h.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	<-h.Done()
	if _, err := client.Get(h.URL() + "/health"); err == nil {
		t.Error("a stopped host still answers")
	}
}

func TestStartNamesTheOptionThatIsToBlame(t *testing.T) {
	t.Parallel()
	running, err := host.Start(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { running.Stop(context.Background()) })
	for want, change := range map[string]func(*host.Options){
		`"stone"`:   func(o *host.Options) { o.Store = "stone" },
		`"nobody"`:  func(o *host.Options) { o.Auth = "nobody" },
		"cannot li": func(o *host.Options) { o.Listen = strings.TrimPrefix(running.URL(), "http://") },
	} {
		o := options()
		change(&o)
		if _, err := host.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
}
