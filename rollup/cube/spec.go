package cube

import (
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// Spec says what a Table counts, and by what.
type Spec struct {
	Kind event.Kind
	// Dims are names of dimensions (DimOf), outermost first.
	Dims []string
	// Measures are names of measures (ParseMeasure), such as "rows" and "sum(cost)".
	Measures []string
	// Edges are the ascending edges of time buckets: n+1 edges make n buckets, and what lies outside
	// is not counted. Days of a time zone, weeks and months are edges like any other. Cells of cubes
	// can be asked for edges that are multiples of their grain only. No edges: no buckets.
	Edges []event.Micros
	// Grain makes buckets of this length instead, at its multiples since 1970 UTC: what cubes are
	// built with. It excludes Edges.
	Grain time.Duration
	// Filter is conditions that must all hold.
	Filter []Predicate
}

// plan is a Spec made ready: names are looked up, values are parsed.
type plan struct {
	kind       event.Kind
	dims       []Dim
	measures   []Measure
	edges      []event.Micros
	grain      int64 // microseconds, 0 for none
	conditions []*condition
	weight     int // the field of weights, -1 when no measure counts with them
}

func (s Spec) plan() (*plan, error) {
	if !s.Kind.Valid() {
		return nil, fault.New(fault.Invalid, "unknown_type", "%s is not a kind of event", s.Kind)
	}
	p := &plan{kind: s.Kind, grain: s.Grain.Microseconds(), weight: -1}
	if len(s.Edges) > 0 {
		p.edges = s.Edges
	}
	for _, name := range s.Dims {
		d, ok := DimOf(s.Kind, name)
		if !ok {
			return nil, fault.At(fault.Invalid, "unknown_dimension", "by",
				"%s cannot be counted by %q", s.Kind, name)
		}
		p.dims = append(p.dims, d)
	}
	for _, name := range s.Measures {
		m, err := ParseMeasure(s.Kind, name)
		if err != nil {
			return nil, err
		}
		p.measures = append(p.measures, m)
		if m.weighted(s.Kind) {
			p.weight, _ = s.Kind.Weight()
		}
	}
	for _, f := range s.Filter {
		c, err := f.compile(s.Kind)
		if err != nil {
			return nil, err
		}
		p.conditions = append(p.conditions, c)
	}
	if s.Grain < 0 || s.Grain%time.Minute != 0 || (s.Grain > 0 && len(s.Edges) > 0) {
		return nil, fault.New(fault.Internal, "grain", "a grain is whole minutes, without edges")
	}
	for i := range s.Edges {
		if len(s.Edges) < 2 || (i > 0 && s.Edges[i] <= s.Edges[i-1]) {
			return nil, fault.New(fault.Internal, "edges", "edges are two or more, ascending")
		}
	}
	return p, nil
}

// Fields lists the fields that a record needs for the Spec, ascending, the timestamp first: what to
// read from a segment.
func (s Spec) Fields() ([]int, error) {
	p, err := s.plan()
	if err != nil {
		return nil, err
	}
	return p.fields([]int{event.Timestamp}), nil
}

// Timeless lists the fields for Table.AddTimeless: those of Fields without the timestamp, unless
// it is itself counted.
func (s Spec) Timeless() ([]int, error) {
	p, err := s.plan()
	if err != nil {
		return nil, err
	}
	return p.fields([]int{}), nil
}

// fields adds the fields of the plan, ascending.
func (p *plan) fields(fields []int) []int {
	for _, d := range p.dims {
		fields = append(fields, d.Field)
	}
	for _, m := range p.measures {
		if m.Op != Rows {
			fields = append(fields, m.Field)
		}
	}
	for _, c := range p.conditions {
		fields = append(fields, c.fields...)
	}
	if p.weight >= 0 {
		fields = append(fields, p.weight)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
