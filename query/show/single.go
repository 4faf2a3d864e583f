package show

import (
	"strings"

	"charm.land/lipgloss/v2"

	"analytics/query/answer"
)

// single writes one row from top to bottom: numbers at the right, each with its change beside it, and fields
// of one thing at the left.
func (s *Screen) single(b *strings.Builder, a *answer.Answer) {
	var names, values, changes []string
	for i := 0; i < len(a.Columns); i++ {
		c, cell := a.Columns[i], a.Rows[0][i]
		names = append(names, spoken(c.Name))
		values = append(values, s.paint(s.toneOf(c, cell), Human(c, cell, "")))
		change := ""
		if i+2 < len(a.Columns) && a.Columns[i+1].Name == c.Name+"_previous" {
			change = s.changed(a, i)
			i += 2
		}
		changes = append(changes, change)
	}
	wide, deep := width(names), width(values)
	for i := range names {
		pad := strings.Repeat(" ", wide-lipgloss.Width(names[i]))
		gap := ""
		if a.Columns[0].Kind == answer.KindMetric {
			gap = strings.Repeat(" ", deep-lipgloss.Width(values[i]))
		}
		line := gap + values[i]
		if changes[i] != "" {
			line += "  " + changes[i]
		}
		b.WriteString(s.paint(faint, names[i]) + pad + "  " + s.hang(line, wide+2) + "\n")
	}
}

// hang breaks what is longer than the rest of the screen between words, and sets it in as far as its
// beginning is.
func (s *Screen) hang(text string, in int) string {
	if s.Width <= in || in+lipgloss.Width(text) <= s.Width {
		return text
	}
	rest := Screen{Width: s.Width - in}
	return strings.ReplaceAll(rest.Wrap(text), "\n", "\n"+strings.Repeat(" ", in))
}

// spoken is the name of a metric without underscores and without its unit, which stands behind the
// number.
func spoken(name string) string {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "_ms"), "_seconds")
	return strings.ReplaceAll(name, "_", " ")
}

// changed says what the metric in column i was, and by how much it changed.
func (s *Screen) changed(a *answer.Answer, i int) string {
	was, change := a.Rows[0][i+1], a.Rows[0][i+2]
	if was == nil {
		return ""
	}
	text := s.paint(faint, "before "+Human(a.Columns[i+1], was, ""))
	if change != nil {
		text = s.paint(s.toneOf(a.Columns[i+2], change), Human(a.Columns[i+2], change, "")) + "  " + text
	}
	return text
}

func width(texts []string) int {
	w := 0
	for _, t := range texts {
		w = max(w, lipgloss.Width(t))
	}
	return w
}
