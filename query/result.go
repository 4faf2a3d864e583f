package query

import (
	"analytics/engine/event"
	"analytics/query/catalog"
	"analytics/rollup/cube"
)

// counted is a part of a plan after counting.
type counted struct {
	part *part
	tables
}

// spot is a group of one of a part's tables; group -1 is one that no event fell into.
type spot struct {
	table *cube.Table
	group int
}

// result is a plan with its numbers: the groups of all parts joined on what they are counted by.
type result struct {
	plan  *plan
	parts []counted
	// keys finds a series by the texts of its dimensions, each ended by a zero byte.
	keys   map[string]int32
	series []series
	shown  []*cube.Table // the cells of each part that are findable
	cells  map[cellKey]int32
	spots  []spot // of the place asked for last
}

// series is one combination of dimensions, over all buckets.
type series struct {
	texts []string
	at    []int32 // its group in the groups of each part, -1 for none
}

type cellKey struct {
	part   int32
	series int32
	time   event.Micros
}

// join lines the groups of all parts up.
func join(p *plan, parts []counted) *result {
	r := &result{plan: p, parts: parts, keys: map[string]int32{}}
	for i := range parts {
		groups := parts[i].groups
		if len(p.by) > 0 && len(parts[i].part.spec.Dims) == 0 && r.silent(i) {
			continue // counted by type alone: a table without dimensions has a group of nothing
		}
		for g := range groups.Len() {
			s := r.find(parts[i].part.kind, groups, g)
			r.series[s].at[i] = int32(g)
		}
	}
	if len(p.by) == 0 && len(r.series) == 0 { // no part at all: zeros are an answer
		r.find(0, nil, -1)
	}
	return r
}

// silent reports whether a part says nothing but zero.
func (r *result) silent(part int) bool {
	for i := range r.plan.choices {
		kind := r.parts[part].part.kind
		f := r.plan.choices[i].Metric.For(kind)
		if f == nil || !contains(r.plan.choices[i].Kinds, kind) {
			continue
		}
		v, _ := value(f, catalog.Integer, r.parts[part].groups, 0)
		if n, ok := amount(v); ok && n != 0 {
			return false
		}
	}
	return true
}

// index makes the cells of some series findable; only answers with buckets need it. The others are
// mostly many.
func (r *result) index(wanted []int32) error {
	r.cells = make(map[cellKey]int32, len(wanted)*r.plan.grid.Len())
	r.shown = make([]*cube.Table, len(r.parts))
	for i := range r.parts {
		c := &r.parts[i]
		of := make([]int32, c.groups.Len()) // the series of a group, -1 if it is not wanted
		for g := range of {
			of[g] = -1
		}
		for _, s := range wanted {
			if g := r.series[s].at[i]; g >= 0 {
				of[g] = s
			}
		}
		var err error
		if len(wanted) < len(r.series) && len(c.cells) > 1 {
			r.shown[i], err = c.only(func(group int32) bool { return group >= 0 && of[group] >= 0 })
		} else {
			r.shown[i], err = c.whole()
		}
		if err != nil {
			return err
		}
		for g, group := range r.shown[i].GroupsIn(c.groups) {
			if group >= 0 && of[group] >= 0 {
				r.cells[cellKey{int32(i), of[group], r.shown[i].Time(g)}] = int32(g)
			}
		}
	}
	return nil
}

// find is the series of a group; a new one is made.
func (r *result) find(kind event.Kind, t *cube.Table, g int) int32 {
	var room [128]byte
	key, d := room[:0], 0
	for _, dim := range r.plan.by {
		if dim.Name == catalog.TypeDimension {
			key = append(append(key, kind.String()...), 0)
			continue
		}
		key = append(append(key, t.Dim(d, g)...), 0)
		d++
	}
	if s, ok := r.keys[string(key)]; ok {
		return s
	}
	s := series{texts: make([]string, 0, len(r.plan.by)), at: make([]int32, len(r.parts))}
	for i := range s.at {
		s.at[i] = -1
	}
	for at, from := 0, 0; at < len(key); at++ {
		if key[at] == 0 && len(s.texts) < len(r.plan.by) {
			s.texts = append(s.texts, string(key[from:at]))
			from = at + 1
		}
	}
	r.series = append(r.series, s)
	r.keys[string(key)] = int32(len(r.series) - 1)
	return int32(len(r.series) - 1)
}

// whole finds the spots of a series over all buckets, one for each part. What whole, bucket and all
// give is good until the next call of one of them.
func (r *result) whole(s int32) []spot {
	return r.each(func(part int) spot {
		if s < 0 {
			return spot{r.parts[part].groups, -1}
		}
		return spot{r.parts[part].groups, int(r.series[s].at[part])}
	})
}

// bucket finds the spots of a series in one bucket.
func (r *result) bucket(s int32, b int) []spot {
	return r.each(func(part int) spot {
		if s < 0 || b >= r.plan.grid.Len() {
			return spot{nil, -1}
		}
		edges := r.parts[part].part.edges
		if edges[b] == edges[b+1] { // edges that were moved together leave nothing between them
			return spot{nil, -1}
		}
		key := cellKey{int32(part), s, edges[b]}
		if g, ok := r.cells[key]; ok {
			return spot{r.shown[part], int(g)}
		}
		return spot{nil, -1}
	})
}

// all finds the spots of everything together.
func (r *result) all() []spot {
	return r.each(func(part int) spot { return spot{r.parts[part].total, 0} })
}

func (r *result) each(at func(part int) spot) []spot {
	r.spots = r.spots[:0]
	for part := range r.parts {
		r.spots = append(r.spots, at(part))
	}
	return r.spots
}

// metric is a metric of the question at a place. The metrics that are sums over several kinds add
// theirs up.
func (r *result) metric(ch *catalog.Choice, at []spot) (v any, estimate float64) {
	sum, found := int64(0), false
	for i, s := range at {
		f := ch.Metric.For(r.parts[i].part.kind)
		if f == nil || !contains(ch.Kinds, r.parts[i].part.kind) {
			continue
		}
		v, e := value(f, ch.Metric.Type, s.table, s.group)
		if !ch.Metric.Every {
			return v, e
		}
		n, _ := v.(int64)
		sum, found = sum+n, true
	}
	if found || ch.Metric.Type == catalog.Integer {
		return typed(ch.Metric.Type, sum), 0
	}
	return value(&ch.Metric.Formulas[0], ch.Metric.Type, nil, -1)
}

func contains(kinds []event.Kind, k event.Kind) bool {
	for _, have := range kinds {
		if have == k {
			return true
		}
	}
	return false
}
