package query

import (
	"net/url"
	"slices"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/filter"
)

// A key bound to an agent, project or site asks the same questions as any other, with its binding as the
// first conditions of the filter. Conditions only ever narrow, so nothing a caller adds can widen
// that again. What takes no filter is refused. Sessions are of one site each; of agents they are refused:
// one session has the requests of every agent that took part in it, and the name of the first, so it
// belongs to no agent alone.

// Narrows reports whether all that the verb answers keeps to its filter. Trails do not: what an id names is
// found whatever the filter says.
func (v *Verb) Narrows() bool {
	return slices.ContainsFunc(v.Params(), func(p Param) bool { return p.Name == "filter" }) && !v.Trail &&
		!v.some(func(f *Form) bool { return f.Table != nil && !f.Kept })
}

// Answers reports whether the verb has an answer for who is bound so: of an agent there are no sessions.
func (v *Verb) Answers(c *catalog.Catalog, bound auth.Binding) bool {
	if bound.Free() {
		return true
	}
	conditions := conditionsOf(bound)
	return v.Narrows() && v.some(func(f *Form) bool {
		ofSessions := f.Table != nil || f.List && slices.Equal(f.Kinds, []event.Kind{event.Session})
		for _, k := range conditions {
			if ofSessions && k.Name == catalog.TypeDimension ||
				f.Table == nil && !(shorthand{field: k.Name}).fits(c, f) {
				return false
			}
		}
		return true
	})
}

// Narrow keeps the parameters of a verb to a binding.
func Narrow(v *Verb, values url.Values, bound auth.Binding) error {
	if bound.Free() {
		return nil
	}
	if !v.Narrows() {
		return auth.Identity{Bound: bound}.BoundKey("this question takes no filter that would keep it to that")
	}
	if len(values["filter"]) > 1 {
		return fault.At(fault.Invalid, "invalid_parameter", "filter", "filter is given twice")
	}
	given, err := filter.Parse(values.Get("filter"))
	if err != nil {
		return err
	}
	values.Set("filter", append(conditionsOf(bound), given...).String())
	return nil
}

func conditionsOf(bound auth.Binding) filter.Conditions {
	own := filter.Conditions{}
	if bound.Agent != "" || bound.Project != "" {
		own = own.And(catalog.TypeDimension, filter.NotEqual, event.Session.String())
	}
	for field, name := range bound.Fields {
		own = own.And(field, filter.Equal, name)
	}
	return own
}

// refused says to the holder of a bound key why a question that it may ask has no answer for it: the
// fault itself tells of a condition that the holder did not write.
func refused(err error, bound auth.Binding) error {
	if f := fault.Of(err); bound.Free() || f.Code != "invalid_combination" || f.Field != "filter" {
		return err
	}
	return auth.Identity{Bound: bound}.BoundKey("nothing that is asked for here has that, or the filter rules it out: " +
		fault.Of(err).Message)
}

// unseen takes out of an answer how much was read to make it: that counts what others did, too.
func unseen(a document) {
	switch a := a.(type) {
	case *Answer:
		a.Meta.Sources = answer.Sources{}
	case Page:
		for _, s := range a {
			s.Answer.Meta.Sources = answer.Sources{}
		}
	}
}
