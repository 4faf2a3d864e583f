package cube_test

import (
	"fmt"
	"math/big"
	"pgregory.net/rapid"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/rollup/cube"
)

// oracle counts events the slow and plain way: a map of groups, big numbers, sets of texts.
type oracle struct {
	spec   cube.Spec
	groups map[string][]any
}

// seen is the values of one measure of one group.
type seen struct {
	sum    *big.Rat
	n      int64
	values []int64
	weigh  []int64 // of values
	texts  map[string]bool
}

func (o *oracle) add(e *event.Event) {
	var key strings.Builder
	fmt.Fprint(&key, o.bucket(int64(e.Time())))
	for _, name := range o.spec.Dims {
		field, _ := o.spec.Kind.Field(name)
		fmt.Fprintf(&key, "\x00%s", text(e, field))
	}
	if o.groups == nil {
		o.groups = map[string][]any{}
	}
	states := o.groups[key.String()]
	if states == nil {
		for range o.spec.Measures {
			states = append(states, &seen{sum: new(big.Rat), texts: map[string]bool{}})
		}
		o.groups[key.String()] = states
	}
	for i, name := range o.spec.Measures {
		o.measure(states[i].(*seen), name, e)
	}
}

func (o *oracle) bucket(at int64) int64 {
	if o.spec.Grain > 0 {
		return at - at%o.spec.Grain.Microseconds()
	}
	for i, edge := range o.spec.Edges {
		if at < int64(edge) {
			return int64(o.spec.Edges[i-1])
		}
	}
	return 0
}

func (o *oracle) measure(s *seen, name string, e *event.Event) {
	weight := o.weight(name, e)
	if name == "rows" {
		s.n += weight
		return
	}
	_, arg, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	arg, want, equals := strings.Cut(arg, "=")
	field, _ := o.spec.Kind.Field(arg)
	if !e.Has(field) || (equals && text(e, field) != want) {
		return
	}
	s.n += weight
	s.weigh = append(s.weigh, weight)
	if o.spec.Kind.Fields()[field].Type == event.Float {
		s.sum.Add(s.sum, new(big.Rat).SetFloat64(e.Float(field)))
		s.values = append(s.values, sortable(e.Float(field)))
	} else if o.spec.Kind.Fields()[field].Type.Numeric() {
		v := new(big.Rat).SetInt64(e.Int(field))
		s.sum.Add(s.sum, v.Mul(v, new(big.Rat).SetInt64(weight)))
		s.values = append(s.values, e.Int(field))
	} else if v := text(e, field); v != "" {
		s.texts[v] = true
	}
}

// weight is how many events one counts for: the totals of a sample are scaled up, but for what tells
// of the sample itself.
func (o *oracle) weight(name string, e *event.Event) int64 {
	field, ok := e.Kind.Weight()
	if !ok || !e.Has(field) || strings.Contains(name, "(sample_weight") {
		return 1
	}
	if of, found := strings.CutPrefix(strings.TrimSuffix(name, ")"), "count("); found {
		if counted, ok := e.Kind.Field(of); ok && !e.Kind.Fields()[counted].Type.Numeric() {
			return 1 // count(session_id) stands beside distinct(session_id)
		}
	}
	return min(max(1, e.Int(field)), event.MaxWeight)
}

// text is a field as a dimension has it.
func text(e *event.Event, field int) string {
	if !e.Has(field) {
		return ""
	}
	switch e.Kind.Fields()[field].Type {
	case event.Bool:
		return fmt.Sprint(e.Bool(field))
	case event.ID:
		return event.IDText(e.Text(field))
	case event.Int, event.Time:
		return fmt.Sprint(e.Int(field))
	}
	return string(e.Text(field))
}

// compare fails the test where the table differs from the oracle.
func (o *oracle) compare(t *rapid.T, tab *cube.Table) {
	t.Helper()
	if len(o.groups) == 0 && len(o.spec.Dims) == 0 && tab.Len() == 1 {
		return // totals of nothing
	}
	if tab.Len() != len(o.groups) {
		t.Fatalf("%v: table has %d groups, want %d", o.spec.Dims, tab.Len(), len(o.groups))
	}
	for g := range tab.Len() {
		var key strings.Builder
		fmt.Fprint(&key, int64(tab.Time(g)))
		for d := range o.spec.Dims {
			fmt.Fprintf(&key, "\x00%s", tab.Dim(d, g))
		}
		states := o.groups[key.String()]
		if states == nil {
			t.Fatalf("table has group %q, oracle has not", key.String())
		}
		for m, name := range o.spec.Measures {
			if got, want := shown(tab, m, g), states[m].(*seen).shown(o.spec.Kind, name); got != want {
				t.Fatalf("group %q, %s: got %s, want %s", key.String(), name, got, want)
			}
		}
	}
}

// shown prints a state of the table.
func shown(tab *cube.Table, m, g int) string {
	name, kind := tab.Spec().Measures[m], tab.Spec().Kind
	parsed, _ := cube.ParseMeasure(kind, name)
	float := parsed.Op != cube.Rows && kind.Fields()[parsed.Field].Type == event.Float
	switch parsed.Op {
	case cube.Distinct:
		n, exact := tab.Unique(m, g)
		return fmt.Sprint(n, exact)
	case cube.Bins:
		var out []string
		for _, q := range quantiles {
			v, ok := tab.Quantile(m, g, q)
			out = append(out, fmt.Sprint(v, ok))
		}
		return fmt.Sprint(out)
	case cube.Min, cube.Max:
		if float {
			v, ok := tab.Float(m, g)
			return fmt.Sprint(v, ok)
		}
		v, ok := tab.Int(m, g)
		return fmt.Sprint(v, ok)
	}
	if float && parsed.Op == cube.Sum {
		v, ok := tab.Float(m, g)
		return fmt.Sprint(v, ok)
	}
	return tab.Big(m, g).String()
}

func records(kind event.Kind, events []*event.Event, sizes []int) []arrow.Record {
	var recs []arrow.Record
	b := columns.NewBuilder(kind)
	for _, n := range sizes {
		for _, e := range events[:n] {
			if err := b.AppendRow(e); err != nil {
				panic(err)
			}
		}
		events = events[n:]
		recs = append(recs, b.Record(nil))
	}
	return slices.DeleteFunc(recs, func(r arrow.Record) bool { return r == nil })
}
