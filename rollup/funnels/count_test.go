package funnels

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// world is a store that a test fills.
type world struct {
	t     testing.TB
	store *store.Store
	batch event.Batch
	n     int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20,
		Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &world{t: t, store: s}
}

// view adds a page view so many minutes before noon; more is field=value, of the page view.
func (w *world) view(before float64, visitor, path string, more ...string) {
	w.add(event.PageView, before, event.PageVisitorID, visitor, event.PagePath, path, more)
}

func (w *world) event(before float64, visitor, name string, more ...string) {
	w.add(event.Custom, before, event.CustomVisitorID, visitor, event.CustomName, name, more)
}

func (w *world) add(
	kind event.Kind, before float64, who int, visitor string, what int, name string, more []string,
) {
	var e event.Event
	e.Reset(kind)
	w.n++
	e.SetInt(event.Timestamp, int64(event.MicrosOf(noon.Add(-time.Duration(before*float64(time.Minute))))))
	e.SetID(event.EventID, fmt.Appendf(nil, "e%d", w.n))
	if visitor != "" {
		e.SetID(who, []byte(visitor))
	}
	e.SetText(what, []byte(name))
	for _, m := range more {
		field, value, _ := strings.Cut(m, "=")
		f, ok := kind.Field(field)
		if !ok {
			w.t.Fatalf("%v has no %s", kind, field)
		}
		e.SetText(f, []byte(value))
	}
	w.batch.Add(&e)
}

func (w *world) flush() {
	w.t.Helper()
	if _, err := w.store.Append(w.t.Context(), store.Default, &w.batch); err != nil {
		w.t.Fatal(err)
	}
	w.batch = event.Batch{}
}

func (w *world) count(f Funnel, q Question) *Result {
	w.t.Helper()
	q.Tenant = store.Default
	if q.From.IsZero() {
		q.From, q.To = noon.AddDate(0, 0, -7), noon
	}
	r, err := Count(w.t.Context(), w.store, f, q)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// told is a group in short: value, then reached/lost/median of each step.
func told(g Group) string {
	var b strings.Builder
	b.WriteString(g.Value)
	for _, s := range g.Steps {
		fmt.Fprintf(&b, " %d/%d", s.Reached, s.Lost)
		if s.Median != nil {
			fmt.Fprintf(&b, "/%v", *s.Median)
		}
	}
	return b.String()
}

func (w *world) want(f Funnel, q Question, want ...string) {
	w.t.Helper()
	r := w.count(f, q)
	got := []string{told(r.All)}
	for _, g := range r.Groups {
		got = append(got, told(g))
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		w.t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}

var signup = Funnel{Name: "signup", Window: "1h",
	Steps: []string{"page:/pricing*", "event:signup;plan==pro", "page:/welcome"}}

func fill(w *world) {
	w.view(300, "a", "/", "channel=Direct")
	w.view(290, "a", "/pricing", "channel=Referral")
	w.event(280, "a", "signup", `properties={"plan":"free"}`)
	w.event(270, "a", "signup", `properties={"plan":"pro"}`)
	w.view(269, "a", "/welcome")

	w.view(200, "b", "/pricing/teams", "channel=Referral")
	w.event(130, "b", "signup", `properties={"plan":"pro"}`) // too late
	w.view(120, "b", "/pricing", "channel=Direct")           // and once more
	w.event(100, "b", "signup", `properties={"plan":"pro"}`)

	w.event(90, "c", "signup", `properties={"plan":"pro"}`) // the wrong order
	w.view(80, "c", "/pricing", "channel=Direct")

	w.view(70, "bot", "/pricing", "bot_class=known_bot")
	w.view(70, "ghost", "/pricing", "bot_class=ghost", "channel=Direct")
	w.view(60, "", "/pricing") // nobody
	w.flush()
}

// TestFunnelWorkedOutByHand: a goes all the way, b on the second try, c in the wrong order.
func TestFunnelWorkedOutByHand(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.want(signup, Question{By: "channel"},
		" 4/0 2/2/20m0s 1/1/1m0s",
		"Direct 3/0 1/2/20m0s 1/0/1m0s",
		"Referral 1/0 1/0/20m0s 0/1")
	w.want(signup, Question{By: "channel", Limit: 1},
		" 4/0 2/2/20m0s 1/1/1m0s",
		"Direct 3/0 1/2/20m0s 1/0/1m0s",
		"(other) 1/0 1/0/20m0s 0/1")
	w.want(signup, Question{Bots: true}, " 5/0 2/3/20m0s 1/1/1m0s")
	// Two of b's visits are more than half an hour apart.
	w.want(signup, Question{Sessions: true}, " 5/0 2/3/20m0s 1/1/1m0s")
	if _, err := w.store.Seal(t.Context(), 1<<31, true); err != nil {
		t.Fatal(err)
	}
	w.view(269.5, "b", "/welcome") // beside what is sealed; a step too early
	w.flush()
	w.want(signup, Question{}, " 4/0 2/2/20m0s 1/1/1m0s")
	// Only a enters before, and goes on after the end of the range.
	w.want(signup, Question{From: noon.Add(-6 * time.Hour), To: noon.Add(-285 * time.Minute)},
		" 1/0 1/0/20m0s 1/0/1m0s")
}

// TestVisitorsBecomeTheUsersTheySignInAs: the page before, without user_id, is the user's, and so is
// what the same user does as another visitor.
func TestVisitorsBecomeTheUsersTheySignInAs(t *testing.T) {
	w := newWorld(t)
	w.view(50, "monday", "/pricing")
	w.event(40, "monday", "signup", "user_id=u1", `properties={"plan":"pro"}`)
	w.view(30, "tuesday", "/welcome", "user_id=u1")
	w.flush()
	w.want(signup, Question{}, " 1/0 1/0/10m0s 1/0/10m0s")
}

// TestStepsOnOneSite: a glob that begins with a site is of site and path.
func TestStepsOnOneSite(t *testing.T) {
	w := newWorld(t)
	f := Funnel{Name: "x", Window: "1h", Steps: []string{"page:shop.example.com/*", "page:/done"}}
	w.view(50, "a", "/cart", "site=shop.example.com")
	w.view(40, "a", "/done", "site=pay.example.com")
	w.view(50, "b", "/cart", "site=blog.example.com")
	w.flush()
	w.want(f, Question{}, " 1/0 1/0/10m0s")
}

// TestAnyOrderOfArrivalGivesTheSame: events come in mixed, and in two parts.
func TestAnyOrderOfArrivalGivesTheSame(t *testing.T) {
	t.Logf("-seed %d", *seed)
	rng := rand.New(rand.NewPCG(*seed, 2))
	type one struct {
		before  float64
		visitor string
		page    bool
		what    string
	}
	var all []one
	for range 400 {
		all = append(all, one{float64(rng.IntN(500)), fmt.Sprint("v", rng.IntN(30)), rng.IntN(2) == 0,
			[]string{"/pricing", "/welcome", "signup"}[rng.IntN(3)]})
	}
	var first string
	for range 3 {
		w := newWorld(t)
		for i, e := range all {
			if e.page {
				w.view(e.before, e.visitor, e.what, "channel="+e.visitor[:2])
			} else {
				w.event(e.before, e.visitor, e.what, `properties={"plan":"pro"}`)
			}
			if i == 200 {
				w.flush()
			}
		}
		w.flush()
		r := w.count(signup, Question{By: "channel"})
		v, err := json.Marshal([]any{r.All, r.Groups})
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(v)
		}
		if string(v) != first {
			t.Fatalf("another order gives\n%s\nand not\n%s", v, first)
		}
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
}

// TestFunnelByEveryDimension: a dimension is a field of page views; events of a name have others, and fewer.
func TestFunnelByEveryDimension(t *testing.T) {
	w := newWorld(t)
	fill(w)
	for _, by := range Dimensions() {
		if r := w.count(signup, Question{By: by}); r.All.Steps[0].Reached != 4 {
			t.Errorf("by %s: %d people enter, want 4", by, r.All.Steps[0].Reached)
		}
	}
}

// onlyOf passes page views whose channel is one of those given.
func onlyOf(channels ...string) Where {
	return Where{
		Fields: []int{event.PageChannel},
		Passing: func(rec arrow.Record) (rows []int32) {
			c := newTable(event.PageView, rec).column
			channel := c(event.PageChannel)
			for i := range int32(rec.NumRows()) {
				if slices.Contains(channels, channel.string(int(i))) {
					rows = append(rows, i)
				}
			}
			return rows
		},
		Unseen: slices.Contains(channels, ""),
	}
}

// TestAFilterKeepsWhoBeginsThere: those kept are the ones who stand at the value of the dimension, with all
// they did; a first page view after the range, or a later one, puts nobody anywhere.
func TestAFilterKeepsWhoBeginsThere(t *testing.T) {
	w := newWorld(t)
	fill(w)
	w.want(signup, Question{Where: onlyOf("Direct")}, " 3/0 1/2/20m0s 1/0/1m0s")
	w.want(signup, Question{Where: onlyOf("Referral")}, " 1/0 1/0/20m0s 0/1")
	w.want(signup, Question{Where: onlyOf("Search")}, " 0/0 0/0 0/0")
	w.want(signup, Question{Where: onlyOf("Direct"), By: "channel"}, " 3/0 1/2/20m0s 1/0/1m0s",
		"Direct 3/0 1/2/20m0s 1/0/1m0s")
	w.want(signup, Question{Where: onlyOf("Referral"), Bots: true, Sessions: true}, " 2/0 1/1/20m0s 0/1")
	// Who saw no page in the range has no channel, and a user's is that of the visitor before.
	f := Funnel{Name: "x", Window: "1h", Steps: []string{"event:open", "event:signup"}}
	w.event(50, "e", "open")
	w.event(40, "e", "signup")
	w.view(60, "g", "/", "channel=Search")
	w.event(55, "g", "open", "user_id=u2")
	w.view(52, "", "/", "channel=Direct", "user_id=u2")
	w.flush()
	w.want(f, Question{Where: onlyOf("")}, " 1/0 1/0/10m0s")
	w.want(f, Question{Where: onlyOf("Search")}, " 1/0 0/1")
	w.want(f, Question{Where: onlyOf("Direct")}, " 0/0 0/0")
	if _, err := w.store.Seal(t.Context(), 1<<31, true); err != nil {
		t.Fatal(err)
	}
	w.want(f, Question{Where: onlyOf("Search")}, " 1/0 0/1")
}

// BenchmarkCount counts a million page views of 200,000 visitors: go test -bench Count.
func BenchmarkCount(b *testing.B) {
	w := newWorld(b)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 1_000_000 {
		w.view(float64(i)/250, fmt.Sprintf("%032x", rng.IntN(200_000)),
			[]string{"/", "/pricing", "/docs/a", "/docs/b", "/welcome"}[rng.IntN(5)],
			"channel="+[]string{"Direct", "Referral", "Search"}[rng.IntN(3)])
		if i%5000 == 4999 {
			w.flush()
		}
		if i%100_000 == 99_999 {
			if _, err := w.store.Seal(b.Context(), 1<<31, true); err != nil {
				b.Fatal(err)
			}
		}
	}
	f := Funnel{Name: "x", Window: "7d", Steps: []string{"page:/", "page:/pricing*", "page:/welcome"}}
	for _, by := range []string{"", "channel"} {
		b.Run("by="+by, func(b *testing.B) {
			for b.Loop() {
				w.count(f, Question{By: by})
			}
		})
	}
}
