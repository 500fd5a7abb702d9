package contract

import "fmt"

func authChecks() []entry {
	return []entry{
		{Check{"http.auth.missing", "A secured operation refuses a request without credentials.", Must}, authTrials("none", judgeUnauthenticated)},
		{Check{"http.auth.invalid", "A secured operation refuses credentials that the server does not know.", Must}, authTrials("invalid", judgeUnauthenticated)},
		{Check{"http.auth.challenge", "An answer that asks for HTTP credentials says how to present them (WWW-Authenticate).", Must}, challengeTrials},
	}
}

// secured are the operations that need credentials and can be asked without a
// good request, because credentials are judged first. A socket is not among
// them: it tells after the upgrade.
func (c *compiled) secured() []*Operation {
	var found []*Operation
	for i := range c.Operations {
		operation := &c.Operations[i]
		if len(operation.Security) > 0 && !c.socket(operation.ID) {
			found = append(found, operation)
		}
	}
	return found
}

// socket reports whether an operation is the WebSocket face of a stream.
func (c *compiled) socket(id string) bool {
	for i := range c.Streams {
		if face := c.Streams[i].WebSocket; face != nil && face.Operation == id {
			return true
		}
	}
	return false
}

func authTrials(credentials string, judge func(*session, *exchange) verdict) func(*compiled) []trial {
	return func(plan *compiled) []trial {
		var trials []trial
		for _, operation := range plan.secured() {
			trials = append(trials, trial{operation.ID, operation.Origin, func(s *session) verdict {
				return s.withCredentials(operation, credentials, judge)
			}})
		}
		return trials
	}
}

// challengeTrials leaves out API keys: there is no challenge for them.
func challengeTrials(plan *compiled) []trial {
	var trials []trial
	for _, trial := range authTrials("none", judgeChallenge)(plan) {
		if plan.schemes[plan.operations[trial.name].Security[0]].Type == "http" {
			trials = append(trials, trial)
		}
	}
	return trials
}

func (s *session) withCredentials(operation *Operation, credentials string, judge func(*session, *exchange) verdict) verdict {
	c := s.placeholder(operation, operation.Method)
	if err := s.present(c, credentials); err != nil {
		return blocked(err)
	}
	answer, err := s.send(s.ctx, c)
	if err != nil {
		return blocked(err)
	}
	return judge(s, answer)
}

// placeholder is a call of an operation with something in its path.
func (s *session) placeholder(operation *Operation, method string) *call {
	c := s.bare(operation, method)
	for i := range operation.Parameters {
		parameter := &operation.Parameters[i]
		if parameter.In != "path" {
			continue
		}
		text := s.unique()
		if kind := s.schemas.Type(parameter.Schema); kind == "integer" || kind == "number" {
			text = "1"
		}
		c.set(parameter, []string{text})
	}
	return c
}

func judgeUnauthenticated(s *session, e *exchange) verdict { return s.judgeRole(e, "unauthenticated") }

func judgeChallenge(s *session, e *exchange) verdict {
	if e.status != 401 {
		return blocked(fmt.Errorf("a request without credentials is not answered with 401 but with %s", e.summary()))
	}
	if e.header.Get("WWW-Authenticate") == "" {
		return fail(s.curl(e.call), "the header WWW-Authenticate", "401 without it")
	}
	return pass()
}
