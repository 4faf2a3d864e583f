package semconv

import (
	"container/list"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maxSeries bounds the memory for cumulative series (some 200 bytes each); the one not heard of for
// the longest is forgotten first, and begins anew when it is heard of again.
const maxSeries = 20_000

// fresh is how old a series may be when it is first heard of, for its first value to count. It is
// longer than the intervals at which exporters send.
const fresh = 10 * time.Minute

// series remembers the last values of cumulative sums.
type series struct {
	*seriesState
}

type seriesState struct {
	mu    sync.Mutex
	known map[seriesKey]*list.Element
	order list.List // of *track, the latest first
}

// seriesKey has the start time: a counter that began anew is another series, and two senders with
// the same attributes are not mixed up.
type seriesKey struct {
	hash  uint64
	start pcommon.Timestamp
}

// track is one series: its last point, and the one before for when the last is sent again.
type track struct {
	key    seriesKey
	at     pcommon.Timestamp
	value  float64
	change float64 // what the last point added
}

func newSeries() series { return series{&seriesState{known: map[seriesKey]*list.Element{}}} }

// grow is by how much a series grew since its last point. The last point sent again gives the same
// change once more (its event has the same id), because the first try may not have been stored;
// older points give none.
func (s series) grow(hash uint64, start, at pcommon.Timestamp, v float64) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := seriesKey{hash, start}
	if e := s.known[key]; e != nil {
		s.order.MoveToFront(e)
		t := e.Value.(*track)
		switch {
		case at == t.at && v == t.value:
			return t.change
		case at < t.at:
			return 0
		}
		t.change = v - t.value
		if v < t.value { // it began anew and did not say so
			t.change = v
		}
		t.at, t.value = at, v
		return t.change
	}
	t := &track{key: key, at: at, value: v}
	if start != 0 && at >= start && time.Duration(at-start) <= fresh {
		t.change = v
	}
	s.known[key] = s.order.PushFront(t)
	if s.order.Len() > maxSeries {
		last := s.order.Remove(s.order.Back()).(*track)
		delete(s.known, last.key)
	}
	return t.change
}

// key is a hash of all that tells a series from others, whatever the order of the attributes.
func (w *measure) key(p point, suffix string) uint64 {
	var d xxhash.Digest
	d.Reset()
	for _, part := range []string{w.source.Scope.Name(), w.name, suffix} {
		_, _ = d.WriteString(part)
		_, _ = d.Write([]byte{0})
	}
	return d.Sum64() + hashOf(w.source.Resource, 1) + hashOf(p.Attributes(), 2)
}

func hashOf(m pcommon.Map, salt byte) (sum uint64) {
	var d xxhash.Digest
	for name, v := range m.All() {
		d.Reset()
		_, _ = d.Write([]byte{salt})
		_, _ = d.WriteString(name)
		_, _ = d.Write([]byte{0, byte(v.Type())})
		_, _ = d.WriteString(v.AsString())
		sum += d.Sum64()
	}
	return sum
}
