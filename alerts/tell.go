package alerts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"analytics/alerts/rules"
	"analytics/report/outbox"
)

// stale is how long after an incident was opened its message is still handed over if it is resolved
// by then: what was over yesterday is no news.
const stale = 24 * time.Hour

// bundle is the incidents that are told in one message, of a name that no other message has.
type bundle struct {
	name string
	all  []Incident
}

// due are the messages to hand over now, the oldest first: of what was opened and nobody was told,
// and of what goes on and is to be told again. What is silenced waits. The name of a message is
// written down before the message is handed over, so that after a crash it is found by its name.
func (w *Watch) due(ctx context.Context, now time.Time) ([]bundle, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := map[string]int{}
	var list []bundle
	var named []*Incident
	for _, i := range w.sorted() {
		tells, again := i.tells(now)
		if !tells {
			continue
		}
		name := cmp.Or(i.Telling, i.ID)
		if again && i.Telling == "" {
			// Those of one rule that are told again at the same time are told together.
			name = fmt.Sprintf("%s-again-%s", i.Rule, now.Format("20060102T150405Z"))
			if i.Type != Metric || len(i.Group) == 0 {
				name = fmt.Sprintf("%s-again-%d", i.ID, i.Told)
			}
			next := *i
			next.Telling = name
			named, i = append(named, &next), &next
		}
		n, known := at[name]
		if !known {
			n = len(list)
			at[name] = n
			list = append(list, bundle{name: name})
		}
		list[n].all = append(list[n].all, *i)
	}
	return list, w.save(ctx, named...)
}

// tells reports whether a message of the incident is due, and whether it is not the first.
func (i *Incident) tells(now time.Time) (due, again bool) {
	switch {
	case i.Silenced != "":
		return false, false
	case !i.Notified:
		return i.Active() || now.Sub(i.Opened) <= stale, false
	case i.Telling != "": // handed over or not: nobody wrote it down
		return true, true
	}
	again = i.State == Open && i.Renotify > 0 && now.Sub(i.LastTold) >= time.Duration(i.Renotify)
	return again, again
}

// told notes that the message of a bundle was handed over.
func (w *Watch) told(ctx context.Context, b bundle, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*Incident
	for _, i := range b.all {
		known := w.known[i.ID]
		if known == nil {
			continue
		}
		next := *known
		next.Notified, next.Telling, next.LastTold = true, "", now
		next.Told++
		all = append(all, &next)
	}
	for _, i := range w.known { // what was to be told with these, and was silenced, is told by itself
		if i.Telling == b.name && !slices.ContainsFunc(b.all, func(o Incident) bool { return o.ID == i.ID }) {
			next := *i
			next.Telling = ""
			all = append(all, &next)
		}
	}
	return w.save(ctx, all...)
}

// together is the note about findings, of one or of many at once.
func together(all []Incident) outbox.Note {
	first := &all[0]
	n := outbox.Note{Title: first.Title(), Mood: first.Severity.mood(), At: first.Opened}
	if len(all) > 1 {
		n.Title = fmt.Sprintf("%s, and %d more", first.Title(), len(all)-1)
	}
	for k := range all[:min(len(all), mostLines)] {
		n.Lines = append(n.Lines, all[k].Message)
	}
	if more := len(all) - mostLines; more > 0 {
		n.Lines = append(n.Lines, fmt.Sprintf("And %d more: `analytics alerts list` shows them.", more))
	}
	n.Facts = []outbox.Fact{{Name: "Severity", Value: string(first.Severity)}, {Name: "Rule", Value: first.Rule}}
	if first.Told > 0 {
		n.Facts = append(n.Facts, outbox.Fact{Name: "Since", Value: first.Opened.Format(time.RFC3339)})
	}
	if len(all) > 1 || len(first.Moved) == 0 {
		return n
	}
	table := outbox.Table{Title: "What moved most", Brief: 3, Columns: []outbox.Column{
		{Label: "Part", Brief: true}, {Label: "Is", Right: true, Brief: true}, {Label: "Was", Right: true}}}
	for _, m := range first.Moved {
		table.Rows = append(table.Rows, []string{m.Name + " " + m.Value,
			figure(first.Reading, m.Is), figure(first.Reading, m.Was)})
	}
	n.Tables = []outbox.Table{table}
	return n
}

// mostLines bounds the lines of a message.
const mostLines = 10

// mood is how a message of that severity looks.
func (s Severity) mood() outbox.Mood {
	switch s {
	case High, Critical:
		return outbox.Alarming
	case Medium:
		return outbox.Notable
	}
	return outbox.Calm
}

// figure is a value of a reading's metric as people read it.
func figure(r *Reading, v float64) string { return rules.Figure(r.Metric, r.Unit, v) }

// sorted is all incidents, the oldest first. The caller holds mu.
func (w *Watch) sorted() []*Incident {
	all := make([]*Incident, 0, len(w.known))
	for _, i := range w.known {
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b *Incident) int {
		return cmp.Or(a.Opened.Compare(b.Opened), strings.Compare(a.ID, b.ID))
	})
	return all
}
