package show

import (
	"math"
	"strings"

	"charm.land/lipgloss/v2"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/catalog"
)

var bars = []rune("▁▂▃▄▅▆▇█")

// Spark draws numbers as a line of bars, no more than most of them: neighbours are added up.
func Spark(values []float64, most int) string {
	if most > 0 && len(values) > most {
		joined := make([]float64, most)
		for i, v := range values {
			joined[i*most/len(values)] += v
		}
		values = joined
	}
	high := 0.0
	for _, v := range values {
		high = math.Max(high, v)
	}
	var b strings.Builder
	for _, v := range values {
		bar := 0
		if high > 0 && v > 0 {
			bar = int(math.Round(v / high * float64(len(bars)-1)))
		}
		b.WriteRune(bars[bar])
	}
	return b.String()
}

// sparks draws a line for each metric that adds up, over time.
func (s *Screen) sparks(b *strings.Builder, a *answer.Answer) {
	for _, c := range a.Columns[1:] {
		if c.Kind == answer.KindDimension {
			return // several series would be drawn as one
		}
	}
	names := headers(a)
	for i, c := range a.Columns {
		m, err := s.catalog.Metric(c.Name)
		if err != nil || m.Formulas[0].Calc != catalog.Total || len(a.Rows) < 2 {
			continue
		}
		values := make([]float64, len(a.Rows))
		for j, row := range a.Rows {
			values[j] = amount(row[i])
		}
		line := Spark(values, max(20, s.Width-width(names)-4))
		pad := strings.Repeat(" ", width(names)-lipgloss.Width(names[i]))
		b.WriteString(s.paint(faint, names[i]) + pad + "  " + line + "\n")
	}
	b.WriteString("\n")
}

func amount(cell any) float64 {
	switch v := cell.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case event.NanoUSD:
		return float64(v) / 1e9
	}
	return 0
}
