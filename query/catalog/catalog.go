package catalog

import (
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/glob"
	"analytics/query/filter"
	"analytics/rollup/cube"
)

// Catalog is the tables with their names looked up. It does not change once made.
type Catalog struct {
	Metrics    []Metric
	Dimensions []Dimension

	metrics    map[string]*Metric
	dimensions map[string]*Dimension
}

// New makes the catalog.
func New() *Catalog {
	c := &Catalog{
		Metrics: slices.Concat(metrics, sessionMetrics), Dimensions: dimensions(),
		metrics: map[string]*Metric{}, dimensions: map[string]*Dimension{},
	}
	for i := range c.Metrics {
		c.metrics[c.Metrics[i].Name] = &c.Metrics[i]
	}
	for i := range c.Dimensions {
		c.dimensions[c.Dimensions[i].Name] = &c.Dimensions[i]
	}
	return c
}

// Metric finds a metric by its name.
func (c *Catalog) Metric(name string) (*Metric, error) {
	if m := c.metrics[name]; m != nil {
		return m, nil
	}
	names := make([]string, len(c.Metrics))
	for i, m := range c.Metrics {
		names[i] = m.Name
	}
	return nil, unknown("unknown_metric", "metrics", "metric", name, names,
		"GET /v1/catalog lists all metrics")
}

// Dimension finds a dimension that events can be counted by.
func (c *Catalog) Dimension(name string) (*Dimension, error) {
	if d := c.dimensions[name]; d != nil && d.Group {
		return d, nil
	}
	if d := c.dimensions[name]; d != nil {
		return nil, fault.At(fault.Invalid, "unknown_dimension", "by",
			"events can be filtered by %s, but not counted by it", name)
	}
	return nil, unknown("unknown_dimension", "by", "dimension", name, c.names(true),
		"GET /v1/catalog lists all dimensions")
}

// Filterable finds a dimension that events can be filtered by.
func (c *Catalog) Filterable(name string) (*Dimension, error) {
	if d := c.dimensions[name]; d != nil {
		return d, nil
	}
	return nil, unknown("invalid_filter", "filter", "field", name, c.names(false),
		"GET /v1/catalog lists all dimensions")
}

func (c *Catalog) names(group bool) []string {
	var names []string
	for _, d := range c.Dimensions {
		if d.Group || !group {
			names = append(names, d.Name)
		}
	}
	return names
}

func unknown(code, field, what, name string, names []string, otherwise string) error {
	hint := otherwise
	if near := Nearest(name, names); len(near) > 0 {
		hint = "did you mean " + Choices(near) + "?"
	}
	if len(name) > 64 {
		name = name[:64] + "…"
	}
	return fault.At(fault.Invalid, code, field, "there is no %s %q; %s", what, name, hint)
}

// Has reports whether events of a kind have the dimension.
func (d *Dimension) Has(kind event.Kind) bool { return slices.Contains(d.Kinds, kind) }

// Predicates makes the conditions ready for a kind. ok is false when one of them says that no event
// of this kind is meant: conditions on the type are decided here.
func (c *Catalog) Predicates(
	kind event.Kind, conditions filter.Conditions,
) (ready []cube.Predicate, ok bool, err error) {
	for _, cond := range conditions {
		if cond.Name == TypeDimension {
			if !holds(cond, kind.String()) {
				return nil, false, nil
			}
			continue
		}
		p := cube.Predicate{Field: cond.Name, Compare: compares[cond.Op], Values: cond.Values}
		if err := p.Check(kind); err != nil {
			return nil, false, err
		}
		ready = append(ready, p)
	}
	return ready, true, nil
}

// compares are the operators in the words of cube.
var compares = map[filter.Op]cube.Compare{
	filter.Equal: cube.Eq, filter.NotEqual: cube.Ne, filter.Glob: cube.Glob, filter.In: cube.In,
	filter.Less: cube.Lt, filter.LessEqual: cube.Le, filter.Greater: cube.Gt,
	filter.GreaterEqual: cube.Ge,
}

func holds(c filter.Condition, v string) bool {
	switch c.Op {
	case filter.Equal, filter.In:
		return slices.Contains(c.Values, v)
	case filter.NotEqual:
		return c.Values[0] != v
	case filter.Glob:
		return glob.Match(c.Values[0], v)
	}
	return false // no type comes before another
}
