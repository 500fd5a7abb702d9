package stream

import "time"

// advance delivers what comes next, and reads on or waits.
func (s *Subscription) advance() {
	batch, err := s.next()
	if s.ctx.Err() != nil {
		return // and is told so by a signal
	}
	messages, err := s.messages(batch, err)
	if err != nil {
		s.finish(End{Outcome: Failed, Err: err})
		return
	}
	if !s.write(messages) {
		return
	}
	s.pace(batch.Events)
	switch {
	case batch.Ended:
		s.finish(End{Outcome: Completed})
	case batch.More:
		s.raise(news)
	default:
		s.wait()
	}
}

// next returns what has been read for the subscription, or reads.
func (s *Subscription) next() (Batch, error) {
	s.mu.Lock()
	found := s.fetched
	s.fetched = nil
	s.mu.Unlock()
	s.waiting = nil
	if found != nil {
		return found.batch, found.err
	}
	return read(s.ctx, s.spec, s.source, s.cursor, s.limit)
}

// wait asks the hub to say when something comes after the cursor.
func (s *Subscription) wait() {
	s.waiting = &place{s.spec, s.key, s.cursor}
	s.hub.join(*s.waiting, s.source, s)
}

// messages returns what there is to write for a batch: the gap, if it can be told, and the
// events. A gap moves the cursor, told or not.
func (s *Subscription) messages(batch Batch, err error) ([]Event, error) {
	if err != nil || batch.Gap == nil {
		return batch.Events, err
	}
	s.cursor = batch.Gap.Cursor
	message, err := s.spec.GapMessage(s.key, batch.Gap, s.hub.settings.Now())
	if err != nil || message == nil {
		return batch.Events, err
	}
	return append([]Event{{ID: batch.Gap.Cursor, Data: message}}, batch.Events...), nil
}

// write delivers messages and moves the cursor past them. It reports whether that was possible;
// otherwise the subscription has ended.
func (s *Subscription) write(messages []Event) bool {
	if len(messages) == 0 {
		return true
	}
	if err := s.sink.Deliver(messages); err != nil {
		s.lose(err)
		return false
	}
	s.touched = time.Now()
	s.cursor = messages[len(messages)-1].ID
	for _, message := range messages {
		s.hub.settings.Hooks.Delivery(s.transport, s.key, message.ID)
	}
	return true
}

// pace makes the next page about as large as a subscriber's memory may be.
func (s *Subscription) pace(events []Event) {
	if len(events) == 0 {
		return
	}
	size := 0
	for _, event := range events {
		size += len(event.Data)
	}
	average := max(size/len(events), 1)
	s.limit = min(max(s.hub.settings.BufferBytes/average, 1), s.hub.settings.PageSize)
}

// heartbeat sends one if the stream has been idle for long enough.
func (s *Subscription) heartbeat() {
	if idle := time.Since(s.touched); idle < s.interval {
		s.timer.Reset(s.interval - idle)
		return
	}
	if err := s.sink.Heartbeat(); err != nil {
		s.lose(err)
		return
	}
	s.touched = time.Now()
	s.timer.Reset(s.interval)
	s.hub.settings.Hooks.Heartbeat(s.transport, s.key)
}
