package crash

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"
)

var (
	soak     = flag.Duration("soak", 3*time.Second, "how long the soak test goes on; 20m is the long form")
	soakRate = flag.Int("soak.rate", 5_000, "events a second of the soak test")
)

// usage is what a server holds at a moment.
type usage struct {
	anonymous, descriptors, goroutines int64
}

var goroutineLine = regexp.MustCompile(`(?m)^go_goroutines (\d+)`)

func (s *server) usage() usage {
	s.t.Helper()
	text, err := s.do("GET", "/metrics", "", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	m := goroutineLine.FindSubmatch(text)
	if m == nil {
		s.t.Fatal("the metrics do not say how many goroutines there are")
	}
	goroutines, _ := strconv.ParseInt(string(m[1]), 10, 64)
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	return usage{anonymous(s.cmd.Process.Pid), int64(len(open)), goroutines}
}

// TestSoak sends events at a steady rate, of two kinds, with questions beside them and every job that
// comes due. In the long form memory, descriptors and goroutines of the last third of the time must be
// those of the third before; in every form all events are there at the end, and what a stopped load held
// is given back.
func TestSoak(t *testing.T) {
	dir := t.TempDir()
	// With the sizes of a server, not the small ones of the other tests.
	s := start(t, dir, true, "ANALYTICS_STORE_MEMTABLE_BYTES=33554432", "ANALYTICS_STORE_HEAD_BYTES=100663296")
	idle := s.usage()
	long := *soak >= time.Minute
	gen := &bodies{r: rand.New(rand.NewPCG(5, 6)), users: 2_000}
	const perSecond = 10
	begin := time.Now()
	end := begin.Add(*soak)
	var all []usage
	var busy errStatus
	sent, waits := 0, 0
	for n := 0; time.Now().Before(end); n++ {
		// What a slow answer delayed is made up for.
		time.Sleep(time.Until(begin.Add(time.Duration(n) * time.Second / perSecond)))
		var body []byte
		now := time.Now()
		for i := range *soakRate / perSecond {
			if i%5 == 4 {
				body = fmt.Appendf(body, `{"type":"page_view","url":"https://s.example/p/%d","visitor_id":"v","user_id":"u%d"}`+"\n",
					gen.r.IntN(400), gen.r.IntN(gen.users))
				continue
			}
			body = gen.append(body, now)
		}
		out, err := s.do("POST", "/v1/events", "application/x-ndjson", body)
		for errors.As(err, &busy) && busy.code == http.StatusServiceUnavailable { // as senders do
			waits++
			time.Sleep(time.Second / perSecond)
			out, err = s.do("POST", "/v1/events", "application/x-ndjson", body)
		}
		if err != nil || !bytes.Contains(out, []byte(`"rejected":0`)) {
			t.Fatalf("%v\n%.300s", err, out)
		}
		sent += *soakRate / perSecond
		if n%perSecond == 0 {
			if _, err := s.do("GET", "/v1/overview", "", nil); err != nil {
				t.Fatal(err)
			}
			all = append(all, s.usage())
		}
	}
	if err := s.job("seal"); err != nil {
		t.Fatal(err)
	}
	out, err := s.do("GET", "/v1/query?metrics=requests,page_views&since=24h&include_bots=true&format=csv", "", nil)
	if err != nil || !bytes.HasSuffix(bytes.TrimSpace(out), fmt.Appendf(nil, "\n%d,%d", sent-sent/5, sent/5)) {
		t.Errorf("%d events were sent, the answer is %s, %v", sent, out, err)
	}
	t.Logf("%d events in %s, sent again %d times: idle %+v, at the end %+v", sent, *soak, waits, idle, all[len(all)-1])
	if long {
		flat(t, all)
	}
	s.http.CloseIdleConnections()
	s.terminate()
	healthy(t, dir)
}

// flat compares the medians of the second and the last third of the time.
func flat(t *testing.T, all []usage) {
	t.Helper()
	third := len(all) / 3
	for name, of := range map[string]func(usage) int64{
		"anonymous memory": func(u usage) int64 { return u.anonymous },
		"descriptors":      func(u usage) int64 { return u.descriptors },
		"goroutines":       func(u usage) int64 { return u.goroutines },
	} {
		middle := func(part []usage) int64 {
			var values []int64
			for _, u := range part {
				values = append(values, of(u))
			}
			slices.Sort(values)
			return values[len(values)/2]
		}
		before, after := middle(all[third:2*third]), middle(all[2*third:])
		t.Logf("%s: %d, then %d", name, before, after)
		if after > before+before/5+16 {
			t.Errorf("%s grows: %d, then %d", name, before, after)
		}
	}
}
