package porttest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/taskbridge/tbgen/gen/model"
	"github.com/taskbridge/tbgen/gen/port"
)

var listChecks = []check{
	{"newest first, page by page, next exact", listPages},
	{"only the owner's tasks", listOwner},
	{"filters by status and type", listFilters},
	{"pages stay apart while tasks are created", listUnderWrites},
	{"bad positions and limits are refused", listRefusals},
}

// pages follows next to the end.
func (b *bench) pages(t *testing.T, query port.TaskQuery, between func()) (ids []string, count int) {
	t.Helper()
	for {
		page, err := b.Tasks.ListTasks(t.Context(), query)
		must(t, err)
		count++
		if len(page.Tasks) > query.Limit || page.Next != nil && len(page.Tasks) < query.Limit {
			t.Fatalf("a page of %d tasks for the limit %d, next %v", len(page.Tasks), query.Limit, page.Next)
		}
		for _, each := range page.Tasks {
			ids = append(ids, each.TaskID)
		}
		if page.Next == nil {
			return ids, count
		}
		query.Position = page.Next
		between()
	}
}

// several creates tasks, some at the same time of the clock, and gives their ids newest first.
func (b *bench) several(t *testing.T, n int) []string {
	t.Helper()
	var ids []string
	for i := range n {
		ids = append(ids, b.accepted(t).TaskID)
		if i%3 == 0 {
			b.clock.advance(time.Millisecond)
		}
	}
	slices.Reverse(ids)
	return ids
}

func listPages(t *testing.T, b *bench) {
	want := b.several(t, 12)
	for limit, pages := range map[int]int{1: 12, 5: 3, 6: 2, 12: 1, 100: 1} {
		got, count := b.pages(t, port.TaskQuery{OwnerID: owner, Limit: limit}, func() {})
		if !slices.Equal(got, want) || count != pages {
			t.Fatalf("limit %d: %d pages, want %d:\n%v\n%v", limit, count, pages, got, want)
		}
	}
}

func listOwner(t *testing.T, b *bench) {
	b.several(t, 3)
	stored, _, err := b.Tasks.CreateTask(t.Context(), record("somebody", "else"))
	must(t, err)
	got, _ := b.pages(t, port.TaskQuery{OwnerID: "somebody", Limit: 1}, func() {})
	if !slices.Equal(got, []string{stored.TaskID}) {
		t.Fatalf("got %v", got)
	}
	if got, _ := b.pages(t, port.TaskQuery{OwnerID: "nobody", Limit: 1}, func() {}); len(got) != 0 {
		t.Fatalf("got %v for nobody", got)
	}
}

func listFilters(t *testing.T, b *bench) {
	want := map[string][]string{}
	for i := range 12 {
		given := b.record()
		given.TaskType = []string{"x", "y"}[i%2]
		_, _, err := b.Tasks.CreateTask(t.Context(), given)
		must(t, err)
		status := model.TaskStatusAccepted
		if i%3 == 0 {
			status = b.move(t, given.TaskID, model.TaskStatusRunning, `{}`).Status
		}
		name := given.TaskType + " " + string(status)
		want[name] = slices.Insert(want[name], 0, given.TaskID)
	}
	for _, taskType := range []string{"x", "y", "z"} {
		for _, status := range []model.TaskStatus{model.TaskStatusAccepted, model.TaskStatusRunning, model.TaskStatusFailed} {
			got, _ := b.pages(t, port.TaskQuery{OwnerID: owner, TaskType: &taskType, Status: &status, Limit: 2}, func() {})
			if wanted := want[taskType+" "+string(status)]; !slices.Equal(got, wanted) {
				t.Fatalf("%s %s: %v, want %v", taskType, status, got, wanted)
			}
		}
	}
}

func listUnderWrites(t *testing.T, b *bench) {
	want := b.several(t, 40)
	var writers sync.WaitGroup
	defer writers.Wait()
	stop := make(chan struct{})
	defer close(stop)
	for range 4 {
		writers.Go(func() {
			for range 500 {
				select {
				case <-stop:
					return
				default:
				}
				if _, _, err := b.Tasks.CreateTask(t.Context(), b.record()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	first := b.accepted(t).TaskID
	got, _ := b.pages(t, port.TaskQuery{OwnerID: owner, Limit: 7}, func() { b.accepted(t) })
	if at := slices.Index(got, first); at < 0 || !slices.Equal(got[len(got)-len(want):], want) {
		t.Fatalf("the pages skip tasks that were there before")
	}
	slices.Sort(got)
	if len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Fatal("the pages overlap")
	}
}

func listRefusals(t *testing.T, b *bench) {
	b.accepted(t)
	_, err := b.Tasks.ListTasks(t.Context(), port.TaskQuery{OwnerID: owner, Limit: 0})
	refused(t, err, model.ErrorCodeInvalidRequest)
	for _, position := range []string{"", "nonsense", "-1", "1 "} {
		_, err = b.Tasks.ListTasks(t.Context(), port.TaskQuery{OwnerID: owner, Limit: 1, Position: &position})
		refused(t, err, model.ErrorCodeInvalidRequest)
	}
}
