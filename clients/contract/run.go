package contract

import (
	"context"
	"sync"
	"time"
)

// Run judges the server by the plan. What is wrong with the server is in the
// report; an error means that there is no report: the plan is inconsistent, an
// option makes no sense, the target cannot be reached, or ctx has ended.
func Run(ctx context.Context, plan *Plan, options Options) (*Report, error) {
	options, err := options.complete()
	if err != nil {
		return nil, err
	}
	resolved, err := compile(plan)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := newSession(ctx, resolved, options)
	if err != nil {
		return nil, err
	}
	defer s.idle()
	started := time.Now()
	if err := s.reach(); err != nil {
		return nil, err
	}
	jobs, untried := s.jobs()
	results := s.runAll(jobs)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	report := &Report{
		Title:    plan.Title,
		Target:   options.Target,
		Started:  started,
		Duration: time.Since(started),
		Results:  results,
		Coverage: s.touched.coverage(untried),
	}
	report.Summary = summarize(results)
	return report, nil
}

// job is a trial of a check, with the exception that leaves it out, if any.
type job struct {
	check  Check
	trial  trial
	except string
}

// jobs lists what there is to do, and the checks that nothing in the plan can
// be tried on.
func (s *session) jobs() (jobs []job, untried []Check) {
	for _, entry := range catalogue() {
		if len(s.options.Only) > 0 && !matchAny(s.options.Only, entry.ID) {
			continue
		}
		except := ""
		if matchAny(s.options.Skip, entry.ID) {
			except = "left out by --skip"
		}
		trials := entry.trials(s.compiled)
		for _, trial := range trials {
			jobs = append(jobs, job{entry.Check, trial, except})
		}
		if len(trials) == 0 {
			untried = append(untried, entry.Check)
		}
	}
	return jobs, untried
}

// runAll runs the jobs, some at a time, and returns their results in order.
func (s *session) runAll(jobs []job) []Result {
	results := make([]Result, len(jobs))
	next := make(chan int)
	done := 0
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range min(s.options.Parallel, len(jobs)) {
		workers.Go(func() {
			for i := range next {
				results[i] = s.run(jobs[i])
				mu.Lock()
				done++
				if s.options.Progress != nil {
					s.options.Progress(Progress{Done: done, Total: len(jobs), Result: results[i]})
				}
				mu.Unlock()
			}
		})
	}
	for i := range jobs {
		if s.ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

func (s *session) run(j job) Result {
	result := Result{
		Check:    j.check.ID,
		Trial:    j.trial.name,
		Family:   j.check.Family(),
		Level:    j.check.Level,
		Sentence: j.check.Sentence,
		Origin:   j.trial.origin,
	}
	started := time.Now()
	verdict := verdict{status: Skipped, reason: j.except}
	if j.except == "" {
		verdict = j.trial.run(s)
	}
	result.Duration = time.Since(started)
	result.Status, result.Reason, result.Note = verdict.status, verdict.reason, verdict.note
	result.Failure = verdict.failure
	return result
}
