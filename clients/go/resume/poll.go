package resume

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// askedWait is how long a server is asked to hold back an empty page, if the
// document allows it.
const askedWait = 25 * time.Second

// pollTransport carries a stream as pages.
type pollTransport struct{ link }

// open reads the first page without waiting, so that the session is known to
// work.
func (t pollTransport) open(ctx context.Context, from origin) (session, error) {
	s := &pollSession{
		link:   t.link,
		token:  from.token,
		after:  from.after,
		unseen: from.unseen && from.after != "" && from.after != t.spec.Start,
		limit:  t.spec.Poll.MaxEvents,
	}
	if err := s.turn(ctx, 0); err != nil {
		return nil, err
	}
	return s, nil
}

// pollSession is a chain of pages.
type pollSession struct {
	link
	token   string
	after   string    // cursor of the next page
	unseen  bool      // what the event at after was is not known
	limit   int       // events a page, 0 leaves it to the server
	pending []message // of the page being handed over
	more    bool      // the server has more than that page
	early   int       // empty pages in a row that were not held back
	told    string    // the last gap taken over
}

func (s *pollSession) next(ctx context.Context) (message, error) {
	if len(s.pending) == 0 {
		if err := s.wait(ctx); err != nil {
			return message{}, err
		}
	}
	if len(s.pending) == 0 {
		return message{kind: heartbeat}, nil
	}
	m := s.pending[0]
	s.pending = s.pending[1:]
	return m, nil
}

// wait reads the next page, held back by the server while it is empty.
func (s *pollSession) wait(ctx context.Context) error {
	if s.more {
		return s.turn(ctx, 0)
	}
	hold := min(askedWait, s.spec.Poll.MaxWait)
	if s.spec.Poll.Wait == "" {
		hold = 0
	}
	asked := time.Now()
	if err := s.turn(ctx, hold); err != nil {
		return err
	}
	if len(s.pending) > 0 || hold > 0 && time.Since(asked) >= hold/2 {
		s.early = 0
		return nil
	}
	return s.pace(ctx)
}

// pace deals with an empty page that came at once: either the stream has ended
// before the position, or the server does not hold pages back just now.
func (s *pollSession) pace(ctx context.Context) error {
	if s.unseen {
		over, err := s.endsAt(ctx, s.after)
		if err != nil {
			return err
		}
		if over {
			return errEnded
		}
		s.unseen = false
	}
	s.early++
	if !sleep(ctx, s.conn.pause(s.early, 0)) {
		return context.Cause(ctx)
	}
	return nil
}

// endsAt looks through the history for the event at a cursor and tells whether
// it is the terminal one.
func (s *pollSession) endsAt(ctx context.Context, cursor string) (bool, error) {
	scan := &pollSession{link: s.link, token: s.token, limit: s.limit, more: true}
	for scan.more {
		if err := scan.turn(ctx, 0); err != nil {
			return false, err
		}
		for _, m := range scan.pending {
			if m.cursor == cursor {
				return s.spec.isTerminal(m), nil
			}
		}
	}
	return false, nil
}

// turn reads the page after the cursor.
func (s *pollSession) turn(ctx context.Context, hold time.Duration) error {
	ctx, cancel, watch := watchSilence(ctx, s.silence)
	defer cancel()
	request, err := s.request(ctx, hold)
	if err != nil {
		return err
	}
	response, err := watch.send(s.conn.streams, request, hold)
	if err != nil {
		return connectionFailure(ctx, err)
	}
	a, err := s.conn.read(ctx, response)
	switch {
	case errors.Is(err, ErrTooLarge) && a.status == http.StatusOK && s.limit > 1:
		s.limit /= 2
		return s.turn(ctx, 0)
	case err != nil:
		return err
	case a.status != http.StatusOK || !isJSON(a.mediaType()):
		return s.conn.refusal(a)
	}
	return s.accept(a)
}

func (s *pollSession) request(ctx context.Context, hold time.Duration) (*http.Request, error) {
	query := url.Values{}
	if s.after != "" {
		query.Set(s.spec.Poll.After, s.after)
	}
	if hold > 0 {
		query.Set(s.spec.Poll.Wait, strconv.FormatInt(hold.Milliseconds(), 10))
	}
	if s.limit > 0 && s.spec.Poll.Limit != "" {
		query.Set(s.spec.Poll.Limit, strconv.Itoa(s.limit))
	}
	target, err := s.resolve(s.spec.Poll.Path, query)
	if err != nil {
		return nil, err
	}
	request, err := s.conn.request(ctx, http.MethodGet, target, s.token)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	return request, nil
}

func (s *pollSession) close() {}
