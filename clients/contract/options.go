package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"slices"
	"time"
)

// Options say which server to judge, and how.
type Options struct {
	// Target is the base URL of the server, with the prefix of its paths if
	// there is one.
	Target string
	// Token is the credential of the caller, OtherToken one of somebody else.
	// Trials that need a second subject are skipped, and say so, without it.
	Token, OtherToken string
	// Only and Skip choose checks by globs over their ids, in which a star
	// stands for any text: "stream.*". Empty Only: all.
	Only, Skip []string
	// Patience is how long to wait for one thing: an answer, the next event,
	// the end of a stream. Default 10 s.
	Patience time.Duration
	// Parallel is how many trials run at a time, with up to three connections
	// each. Default 8.
	Parallel int
	// Progress, if set, is told of each trial when it is over, of one at a time.
	Progress func(Progress)
	// Client, if set, says how to reach the server: TLS, proxies, dialling. Its
	// redirects, cookies and timeout are not used.
	Client *http.Client
}

// Progress is how far a run is.
type Progress struct {
	Done, Total int
	Result      Result
}

// complete fills in the defaults and refuses what makes no sense.
func (o Options) complete() (Options, error) {
	o.Patience = cmp.Or(o.Patience, 10*time.Second)
	o.Parallel = cmp.Or(o.Parallel, 8)
	if o.Patience < 0 || o.Parallel < 0 {
		return o, fmt.Errorf("contract: patience %s and parallel %d must not be negative", o.Patience, o.Parallel)
	}
	checks := Catalogue()
	for _, glob := range slices.Concat(o.Only, o.Skip) {
		matches := func(check Check) bool { return matchAny([]string{glob}, check.ID) }
		if _, err := path.Match(glob, ""); err != nil || !slices.ContainsFunc(checks, matches) {
			return o, fmt.Errorf("contract: no check matches %q", glob)
		}
	}
	return o, nil
}

// matchAny reports whether any of the globs matches the id.
func matchAny(globs []string, id string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool {
		matched, _ := path.Match(glob, id)
		return matched
	})
}
