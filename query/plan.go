package query

import (
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/filter"
	"analytics/query/when"
	"analytics/rollup/cube"
)

// plan is a question made ready: names looked up, kinds chosen, time cut into buckets. It is data
// only, so that it can be shown, compared, and one day sent to another engine.
type plan struct {
	rng      when.Range
	interval when.Interval
	grid     when.Grid
	by       []*catalog.Dimension
	choices  []catalog.Choice
	parts    []part
	order    order
	limit    int
	compare  bool // the numbers of another range stand beside these
	share    bool // the last column is the part of the first metric's total
}

// part is what the events of one kind contribute.
type part struct {
	kind event.Kind
	// spec is what is counted. Its dimensions are those of the question but for the type of event,
	// which is no field.
	spec cube.Spec
	// edges are the buckets: spec.Edges, or the ends of the range.
	edges []event.Micros
}

// order is how rows are ordered. The zero order is by the first metric, largest first.
type order struct {
	column string
	down   bool
}

// botClass is the field that says whether a visit was of a person or of what kind of bot.
const botClass = "bot_class"

// plan makes a question ready, or says what is wrong with it.
func (d *Desk) plan(q Question) (*plan, error) {
	q.Metrics, q.By = unique(q.Metrics), unique(q.By)
	p := &plan{interval: when.Interval(q.Interval), limit: q.Limit, compare: q.Compare != "", share: q.Share}
	if err := p.shape(q, d.limits); err != nil {
		return nil, err
	}
	zone, err := when.Zone(q.TZ, d.zone)
	if err != nil {
		return nil, err
	}
	p.rng = when.Range{From: q.From.In(zone), To: q.To.In(zone), Zone: zone}
	if !p.rng.From.Before(p.rng.To) || p.rng.From.Unix() < 0 {
		return nil, fault.At(fault.Invalid, "invalid_range", "from", "the range is empty")
	}
	if p.rng.To.Sub(p.rng.From) > d.limits.Range+time.Hour { // a summer hour more is no year more
		return nil, tooLong(d.limits)
	}
	var ok bool
	if p.grid, ok = p.rng.Buckets(p.interval, maxBuckets); !ok {
		return nil, fault.At(fault.Invalid, "too_many_buckets", "interval",
			"the range has more than %d buckets; use a longer interval", maxBuckets)
	}
	conditions, err := filter.Parse(q.Filter)
	if err != nil {
		return nil, err
	}
	for _, name := range q.By {
		dim, err := d.catalog.Dimension(name)
		if err != nil {
			return nil, err
		}
		p.by = append(p.by, dim)
	}
	if p.choices, err = d.catalog.Choose(q.Metrics, q.By, conditions); err != nil {
		return nil, err
	}
	if err := p.split(d.catalog, q, conditions); err != nil {
		return nil, err
	}
	if first := p.choices[0].Metric; p.share && first.Formulas[0].Calc != catalog.Total {
		return nil, fault.At(fault.Invalid, "invalid_combination", "share",
			"rows have no share of %s: it does not add up", first.Name)
	}
	p.order, err = p.orderOf(q.Order)
	return p, err
}

// unique keeps the first of equal names.
func unique(names []string) []string {
	var kept []string
	for _, n := range names {
		if !slices.Contains(kept, n) {
			kept = append(kept, n)
		}
	}
	return kept
}

// shape checks what needs no names.
func (p *plan) shape(q Question, l Limits) error {
	switch {
	case len(q.Metrics) == 0:
		return fault.At(fault.Invalid, "missing_parameter", "metrics",
			"a question needs metrics, such as metrics=requests,cost")
	case len(q.Metrics) > maxMetrics:
		return fault.At(fault.Invalid, "too_many_metrics", "metrics",
			"a question has at most %d metrics", maxMetrics)
	case len(q.By) > maxBy:
		return fault.At(fault.Invalid, "too_many_dimensions", "by",
			"a question counts by at most %d dimensions", maxBy)
	case slices.ContainsFunc(q.By, func(n string) bool { return slices.Contains(q.Metrics, n) }):
		return fault.At(fault.Invalid, "invalid_combination", "by",
			"a name is given both as a metric and as a dimension; ask for one of them")
	case q.Interval != "" && !slices.Contains(when.Intervals(), q.Interval):
		return fault.At(fault.Invalid, "invalid_interval", "interval", "%q is not an interval; use %s",
			clip(q.Interval), catalog.Choices(when.Intervals()))
	case q.comparable() != nil:
		return q.comparable()
	case q.Other && (len(q.By) != 1 || q.Limit < 1):
		return fault.At(fault.Invalid, "invalid_combination", "other",
			"other is what a limit cuts off of one dimension; give limit, and one name in by")
	case q.Smooth > 0 && (q.Interval == "" || q.Smooth < 2 || q.Smooth > maxSmooth):
		return fault.At(fault.Invalid, "invalid_combination", "smooth",
			"a moving average is over 2 to %d buckets; give interval as well", maxSmooth)
	case q.Smooth > 0 && q.Order != "" && len(q.By) == 0:
		return fault.At(fault.Invalid, "invalid_combination", "order",
			"a moving average goes by time; leave order out")
	case q.Limit < 0:
		return fault.At(fault.Invalid, "invalid_parameter", "limit", "limit must not be negative")
	}
	return nil
}

// split makes a part for each kind that a metric is computed from.
func (p *plan) split(c *catalog.Catalog, q Question, conditions filter.Conditions) error {
	bots := q.IncludeBots || aboutBots(q.By, conditions)
	for _, kind := range event.Kinds() {
		var measures []string
		certain := true
		for _, ch := range p.choices {
			if !slices.Contains(ch.Kinds, kind) {
				continue
			}
			certain = certain && ch.Metric.For(kind).Certain()
			for _, m := range ch.Metric.For(kind).Measures() {
				if !slices.Contains(measures, m) {
					measures = append(measures, m)
				}
			}
		}
		if len(measures) == 0 {
			continue
		}
		if !certain {
			measures = append(measures, cube.Kept, cube.StoodFor)
		}
		preds, ok, err := c.Predicates(kind, conditions)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if _, has := kind.Field(botClass); has && !bots {
			preds = append(preds, people())
		}
		dims := slices.DeleteFunc(slices.Clone(q.By), func(name string) bool {
			return name == catalog.TypeDimension
		})
		pt := part{kind: kind, spec: cube.Spec{
			Kind: kind, Dims: dims, Measures: measures, Filter: preds,
		}}
		for _, e := range p.grid.Edges {
			pt.edges = append(pt.edges, event.MicrosOf(e))
		}
		if p.interval != when.None {
			pt.spec.Edges = pt.edges
		}
		p.parts = append(p.parts, pt)
	}
	return nil
}

// aboutBots reports whether the question names bots itself: then leaving them out would answer
// another one.
func aboutBots(by []string, conditions filter.Conditions) bool {
	bot := func(name string) bool { return strings.HasPrefix(name, "bot_") }
	return slices.ContainsFunc(by, bot) ||
		slices.ContainsFunc(conditions, func(c filter.Condition) bool { return bot(c.Name) })
}

// orderOf checks the name of the column to order by.
func (p *plan) orderOf(word string) (order, error) {
	name := strings.TrimLeft(word, "+-")
	o := order{column: name, down: strings.HasPrefix(word, "-")}
	if word == "" {
		return order{}, nil
	}
	var names []string
	for _, c := range p.columns() {
		names = append(names, c.Name)
	}
	if slices.Contains(names, name) {
		return o, nil
	}
	hint := "the columns are " + strings.Join(names, ", ")
	if near := catalog.Nearest(name, names); len(near) > 0 {
		hint = "did you mean " + catalog.Choices(near) + "?"
	}
	return o, fault.At(fault.Invalid, "invalid_order", "order",
		"the answer has no column %q to order by; %s", clip(name), hint)
}

// columns are the columns of the answer. A comparison puts two beside each metric: what it was, and
// the change as a share of that.
func (p *plan) columns() []answer.Column {
	var cols []answer.Column
	if p.interval != when.None {
		cols = append(cols, answer.Column{Name: "time", Kind: answer.KindTime, Type: catalog.Time})
	}
	for _, d := range p.by {
		cols = append(cols, answer.Column{
			Name: d.Name, Kind: answer.KindDimension, Type: d.Type, Unit: d.Unit,
		})
	}
	for _, ch := range p.choices {
		c := answer.Column{
			Name: ch.Metric.Name, Kind: answer.KindMetric, Type: ch.Metric.Type,
			Unit: ch.Metric.Unit,
		}
		cols = append(cols, c)
		if p.compare {
			old, change := c, c
			old.Name += "_previous"
			change.Name, change.Type, change.Unit = c.Name+"_change", catalog.Number, "ratio"
			cols = append(cols, old, change)
		}
	}
	if p.share {
		cols = append(cols, answer.Column{
			Name: "share", Kind: answer.KindMetric, Type: catalog.Number, Unit: "ratio",
		})
	}
	return cols
}
