package query

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/rollup"
)

// life is a world in which time passes.
type life struct {
	*world
	r  *rand.Rand
	at time.Time
}

func newLife(t *testing.T, r *rand.Rand, cfg Config) *life {
	l := &life{world: newWorld(t, cfg), r: r, at: noon}
	l.desk.now = func() time.Time { return l.at }
	return l
}

// happen lets something happen to the store.
func (l *life) happen() {
	l.t.Helper()
	ctx := context.Background()
	must := func(err error) {
		l.t.Helper()
		if err != nil {
			l.t.Fatal(err)
		}
	}
	l.at = l.at.Add(time.Duration(l.r.Int64N(int64(5 * time.Minute))))
	for range l.r.IntN(60) {
		at := l.at.Add(-time.Duration(l.r.Int64N(int64(10 * time.Minute))))
		switch l.r.IntN(20) {
		case 0: // late
			at = at.Add(-time.Duration(l.r.Int64N(int64(30 * time.Hour))))
		case 1: // of a clock that is ahead
			at = l.at.Add(time.Duration(l.r.Int64N(int64(time.Minute))))
		}
		l.random(l.r, at)
	}
	l.commit()
	now := event.MicrosOf(l.at).Hour()
	switch l.r.IntN(12) {
	case 0:
		_, err := l.store.Seal(ctx, now, false)
		must(err)
	case 1, 2:
		_, err := l.store.Seal(ctx, now, true)
		must(err)
	case 3:
		for _, kind := range event.Kinds() {
			_, err := l.store.Merge(ctx, store.Default, kind, now/24*24)
			must(err)
		}
	case 4: // some of it is erased
		for _, kind := range event.Kinds() {
			if kind.Derived() {
				continue
			}
			n := byte(l.r.IntN(10))
			_, err := l.store.Purge(ctx, store.Default, kind, now, store.Purge{Match: func(e *event.Event) bool {
				id := e.Text(event.EventID)
				return id[len(id)-1]%10 == n
			}})
			must(err)
		}
	case 5:
		if l.r.IntN(3) == 0 {
			must(l.store.Erase(ctx, store.Default))
		}
	}
}

// ask asks a question of the time until now, as it stands and of events, and says both.
func (l *life) ask(q Question) (fast, slow string) {
	l.t.Helper()
	q.To = l.at.Add(-time.Duration(l.r.IntN(3)) * 10 * time.Second)
	q.From = q.To.Add(-[]time.Duration{time.Hour / 3, time.Hour, 24 * time.Hour, 48 * time.Hour}[l.r.IntN(4)])
	a, err := l.desk.Answer(context.Background(), store.Default, q)
	q.Raw = true
	b, rawErr := l.desk.Answer(context.Background(), store.Default, q)
	if err != nil || rawErr != nil {
		return fmt.Sprint(err), fmt.Sprint(rawErr)
	}
	return rowsOf(a), rowsOf(b)
}

// kept is how many questions keep something.
func (all *standings) kept() (n int) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, s := range all.each {
		if s.bytes > 0 {
			n++
		}
	}
	return n
}

// Whatever comes in, is sealed, merged or erased: a question that stands is answered as one that does not.
func TestStandingQuestionsAreAnsweredAsEventsAre(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 9))
	zone := []string{"UTC", "Asia/Kolkata", "Asia/Kathmandu"}[r.IntN(3)]
	l := newLife(t, r, Config{Timezone: zone})
	var asked []Question
	for len(asked) < 8 {
		q := randomQuestion(r, l.desk.catalog)
		q.Compare = ""
		if _, err := l.desk.plan(q); err == nil {
			asked = append(asked, q)
		}
	}
	kept := 0
	ask := func(step int, q Question) {
		if fast, slow := l.ask(q); fast != slow {
			t.Fatalf("seed %d, step %d: %+v\nstanding:\n%s\nfrom events:\n%s", seed, step, q, fast, slow)
		}
		kept = max(kept, l.desk.standings.kept())
	}
	for step := range *questions / 4 {
		l.happen()
		for range 3 {
			ask(step, asked[r.IntN(len(asked))])
		}
	}
	for i := range 4 { // these stand, whatever was drawn
		l.begin(event.AIRequest, l.at.Add(-time.Minute))
		l.add()
		l.commit()
		ask(-i, Question{Metrics: []string{[]string{"requests", "cost"}[i%2]}})
	}
	if kept < 2 {
		t.Errorf("seed %d: %d questions stood", seed, kept)
	}
}

// requestsOf counts the requests of a tenant in the last day.
func requestsOf(t testing.TB, d *Desk, tenant store.Tenant, filter string) int64 {
	t.Helper()
	a, err := d.Answer(context.Background(), tenant, Question{
		From: d.now().Add(-24 * time.Hour), To: d.now(), Metrics: []string{"requests"}, Filter: filter,
	})
	if err != nil {
		t.Error(err)
		return 0
	}
	n, _ := a.Totals["requests"].(int64)
	return n
}

func (l *life) request(tenant store.Tenant, n int) {
	l.t.Helper()
	for range n {
		l.begin(event.AIRequest, l.at.Add(-time.Second))
		l.add()
	}
	if _, err := l.store.Append(context.Background(), tenant, &l.batch); err != nil {
		l.t.Fatal(err)
	}
	l.batch.Reset()
}

func TestTheNewestEventIsInAStandingAnswer(t *testing.T) {
	l := newLife(t, rand.New(rand.NewPCG(1, 1)), Config{})
	other := store.Tenant{7: 7}
	for want := int64(1); want <= 20; want++ {
		l.request(store.Default, 1)
		l.request(other, 2)
		if got := requestsOf(t, l.desk, store.Default, ""); got != want {
			t.Fatalf("%d requests; want %d", got, want)
		}
		if got := requestsOf(t, l.desk, other, ""); got != 2*want {
			t.Fatalf("%d requests of the other tenant; want %d", got, 2*want)
		}
	}
	if l.desk.standings.kept() != 2 {
		t.Errorf("%d questions stand; want one of each tenant", l.desk.standings.kept())
	}
	if _, err := l.store.Seal(t.Context(), 0, true); err != nil { // all, the hour that is not over as well
		t.Fatal(err)
	}
	if got := requestsOf(t, l.desk, store.Default, ""); got != 20 {
		t.Errorf("%d requests once they are sealed; want 20", got)
	}
	if err := l.store.Erase(t.Context(), store.Default); err != nil {
		t.Fatal(err)
	}
	if got := requestsOf(t, l.desk, store.Default, ""); got != 0 {
		t.Errorf("%d requests of a tenant that was erased", got)
	}
	if got := requestsOf(t, l.desk, other, ""); got != 40 {
		t.Errorf("%d requests of the other tenant; want 40", got)
	}
}

// While events come in and hours are sealed, no answer has fewer than what was acknowledged before it
// was asked for, and none more than what was sent.
func TestStandingQuestionsWhileSealing(t *testing.T) {
	l := newLife(t, rand.New(rand.NewPCG(1, 1)), Config{Concurrent: 4})
	const rounds, each = 60, 20
	var mu sync.Mutex
	acked, sent := int64(0), int64(0)
	count := func(n *int64, add int64) int64 {
		mu.Lock()
		defer mu.Unlock()
		*n += add
		return *n
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range rounds {
			count(&sent, each)
			l.request(store.Default, each)
			count(&acked, each)
			if i%7 == 0 {
				if _, err := l.store.Seal(context.Background(), 0, true); err != nil {
					t.Error(err)
				}
			}
			if i%29 == 0 {
				_, err := l.store.Merge(context.Background(), store.Default, event.AIRequest,
					event.MicrosOf(noon).Hour()/24*24)
				if err != nil {
					t.Error(err)
				}
			}
		}
	})
	for range 3 {
		wg.Go(func() {
			for got := int64(0); got < rounds*each && !t.Failed(); {
				least := count(&acked, 0)
				got = requestsOf(t, l.desk, store.Default, "")
				if most := count(&sent, 0); got < least || got > most {
					t.Errorf("%d requests; want %d to %d", got, least, most)
				}
			}
		})
	}
	wg.Wait()
}

func TestWhatStandsIsBounded(t *testing.T) {
	const most = 64 << 10
	l := newLife(t, rand.New(rand.NewPCG(1, 1)), Config{StandingBytes: most})
	l.request(store.Default, 50)
	size := func() int64 {
		l.desk.standings.mu.Lock()
		defer l.desk.standings.mu.Unlock()
		sum := int64(0)
		for _, s := range l.desk.standings.each {
			sum += s.bytes
		}
		if sum != l.desk.standings.bytes || sum > most {
			t.Fatalf("%d bytes, said to be %d, of %d", sum, l.desk.standings.bytes, most)
		}
		return sum
	}
	for i := range 3 * mostStanding {
		for range 2 {
			requestsOf(t, l.desk, store.Default, fmt.Sprintf("model!=m%d", i))
		}
		size()
	}
	if size() == 0 {
		t.Error("nothing is kept")
	}
	if n := len(l.desk.standings.each); n > mostStanding {
		t.Errorf("%d questions are remembered; want %d at most", n, mostStanding)
	}
	// Questions that are asked once keep none from standing.
	before := l.desk.standings.kept()
	for i := range 2 * mostStanding {
		requestsOf(t, l.desk, store.Default, fmt.Sprintf("model!=once%d", i))
	}
	if after := l.desk.standings.kept(); after != before {
		t.Errorf("%d questions stand; want %d as before", after, before)
	}
	// A question with a group for each of many users takes more than its share.
	for i := range 2000 {
		e := l.begin(event.AIRequest, l.at.Add(-time.Second))
		e.SetText(event.UserID, fmt.Appendf(nil, "user-%d", i))
		l.add()
	}
	l.commit()
	for range 3 {
		a, err := l.desk.Answer(t.Context(), store.Default, Question{
			From: l.at.Add(-time.Hour), To: l.at, Metrics: []string{"requests"}, By: []string{"user_id"},
		})
		if err != nil || len(a.Rows) != 2001 {
			t.Fatalf("%v, %v", a, err)
		}
		size()
	}
	// What nobody asks any more is forgotten.
	l.at = l.at.Add(2 * standsWithin)
	requestsOf(t, l.desk, store.Default, "")
	if got := size(); got != 0 {
		t.Errorf("%d bytes are kept of what nobody asks", got)
	}
}

// After a restart they begin anew, with what the journal has.
func TestStandingQuestionsAfterARestart(t *testing.T) {
	dir := t.TempDir()
	var batch event.Batch
	var e event.Event
	now := func() time.Time { return noon }
	for life := int64(1); life <= 3; life++ {
		s, err := store.Open(t.Context(), store.Config{Dir: dir, MemTableSize: 8 << 20, Now: now,
			Space: storetest.Room, Derive: rollup.Derive(time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		d, err := New(s, Config{}, now, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for asked := range int64(3) {
			e.Reset(event.AIRequest)
			e.SetInt(event.Timestamp, int64(event.MicrosOf(noon.Add(-time.Second))))
			e.SetID(event.EventID, fmt.Appendf(nil, "event-%d-%d", life, asked))
			batch.Reset()
			batch.Add(&e)
			if _, err := s.Append(t.Context(), store.Default, &batch); err != nil {
				t.Fatal(err)
			}
			if got, want := requestsOf(t, d, store.Default, ""), 3*(life-1)+asked+1; got != want {
				t.Errorf("%d requests in life %d; want %d", got, life, want)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Hours that begin within those of the cells, as in Kolkata, are kept as well.
func TestStandingQuestionsOfOtherZones(t *testing.T) {
	l := newLife(t, rand.New(rand.NewPCG(1, 1)), Config{})
	q := Question{Metrics: []string{"requests"}, Interval: "hour", TZ: "Asia/Kolkata"}
	for i := range 4 {
		l.at = l.at.Add(20 * time.Minute)
		l.request(store.Default, 3)
		if i == 2 {
			if _, err := l.store.Seal(t.Context(), 0, true); err != nil {
				t.Fatal(err)
			}
		}
		q.From, q.To = l.at.Add(-24*time.Hour), l.at
		for range 2 {
			a, err := l.desk.Answer(t.Context(), store.Default, q)
			if err != nil || a.Totals["requests"] != int64(3*(i+1)) {
				t.Fatalf("%v, %v; want %d requests", a, err, 3*(i+1))
			}
		}
	}
	for _, s := range l.desk.standings.each {
		n := int64(0)
		for _, h := range s.hours {
			if h.sealed != nil {
				n += h.sealed.from.rawRows
			}
			for _, k := range h.growing {
				n += k.from.headRows
			}
		}
		if n != 12 {
			t.Errorf("%d requests are kept; want 12", n)
		}
	}
}
