package memory

import (
	"slices"

	"github.com/taskbridge/tbgen/gen/port"
	"github.com/taskbridge/tbgen/impl/codec"
)

// overhead is what an entry takes beside its content, roughly.
const overhead = 256

func taskSize(t *task) int64 {
	size := overhead + len(t.record.Input) + len(t.record.Metadata)
	for i, content := range t.contents {
		size += overhead + len(content) + len(t.record.Attachments[i].Name)
	}
	return int64(size)
}

func eventSize(event port.EventRecord) int64 { return int64(overhead + len(event.Data)) }

func suspensionSize(record port.TaskSuspensionRecord) int64 {
	data, err := codec.Marshal(record.Payload)
	if err != nil {
		return overhead
	}
	return int64(overhead + len(data))
}

func receiptSize(receipt port.TaskActionReceipt) int64 {
	return int64(overhead + len(receipt.Payload) + len(receipt.Metadata))
}

func (s *Store) grow(t *task, size int64) {
	t.bytes += size
	s.bytes += size
}

// makeRoom deletes finished tasks until size more bytes fit, and tells whether they do.
func (s *Store) makeRoom(size int64) bool {
	for s.bytes+size > s.settings.MaxBytes && len(s.finished) > 0 {
		s.remove(s.finished[0])
	}
	return s.bytes+size <= s.settings.MaxBytes
}

// trim keeps a task that has just written within the bounds: by count, then by bytes, where
// finished tasks go first and the task's newest event always stays.
func (s *Store) trim(t *task) {
	for len(t.events) > s.settings.MaxEvents {
		s.dropOldest(t)
	}
	for !s.makeRoom(0) && len(t.events) > 1 {
		s.dropOldest(t)
	}
}

func (s *Store) dropOldest(t *task) {
	s.grow(t, -eventSize(t.events[0]))
	t.events[0] = port.EventRecord{} // the array behind the slice keeps no reference
	t.events = t.events[1:]
}

// remove deletes a task with all that belongs to it, and wakes those who wait for it.
func (s *Store) remove(t *task) {
	delete(s.tasks, t.record.TaskID)
	delete(s.keys, t.key())
	s.finished = without(s.finished, t)
	s.pending = slices.DeleteFunc(s.pending, func(each *suspension) bool { return each.TaskID == t.record.TaskID })
	s.disown(t)
	s.grow(t, -t.bytes)
	t.wake()
}

func (s *Store) disown(t *task) {
	if tasks := without(s.owners[t.record.OwnerID], t); len(tasks) > 0 {
		s.owners[t.record.OwnerID] = tasks
	} else {
		delete(s.owners, t.record.OwnerID)
	}
}

// without takes a pointer out of a list, cheaply where it is the first one.
func without[T any](list []*T, unwanted *T) []*T {
	switch at := slices.Index(list, unwanted); at {
	case -1:
		return list
	case 0:
		list[0] = nil
		return list[1:]
	default:
		return slices.Delete(list, at, at+1)
	}
}
