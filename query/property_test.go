package query

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/listing"
)

var questions = flag.Int("questions", 150, "how many random questions the property tests ask")

// randomWorld has ten days of events of all kinds, most of them sealed, some late, some in the
// head.
func randomWorld(t *testing.T, r *rand.Rand, events int) *world {
	zones := []string{"UTC", "Asia/Kolkata", "Europe/Berlin"}
	w := newWorld(t, Config{Timezone: zones[r.IntN(len(zones))]})
	from := noon.AddDate(0, 0, -10)
	for range events {
		w.random(r, from.Add(time.Duration(r.Int64N(int64(noon.Sub(from))))))
	}
	w.commit()
	w.seal(noon.AddDate(0, 0, -1))
	w.daily()
	for range events / 10 { // late ones, sealed again, and ones that stay in the head
		w.random(r, from.Add(time.Duration(r.Int64N(int64(noon.Sub(from))))))
	}
	w.commit()
	w.seal(noon.AddDate(0, 0, -3))
	return w
}

// randomQuestion asks for metrics, dimensions and filters that fit together, or almost.
func randomQuestion(r *rand.Rand, c *catalog.Catalog) Question {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu",
		"Australia/Lord_Howe"}
	q := Question{TZ: zones[r.IntN(len(zones))], IncludeBots: r.IntN(3) == 0}
	kind := event.Kinds()[r.IntN(9)]
	for range 1 + r.IntN(4) {
		for {
			m := c.Metrics[r.IntN(len(c.Metrics))]
			if m.For(kind) != nil || r.IntN(50) == 0 {
				q.Metrics = append(q.Metrics, m.Name)
				break
			}
		}
	}
	dimension := func() catalog.Dimension {
		for {
			d := c.Dimensions[r.IntN(len(c.Dimensions))]
			if d.Group && d.Has(kind) {
				return d
			}
		}
	}
	for range r.IntN(3) {
		q.By = append(q.By, dimension().Name)
	}
	var where []string
	for range r.IntN(3) {
		where = append(where, dimension().Name+[]string{"==alpha", "!=alpha", "=~*a*", " in beta,gamma",
			"==", ">=b"}[r.IntN(6)])
	}
	q.Filter = strings.Join(where, ";")
	q.Interval = []string{"", "", "hour", "day", "week", "month"}[r.IntN(6)]
	q.Compare = []string{"", "", "", "previous"}[r.IntN(4)]
	q.To = noon.Add(-time.Duration(r.Int64N(int64(5 * 24 * time.Hour))))
	if r.IntN(3) == 0 {
		q.To = q.To.Truncate(time.Hour)
	}
	q.From = q.To.Add(-time.Duration(1 + r.Int64N(int64(8*24*time.Hour))))
	if r.IntN(3) == 0 {
		q.From = q.From.Truncate(24 * time.Hour)
	}
	return q
}

// Whatever is asked, cubes and events give the same answer.
func TestCubesAnswerAsEventsDo(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 7))
	w := randomWorld(t, r, 4000)
	answered, cubed, daily, sampled := 0, 0, 0, 0
	for range *questions {
		q := randomQuestion(r, w.desk.catalog)
		fast, err := w.desk.Answer(context.Background(), store.Default, q)
		q.Raw = true
		slow, rawErr := w.desk.Answer(context.Background(), store.Default, q)
		if (err == nil) != (rawErr == nil) {
			t.Fatalf("seed %d: %+v: %v from cubes, %v from events", seed, q, err, rawErr)
		}
		if err != nil {
			continue
		}
		answered++
		if len(fast.Meta.Sources.Cubes) > 0 {
			cubed++
		}
		if strings.Contains(strings.Join(fast.Meta.Sources.Cubes, " "), "_daily") {
			daily++
		}
		if got, want := fmt.Sprint(fast.Meta.Sampled), fmt.Sprint(slow.Meta.Sampled); got != want {
			t.Fatalf("seed %d: %+v is of the sample %s from cubes, %s from events", seed, q, got, want)
		}
		if fast.Meta.Sampled.Kept > 0 {
			sampled++
		}
		if got, want := rowsOf(fast), rowsOf(slow); got != want {
			t.Fatalf("seed %d: %+v\nfrom %+v:\n%s\nfrom events:\n%s", seed, q, fast.Meta.Sources, got, want)
		}
	}
	if answered < *questions/3 || cubed < *questions/20 {
		t.Errorf("seed %d: only %d questions had an answer, %d of them from cubes", seed, answered, cubed)
	}
	t.Logf("%d answers, %d with cubes, %d with days, %d of samples", answered, cubed, daily, sampled)
}

// A list is as long as the count of the same, but for weights, it is in order, and pages of it join to the whole.
func TestListsAreWhatIsCounted(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 8))
	w := randomWorld(t, r, 2000)
	ctx := context.Background()
	for range *questions {
		kind := event.Kinds()[r.IntN(9)]
		q := randomQuestion(r, w.desk.catalog)
		q.Metrics, q.By, q.Interval, q.Compare = []string{"events"}, nil, "", ""
		if r.IntN(3) == 0 {
			q.Filter = []string{"id==event-00000007", "id!=event-00000007", "id in event-00000008,x",
				"trace_id==v1", "trace_id!=", "trace_id=~v*", "span_id>v2"}[r.IntN(7)]
		}
		if kind.Derived() {
			q.Metrics = []string{"sessions"}
		} else {
			q.Filter = strings.Trim(q.Filter+";type=="+kind.String(), ";")
		}
		count, err := w.desk.Answer(ctx, store.Default, q)
		if err != nil {
			continue
		}
		l := Listing{
			Kinds: []event.Kind{kind}, Filter: strings.Trim(strings.TrimSuffix(q.Filter, "type=="+kind.String()), ";"),
			From: q.From, To: q.To, Fields: []string{"timestamp", "id"}, Limit: 5000, IncludeBots: q.IncludeBots,
		}
		if _, ok := kind.Weight(); ok {
			l.Fields = append(l.Fields, listing.Weight)
		}
		whole, err := w.desk.List(ctx, store.Default, l)
		if err != nil {
			t.Fatalf("seed %d: %+v: %v", seed, l, err)
		}
		if n := count.Rows[0][0].(int64); standFor(whole) != n {
			t.Fatalf("seed %d: %+v lists %d, counted %d", seed, l, standFor(whole), n)
		}
		if got, want := fmt.Sprint(w.download(l)), fmt.Sprint(whole.Rows); got != want {
			t.Fatalf("seed %d: %+v\nstreamed %s\nwhole %s", seed, l, got, want)
		}
		l.Limit = 1 + r.IntN(40)
		rest := l // what comes behind the first page
		var pages [][]any
		for {
			page, err := w.desk.List(ctx, store.Default, l)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			pages = append(pages, page.Rows...)
			if l.Cursor = page.Meta.Next; l.Cursor == "" {
				break
			} else if rest.Cursor == "" {
				rest = l
			}
		}
		got, want := fmt.Sprint(w.download(rest)), fmt.Sprint(pages[min(len(pages), l.Limit):])
		if rest.Cursor != "" && got != want {
			t.Fatalf("seed %d: %+v\nstreamed %s\nrest %s", seed, rest, got, want)
		}
		if got, want = fmt.Sprint(pages), fmt.Sprint(whole.Rows); got != want {
			t.Fatalf("seed %d: %+v\npages %s\nwhole %s", seed, l, got, want)
		}
		for i := 1; i < len(pages); i++ {
			if pages[i][0].(time.Time).After(pages[i-1][0].(time.Time)) {
				t.Fatalf("seed %d: row %d is newer than the one before", seed, i)
			}
		}
	}
}

// download is the rows of a list that is written while it is read.
func (w *world) download(l Listing) (rows [][]any) {
	w.t.Helper()
	l.Streamed, l.Limit = true, 0
	a, err := w.desk.List(context.Background(), store.Default, l)
	if err == nil {
		err = a.More(func(row []any) error { rows = append(rows, slices.Clone(row)); return nil })
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// standFor is how many events the rows of a list stand for.
func standFor(a *answer.Answer) (n int64) {
	at := a.Column(listing.Weight)
	for _, row := range a.Rows {
		weight := int64(1)
		if at >= 0 {
			v, _ := row[at].(int64)
			weight = max(weight, v)
		}
		n += weight
	}
	return n
}

func rowsOf(a *answer.Answer) string {
	var b strings.Builder
	if err := a.WriteNDJSON(&b); err != nil {
		return err.Error()
	}
	return b.String() + fmt.Sprint(a.Totals)
}

// Counting rows of a list by hand, by what their local time says, gives the buckets.
func TestBucketsAreLocalTime(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 9))
	w := randomWorld(t, r, 1500)
	ctx := context.Background()
	layouts := map[string]string{"hour": "2006-01-02T15 -0700", "day": "2006-01-02", "month": "2006-01"}
	for _, tz := range []string{"UTC", "America/New_York", "Asia/Kathmandu", "Asia/Kolkata"} {
		for interval, layout := range layouts {
			q := Question{
				Metrics: []string{"requests", "cost"}, By: []string{"model"}, Interval: interval, TZ: tz,
				From: noon.AddDate(0, 0, -9).Add(-17 * time.Minute),
				To:   noon.Add(-33 * time.Minute),
			}
			a, err := w.desk.Answer(ctx, store.Default, q)
			if err != nil {
				t.Fatal(err)
			}
			l, err := w.desk.List(ctx, store.Default, Listing{
				Kinds: []event.Kind{event.AIRequest}, From: q.From, To: q.To, TZ: tz, Limit: 5000,
				Fields: []string{"timestamp", "model", "cost"},
			})
			if err != nil {
				t.Fatal(err)
			}
			type sum struct {
				requests int64
				cost     event.NanoUSD
				known    bool // that of one request at least is
			}
			got, want := map[string]sum{}, map[string]sum{}
			for _, row := range a.Rows {
				if n := row[2].(int64); n > 0 {
					key := row[0].(time.Time).Format(layout) + row[1].(string)
					cost, known := row[3].(event.NanoUSD)
					got[key] = sum{n, cost, known}
				}
			}
			for _, row := range l.Rows {
				key := row[0].(time.Time).Format(layout) + row[1].(string)
				cost, known := row[2].(event.NanoUSD)
				s := want[key]
				want[key] = sum{s.requests + 1, s.cost + cost, s.known || known}
			}
			if !maps.Equal(got, want) {
				t.Errorf("seed %d: %s in %s: %v\nby hand %v", seed, interval, tz, got, want)
			}
		}
	}
}
