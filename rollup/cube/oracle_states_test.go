package cube_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"

	"analytics/engine/event"
	"analytics/rollup/cube"
)

var quantiles = []float64{0, .5, .9, .99, 1}

// shown prints what the table should show for a measure, worked out from all values.
func (s *seen) shown(kind event.Kind, name string) string {
	m, _ := cube.ParseMeasure(kind, name)
	float := m.Op != cube.Rows && kind.Fields()[m.Field].Type == event.Float
	switch m.Op {
	case cube.Distinct:
		return fmt.Sprint(len(s.texts), true)
	case cube.Bins:
		return fmt.Sprint(s.quantiles())
	case cube.Min, cube.Max:
		return s.extreme(m.Op == cube.Max, float)
	case cube.Sum:
		if float {
			v, _ := s.sum.Float64()
			return fmt.Sprint(v, !math.IsInf(v, 0))
		}
		return s.sum.Num().String()
	}
	return fmt.Sprint(s.n)
}

func (s *seen) extreme(most, float bool) string {
	if len(s.values) == 0 {
		if float && most {
			return fmt.Sprint(unsortable(math.MinInt64), false)
		} else if float {
			return fmt.Sprint(unsortable(math.MaxInt64), false)
		} else if most {
			return fmt.Sprint(int64(math.MinInt64), false)
		}
		return fmt.Sprint(int64(math.MaxInt64), false)
	}
	v := slices.Min(s.values)
	if most {
		v = slices.Max(s.values)
	}
	if float {
		return fmt.Sprint(unsortable(v), true)
	}
	// The largest and smallest numbers of all stand for "none"; no event that was accepted has them.
	none := int64(math.MaxInt64)
	if most {
		none = math.MinInt64
	}
	return fmt.Sprint(v, v != none)
}

// quantiles are those of a DDSketch of the library, kept within the exact range.
func (s *seen) quantiles() []string {
	m, _ := mapping.NewCubicallyInterpolatedMapping(cube.Accuracy)
	d := ddsketch.NewDDSketch(m, store.NewDenseStore(), store.NewDenseStore())
	total := 0.0
	for i, v := range s.values {
		total += float64(s.weigh[i])
		if err := d.AddWithCount(float64(max(0, v)), float64(s.weigh[i])); err != nil {
			panic(err)
		}
	}
	var out []string
	for _, q := range quantiles {
		if len(s.values) == 0 {
			out = append(out, fmt.Sprint(0, false))
			continue
		}
		// The library takes the rank floor(q(n-1)); ours is that of the smallest value which q of all
		// do not exceed. Half a rank keeps clear of rounding.
		n := total
		rank := max(0, math.Ceil(q*n-1e-9)-1)
		v, err := d.GetValueAtQuantile(min(1, (rank+.5)/max(1, n-1)))
		if err != nil {
			panic(err)
		}
		low, high := float64(slices.Min(s.values)), float64(slices.Max(s.values))
		out = append(out, fmt.Sprint(max(low, min(high, v)), true))
	}
	return out
}

func sortable(f float64) int64 {
	b := int64(math.Float64bits(f + 0))
	return b ^ int64(uint64(b>>63)>>1)
}

func unsortable(v int64) float64 {
	return math.Float64frombits(uint64(v ^ int64(uint64(v>>63)>>1)))
}

// allMeasures lists every measure that a kind can have; fields with strange values included.
func allMeasures(kind event.Kind) []string {
	names := []string{"rows"}
	for _, f := range kind.Fields() {
		for _, form := range []string{"count(%s)", "count(%s=true)", "count(%s=gpt-4o)", "sum(%s)",
			"min(%s)", "max(%s)", "sketch(%s)", "distinct(%s)"} {
			name := fmt.Sprintf(form, f.Name)
			if _, err := cube.ParseMeasure(kind, name); err == nil &&
				!(f.Type == event.Bool && strings.Contains(name, "gpt")) {
				names = append(names, name)
			}
		}
	}
	return names
}
