package query

import (
	"slices"
	"strconv"
	"strings"

	"analytics/query/answer"
	"analytics/rollup/cube"
)

// sampled says in meta which metrics come from a sample, where any of the events counted stands for
// others. Failures are never sampled, so their number stays exact.
func (s *sheet) sampled(meta *Meta) {
	s.now.sampled(&meta.Sampled)
	if s.before != nil {
		s.before.sampled(&meta.Sampled)
	}
	if meta.Sampled.Kept > 0 {
		meta.Note(inWords(&meta.Sampled))
	}
}

func (r *result) sampled(m *answer.Sampled) {
	for i := range r.parts {
		total := r.parts[i].total
		at := total.Measure(cube.Kept)
		if at < 0 {
			continue
		}
		kept, _ := total.Int(at, 0)
		if kept == 0 {
			continue
		}
		all, _ := total.Int(total.Measure(cube.StoodFor), 0)
		m.Kept, m.StandFor = m.Kept+kept, m.StandFor+all
		kind := r.parts[i].part.kind
		for _, ch := range r.plan.choices {
			f := ch.Metric.For(kind)
			if f == nil || !contains(ch.Kinds, kind) || f.Certain() {
				continue
			}
			names := &m.Scaled
			if f.Unscaled() {
				names = &m.Unscaled
			}
			if !slices.Contains(*names, ch.Metric.Name) {
				*names = append(*names, ch.Metric.Name)
			}
		}
	}
}

func inWords(m *answer.Sampled) string {
	share := strconv.FormatFloat(max(.01, round(m.Rate()*100, 2)), 'f', -1, 64) + " %"
	var parts []string
	if len(m.Scaled) > 0 {
		parts = append(parts,
			"scaled up from a sample of "+share+": "+strings.Join(m.Scaled, ", "))
	}
	if len(m.Unscaled) > 0 {
		parts = append(parts, "of a sample of "+share+" alone: "+strings.Join(m.Unscaled, ", "))
	}
	return strings.Join(parts, "; ")
}
