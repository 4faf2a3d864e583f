package query

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/when"
)

// sheet turns results into rows: it knows the columns, and the result that is compared with, if
// any.
type sheet struct {
	plan      *plan
	now       *result
	before    *result // nil without comparison
	columns   []answer.Column
	estimates map[string]float64
}

// newSheet lines up the result with the one compared with.
func newSheet(p *plan, now, before *result) *sheet {
	s := &sheet{
		plan: p, now: now, before: before, columns: p.columns(), estimates: map[string]float64{},
	}
	if before != nil { // what is gone now is in the answer as well
		for key, i := range before.keys {
			if _, ok := now.keys[key]; !ok {
				now.adopt(key, before.series[i])
			}
		}
	}
	return s
}

// adopt adds a series that only the other result has.
func (r *result) adopt(key string, other series) {
	s := series{texts: other.texts, at: make([]int32, len(r.parts))}
	for i := range s.at {
		s.at[i] = -1
	}
	r.keys[key] = int32(len(r.series))
	r.series = append(r.series, s)
}

// ranked are the series that the answer shows, in their order; groups is how many there were.
func (s *sheet) ranked(most int) (ranked []int32, groups int, err error) {
	ranked = s.rank()
	groups = len(ranked)
	if s.plan.limit > 0 && len(s.plan.by) > 0 {
		ranked = ranked[:min(s.plan.limit, groups)]
	}
	if len(ranked) > most {
		return nil, groups, tooManyGroups(most)
	}
	return ranked, groups, nil
}

// sorted reports whether buckets are ordered by something else than time.
func (s *sheet) sorted() bool {
	return s.plan.interval != when.None && len(s.plan.by) == 0 && s.plan.order.column != ""
}

// rank orders the series: by the column asked for, or by the first metric, and by name where that
// is equal.
func (s *sheet) rank() []int32 {
	ranked := make([]int32, len(s.now.series))
	keys := make([]any, len(ranked))
	col := s.orderColumn()
	for i := range ranked {
		ranked[i] = int32(i)
		if s.columns[col].Kind == answer.KindMetric {
			cells := s.metric(nil, s.metricOf(col), s.now.whole(int32(i)), s.old(int32(i), -1))
			keys[i] = cells[col-s.firstOf(col)]
		} else {
			keys[i] = s.dimension(int32(i), col)
		}
	}
	down := s.plan.order.down || s.plan.order.column == ""
	slices.SortFunc(ranked, func(a, b int32) int {
		if c := compareCells(keys[a], keys[b], down); c != 0 {
			return c
		}
		return slices.Compare(s.now.series[a].texts, s.now.series[b].texts)
	})
	return ranked
}

// orderColumn is the column to rank series by; time cannot be one, so the first metric is.
func (s *sheet) orderColumn() int {
	for i, c := range s.columns {
		if s.plan.share && i == len(s.columns)-1 {
			break // shares are in the order of the first metric
		}
		if c.Name == s.plan.order.column && c.Kind != answer.KindTime {
			return i
		}
	}
	return s.lead()
}

// width is how many columns a metric has.
func (s *sheet) width() int {
	if s.before != nil {
		return 3
	}
	return 1
}

// lead is how many columns stand before the metrics.
func (s *sheet) lead() int {
	n := len(s.columns) - len(s.plan.choices)*s.width()
	if s.plan.share {
		n--
	}
	return n
}

func (s *sheet) metricOf(col int) int { return (col - s.lead()) / s.width() }

func (s *sheet) firstOf(col int) int { return s.lead() + s.metricOf(col)*s.width() }

// dimension is the cell of a dimension's column.
func (s *sheet) dimension(i int32, col int) any {
	d := col - (s.lead() - len(s.plan.by))
	return cell(s.plan.by[d].Type, s.now.series[i].texts[d])
}

// old finds the spots of a series in the range compared with; b is -1 for all buckets.
func (s *sheet) old(i int32, b int) []spot {
	if s.before == nil {
		return nil
	}
	if b < 0 {
		return s.before.whole(s.same(i))
	}
	return s.before.bucket(s.same(i), b)
}

// same is a series in the range compared with, -1 where it is not there.
func (s *sheet) same(i int32) int32 {
	var key strings.Builder
	for _, text := range s.now.series[i].texts {
		key.WriteString(text)
		key.WriteByte(0)
	}
	if other, ok := s.before.keys[key.String()]; ok {
		return other
	}
	return -1
}

func (s *sheet) metrics(row []any, now, old []spot) []any {
	for m := range s.plan.choices {
		row = s.metric(row, m, now, old)
	}
	if s.plan.share {
		row = append(row, s.share(row[s.lead()]))
	}
	return row
}

// metric adds the cells of one metric to a row: its value, and beside it those of a comparison.
func (s *sheet) metric(row []any, m int, now, old []spot) []any {
	ch := &s.plan.choices[m]
	v, estimate := s.now.metric(ch, now)
	s.note(ch.Metric.Name, estimate)
	if s.before == nil {
		return append(row, s.local(v))
	}
	was, estimate := s.before.metric(ch, old)
	s.note(ch.Metric.Name, estimate)
	return append(row, s.local(v), s.local(was), change(v, was))
}

// local puts a moment into the zone of the question.
func (s *sheet) local(v any) any {
	if t, ok := v.(time.Time); ok {
		return t.In(s.plan.rng.Zone)
	}
	return v
}

// totals are the metrics over everything.
func (s *sheet) totals() map[string]any {
	all := map[string]any{}
	for m := range s.plan.choices {
		var old []spot
		if s.before != nil {
			old = s.before.all()
		}
		for i, v := range s.metric(nil, m, s.now.all(), old) {
			all[s.columns[s.lead()+m*s.width()+i].Name] = v
		}
	}
	return all
}

// share is a value's part of the total of the first metric; null when that is nothing.
func (s *sheet) share(v any) any {
	all, _ := s.now.metric(&s.plan.choices[0], s.now.all())
	return shareOf(v, all)
}

// shareOf is a value as a part of all; null when that is nothing.
func shareOf(v, all any) any {
	whole, _ := amount(all)
	x, ok := amount(v)
	if !ok || whole == 0 {
		return nil
	}
	return round(x/whole, 6)
}

// note keeps the largest error stated for a metric.
func (s *sheet) note(metric string, estimate float64) {
	if estimate > s.estimates[metric] {
		s.estimates[metric] = estimate
	}
}

// change is the growth as a share of what was; null where there was nothing.
func change(v, was any) any {
	now, ok := amount(v)
	old, before := amount(was)
	if !ok || !before || old == 0 {
		return nil
	}
	return round(now/old-1, 6)
}

// sort orders finished rows by the column asked for.
func (s *sheet) sort(rows [][]any) {
	col := slices.IndexFunc(s.columns, func(c answer.Column) bool {
		return c.Name == s.plan.order.column
	})
	slices.SortStableFunc(rows, func(a, b []any) int {
		return compareCells(a[col], b[col], s.plan.order.down)
	})
}

// compareCells orders cells of one column; null comes last either way.
func compareCells(a, b any, down bool) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	c := 0
	if t, ok := a.(time.Time); ok {
		o, _ := b.(time.Time)
		c = t.Compare(o)
	} else if m, ok := a.(event.NanoUSD); ok {
		o, _ := b.(event.NanoUSD)
		c = cmp.Compare(m, o)
	} else if x, ok := amount(a); ok {
		y, _ := amount(b)
		c = cmp.Compare(x, y)
	} else {
		c = strings.Compare(text(a), text(b))
	}
	if down {
		return -c
	}
	return c
}

func text(v any) string { return string(answer.AppendCell(nil, v)) }
