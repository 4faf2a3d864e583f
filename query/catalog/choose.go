package catalog

import (
	"slices"
	"strings"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/query/filter"
)

// Choice is a metric of a question and the kinds of events it is computed from there.
type Choice struct {
	Metric *Metric
	Kinds  []event.Kind
}

// Choose decides which kind of event each metric of a question is computed from. A metric with one
// kind has no choice. One with several, such as errors, follows the metrics that have none (errors
// beside tool_calls are errors of tools; of several the one named first), and otherwise takes the
// first of its kinds whose events have everything the question counts and filters by.
func (c *Catalog) Choose(
	metrics, by []string, conditions filter.Conditions,
) ([]Choice, error) {
	choices := make([]Choice, 0, len(metrics))
	var anchors []event.Kind
	for _, name := range metrics {
		m, err := c.Metric(name)
		if err != nil {
			return nil, err
		}
		kinds, err := c.possible(m, by, conditions)
		if err != nil {
			return nil, err
		}
		if len(m.Formulas) == 1 {
			anchors = append(anchors, kinds[0])
		}
		choices = append(choices, Choice{m, kinds})
	}
	for i := range choices {
		ch := &choices[i]
		if ch.Metric.Every {
			continue
		}
		pick := ch.Kinds[0]
		for _, kind := range anchors {
			if slices.Contains(ch.Kinds, kind) {
				pick = kind
				break
			}
		}
		ch.Kinds = []event.Kind{pick}
	}
	return choices, nil
}

// possible lists the kinds that a metric can be computed from in this question.
func (c *Catalog) possible(
	m *Metric, by []string, conditions filter.Conditions,
) ([]event.Kind, error) {
	kinds := m.Kinds()
	keep := func(field, verb, name string, has func(event.Kind) bool) error {
		left := slices.DeleteFunc(slices.Clone(kinds), func(k event.Kind) bool { return !has(k) })
		if len(left) == 0 {
			return fault.At(fault.Invalid, "invalid_combination", field,
				"%s cannot be %s by %s; it can be by %s", m.Name, verb, name,
				strings.Join(c.namesOf(kinds, verb == "counted"), ", "))
		}
		kinds = left
		return nil
	}
	for _, name := range by {
		d, err := c.Dimension(name)
		if err != nil {
			return nil, err
		}
		if err := keep("by", "counted", name, d.Has); err != nil {
			return nil, err
		}
	}
	for _, cond := range conditions {
		d, err := c.Filterable(cond.Name)
		if err != nil {
			return nil, err
		}
		if err := keep("filter", "filtered", cond.Name, d.Has); err != nil {
			return nil, err
		}
		if err := fits(d, cond); err != nil {
			return nil, err
		}
		if cond.Name != TypeDimension {
			continue
		}
		other := func(k event.Kind) bool { return !holds(cond, k.String()) }
		if kinds = slices.DeleteFunc(kinds, other); len(kinds) == 0 {
			return nil, fault.At(fault.Invalid, "invalid_combination", "filter",
				"%s is never of %s; its types are %s", m.Name, cond, typesOf(m))
		}
	}
	for _, kind := range kinds { // values that cannot be compared are said once, here
		if _, _, err := c.Predicates(kind, conditions); err != nil {
			return nil, err
		}
	}
	return kinds, nil
}

// namesOf lists what events of any of the kinds can be counted or filtered by.
func (c *Catalog) namesOf(kinds []event.Kind, group bool) []string {
	var names []string
	for _, d := range c.Dimensions {
		if (d.Group || !group) && slices.ContainsFunc(kinds, d.Has) {
			names = append(names, d.Name)
		}
	}
	return names
}

func typesOf(m *Metric) string {
	var names []string
	for _, k := range m.Kinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, ", ")
}

// fits refuses what can never hold, and would otherwise silently match nothing: success==no, and
// patterns over quantities.
func fits(d *Dimension, c filter.Condition) error {
	if c.Op == filter.Glob && (d.Unit != "" || d.Type == Number || d.Type == Decimal) {
		return fault.At(fault.Invalid, "invalid_filter", "filter",
			"%s is a quantity: compare it with == != < <= > >=, not with a pattern", d.Name)
	}
	if d.Type != Boolean || c.Op == filter.Glob {
		return nil
	}
	for _, v := range c.Values {
		if v != "true" && v != "false" && v != "" {
			return fault.At(fault.Invalid, "invalid_filter", "filter",
				"%s is true or false, never %q", d.Name, v[:min(len(v), 64)])
		}
	}
	return nil
}

// CheckFilter checks the names of a filter, and that its values can be theirs, on events of the
// kinds.
func (c *Catalog) CheckFilter(kinds []event.Kind, conditions filter.Conditions) error {
	for _, cond := range conditions {
		d, err := c.Filterable(cond.Name)
		if err != nil {
			return err
		}
		if err := fits(d, cond); err != nil {
			return err
		}
		if !slices.ContainsFunc(kinds, d.Has) {
			return fault.At(fault.Invalid, "invalid_combination", "filter",
				"these events cannot be filtered by %s; they can be by %s", cond.Name,
				strings.Join(c.namesOf(kinds, false), ", "))
		}
	}
	return nil
}

// AllFilterable reports whether events of the kind have everything the filter names.
func (c *Catalog) AllFilterable(kind event.Kind, conditions filter.Conditions) bool {
	for _, cond := range conditions {
		if d := c.dimensions[cond.Name]; d == nil || !d.Has(kind) {
			return false
		}
	}
	return true
}
