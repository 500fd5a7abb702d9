package sse_test

import (
	"bufio"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskbridge/tbgen/impl/stream"
	"github.com/taskbridge/tbgen/impl/stream/sse"
	"github.com/taskbridge/tbgen/impl/stream/streamtest"
)

func TestLiveEventsHeartbeatsAndPreamble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &streamtest.Log{}
		hub := stream.NewHub(stream.Settings{Preamble: 16})
		network := streamtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := sse.Serve(hub, streamtest.Spec(), log, "k", "", w, r); err != nil {
				t.Error(err)
			}
		}))
		transport := &http.Transport{DialContext: network.Dial}
		defer transport.CloseIdleConnections()
		start := time.Now()
		response, err := (&http.Client{Transport: transport}).Get("http://memory/")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		unique := regexp.MustCompile(`hb-[0-9A-Z]{26}`)
		var lines []string
		seen := map[string]bool{}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
				for _, id := range unique.FindAllString(scanner.Text(), -1) {
					if seen[id] {
						t.Errorf("%s occurs twice", id)
					}
					seen[id] = true
				}
				lines = append(lines, fmt.Sprintf("%v %s", time.Since(start), unique.ReplaceAllString(scanner.Text(), "hb-U")))
			}
		}()
		<-time.After(12 * time.Second)
		log.Append(1)
		<-time.After(6 * time.Second)
		log.End()
		<-done
		beat := `data: {"kind":"beat","id":"hb-U"}`
		want := []string{
			"0s :                ", "0s ",
			"5s : heartbeat", "5s " + beat, "5s ", "10s : heartbeat", "10s " + beat, "10s ",
			"12s id: 1", `12s data: {"n":1}`, "12s ",
			"17s : heartbeat", "17s " + beat, "17s ",
			"18s id: 2", `18s data: {"n":2}`, "18s ",
		}
		if !slices.Equal(lines, want) {
			t.Errorf("lines are\n%q\nwant\n%q", lines, want)
		}
	})
}
