package register

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/ingest/pricing"
)

// Scope is what is repriced: the requests of [From, To), of one model or pattern unless it is empty.
type Scope struct {
	Tenant   store.Tenant
	From, To time.Time
	Model    string
	DryRun   bool
	// Actor is who asks for it, for the audit trail.
	Actor string
}

// Report is what a repricing changed, or would.
type Report struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Model  string    `json:"model,omitempty"`
	DryRun bool      `json:"dry_run"`
	// Requests were looked at, Changed have another cost, source or price entry, Gone have no
	// events left that could be repriced.
	Requests int64 `json:"requests"`
	Changed  int64 `json:"changed"`
	Gone     int64 `json:"without_events"`
	// Before, After and Delta are of the changed ones.
	Before USD `json:"before"`
	After  USD `json:"after"`
	Delta  USD `json:"delta"`
	// Version is the kept table's.
	Version string  `json:"price_version"`
	Models  []Moved `json:"models"`
}

// Moved is the difference of one model.
type Moved struct {
	Provider string `json:"provider"`
	Model    string `json:"model"`
	Requests int64  `json:"changed"`
	Unpriced int64  `json:"unpriced_before"`
	Before   USD    `json:"before"`
	After    USD    `json:"after"`
	Delta    USD    `json:"delta"`
	// Key is the entry that the last of them is priced by.
	Key string `json:"price_key"`
}

// USD is money, written as a decimal.
type USD event.NanoUSD

// MarshalJSON writes it exactly.
func (u USD) MarshalJSON() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (u *USD) UnmarshalJSON(b []byte) error {
	text, negative := strings.CutPrefix(string(b), "-")
	whole, part, _ := strings.Cut(text, ".")
	if len(part) > 9 {
		return fmt.Errorf("%s has more digits than money", b)
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", 9-len(part)), 10, 64)
	if *u = USD(n); negative {
		*u = USD(-n)
	}
	return err
}

// String is USD with all digits that are not zero, and at least two.
func (u USD) String() string {
	sign := ""
	if u < 0 {
		sign, u = "-", -u
	}
	text := fmt.Sprintf("%s%d.%09d", sign, u/1e9, u%1e9)
	for n := len(text); text[n-1] == '0' && text[n-3] != '.'; n-- {
		text = text[:n-1]
	}
	return text
}

// Reprice prices history again by the book in use. progress is told of each day that is done.
func (r *Register) Reprice(
	ctx context.Context, s Scope, progress func(done, days int),
) (*Report, error) {
	if !s.From.Before(s.To) {
		return nil, fault.At(fault.Invalid, "invalid_range", "from", "from is not before to")
	}
	if !r.repricing.TryLock() {
		return nil, fault.New(fault.Conflict, "repricing", "history is being repriced; wait for its end")
	}
	defer r.repricing.Unlock()
	t := &tally{scope: s, book: r.Book(), models: map[[2]string]*Moved{},
		from: event.MicrosOf(s.From), to: event.MicrosOf(s.To)}
	days, err := r.days(s)
	if err != nil {
		return nil, err
	}
	if !s.DryRun {
		if err := r.begin(ctx, s); err != nil {
			return nil, err
		}
	}
	for i, day := range days {
		if err = r.day(ctx, t, day); err != nil {
			break
		}
		progress(i+1, len(days))
	}
	if !s.DryRun {
		if e := r.end(context.WithoutCancel(ctx), t, err); err == nil {
			err = e
		}
	}
	if err != nil {
		return nil, err
	}
	return t.finish(), nil
}

// hoursPerDay is the stretch that is repriced at once.
const hoursPerDay = 24

// days lists the UTC days of the scope that have requests, by their first hours.
func (r *Register) days(s Scope) (days []event.Hour, err error) {
	from, to := event.MicrosOf(s.From).Hour(), (event.MicrosOf(s.To)-1).Hour()+1
	hours, err := r.house.Store.Ledger(s.Tenant, event.AIRequest, from, to)
	if err != nil {
		return nil, err
	}
	for _, h := range hours {
		if day := h.Hour / hoursPerDay * hoursPerDay; len(days) == 0 || days[len(days)-1] != day {
			days = append(days, day)
		}
	}
	return days, nil
}

// day compares, and changes only a day in which something differs: a rewrite writes all of it.
func (r *Register) day(ctx context.Context, t *tally, day event.Hour) error {
	look := *t
	look.report, look.models = Report{}, map[[2]string]*Moved{}
	if err := r.look(ctx, &look, day); err != nil {
		return err
	}
	if t.scope.DryRun || look.report.Changed == 0 {
		t.add(&look)
		return nil
	}
	wrote := *t
	wrote.report, wrote.models = Report{}, map[[2]string]*Moved{}
	got, err := r.house.Store.Rewrite(ctx, t.scope.Tenant, event.AIRequest, day, wrote.price)
	if err != nil {
		return err
	}
	wrote.report.Gone = got.Gone
	t.add(&wrote)
	r.house.Log.LogAttrs(ctx, slog.LevelInfo, "day repriced", slog.Time("day", day.Start().Time()),
		slog.Int64("changed", got.Changed), slog.Int("segments", got.Segments))
	return nil
}

// look prices copies of the day's events.
func (r *Register) look(ctx context.Context, t *tally, day event.Hour) error {
	n := r.house.Store.Snapshot(store.Range{Tenant: t.scope.Tenant, Kind: event.AIRequest,
		From: day.Start(), To: (day + hoursPerDay).Start()})
	defer n.Release()
	for _, s := range n.Segments() {
		if s.RawDropped {
			t.report.Gone += int64(s.Rows)
		}
	}
	var e event.Event
	for _, c := range n.Chunks() {
		rec, err := c.Read(ctx, nil)
		if err != nil {
			return err
		}
		rows := columns.NewRows(event.AIRequest, rec)
		for i := range int(rec.NumRows()) {
			rows.Event(&e, i)
			t.price(&e)
		}
		rec.Release()
	}
	return nil
}

// tally counts what repricing changes.
type tally struct {
	scope    Scope
	book     *pricing.Book
	from, to event.Micros
	report   Report
	models   map[[2]string]*Moved
	old      [3][]byte // scratch: source, version and key of the event at hand
}

// price prices an event again and says whether that changed anything. The version alone is no
// change: the one it has tells the truth about where the same cost comes from.
func (t *tally) price(e *event.Event) bool {
	if e.Time() < t.from || e.Time() >= t.to || t.scope.Model != "" &&
		!pricing.Matches(t.scope.Model, string(e.Text(event.AIModel))) {
		return false
	}
	t.report.Requests++
	had, before, client := e.Has(event.AICost), e.Int(event.AICost), e.Int(event.AIClientCost)
	for i, f := range [...]int{event.AICostSource, event.AIPriceVersion, event.AIPriceKey} {
		t.old[i] = e.Text(f)
	}
	t.book.Price(e)
	if e.Has(event.AICost) == had && e.Int(event.AICost) == before &&
		string(e.Text(event.AICostSource)) == string(t.old[0]) &&
		string(e.Text(event.AIPriceKey)) == string(t.old[2]) && e.Int(event.AIClientCost) == client {
		if e.Has(event.AIPriceVersion) {
			e.SetText(event.AIPriceVersion, t.old[1])
		}
		return false
	}
	t.note(e, had, before)
	return true
}

func (t *tally) note(e *event.Event, had bool, before int64) {
	key := [2]string{string(e.Text(event.AIProvider)), string(e.Text(event.AIModel))}
	m := t.models[key]
	if m == nil {
		m = &Moved{Provider: key[0], Model: key[1]}
		t.models[key] = m
	}
	m.Requests++
	if !had {
		m.Unpriced++
	}
	m.Before += USD(before)
	m.After += USD(e.Int(event.AICost))
	m.Key = string(e.Text(event.AIPriceKey))
	t.report.Changed++
}

// add makes t the tally of both.
func (t *tally) add(o *tally) {
	t.report.Requests += o.report.Requests
	t.report.Changed += o.report.Changed
	t.report.Gone += o.report.Gone
	for key, m := range o.models {
		if sum := t.models[key]; sum != nil {
			sum.Requests += m.Requests
			sum.Unpriced += m.Unpriced
			sum.Before += m.Before
			sum.After += m.After
			sum.Key = m.Key
			continue
		}
		t.models[key] = m
	}
}

// finish is the report of everything counted.
func (t *tally) finish() *Report {
	r := &t.report
	r.From, r.To, r.Model, r.DryRun = t.scope.From, t.scope.To, t.scope.Model, t.scope.DryRun
	r.Version, _ = t.book.Version()
	r.Models, r.Before, r.After = []Moved{}, 0, 0
	for _, m := range t.models {
		m.Delta = m.After - m.Before
		r.Before += m.Before
		r.After += m.After
		r.Models = append(r.Models, *m)
	}
	r.Delta = r.After - r.Before
	slices.SortFunc(r.Models, func(a, b Moved) int {
		return cmp.Or(cmp.Compare(max(b.Delta, -b.Delta), max(a.Delta, -a.Delta)),
			cmp.Compare(a.Model, b.Model), cmp.Compare(a.Provider, b.Provider))
	})
	return r
}
