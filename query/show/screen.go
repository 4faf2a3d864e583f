package show

import (
	"io"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/rollup/cube"
)

// Screen is where answers are shown. A plain one gets no colours, no sparklines and no cut.
type Screen struct {
	Plain bool
	Width int // columns of the terminal; 0 is as wide as needed
	// Part says that the answers are parts of a page, which takes no limit and no cursor.
	Part bool
	// Bare is a terminal that gets neither colours nor bold: who set NO_COLOR.
	Bare bool

	catalog *catalog.Catalog
}

// NewScreen makes a screen.
func NewScreen(plain bool, width int) *Screen {
	return &Screen{Plain: plain, Width: width, catalog: catalog.New()}
}

// tone is how a cell is coloured.
type tone uint8

const (
	calm tone = iota
	faint
	strong
	good
	bad
)

// paint colours text in the 16 colours that every terminal's theme has.
func (s *Screen) paint(t tone, text string) string {
	if s.Plain || t == calm {
		return text
	}
	return s.style(t).Render(text)
}

// style is how the tone looks.
func (s *Screen) style(t tone) lipgloss.Style {
	style := lipgloss.NewStyle()
	switch {
	case s.Bare:
	case t == faint:
		return style.Foreground(lipgloss.Color("8"))
	case t == strong:
		return style.Bold(true)
	case t == good:
		return style.Foreground(lipgloss.Color("2"))
	case t == bad:
		return style.Foreground(lipgloss.Color("1"))
	}
	return style
}

// toneOf is the tone of a cell: news are good or bad by what the catalog says of the metric.
func (s *Screen) toneOf(c answer.Column, cell any) tone {
	switch v := cell.(type) {
	case nil:
		return faint
	case bool:
		if c.Name == "success" && !v {
			return bad
		}
	case int64:
		if v > 0 && (c.Name == "errors" || c.Name == "unpriced_requests") {
			return bad
		}
	case float64:
		name, change := strings.CutSuffix(c.Name, "_change")
		m, err := s.catalog.Metric(name)
		if !change || err != nil || m.Better == 0 || v == 0 {
			return calm
		}
		if (v > 0) == (m.Better > 0) {
			return good
		}
		return bad
	}
	return calm
}

// Trend shows only the sparklines of an answer over time; where there are none, nothing.
func (s *Screen) Trend(w io.Writer, title string, a *answer.Answer, _ string) error {
	if s.Plain {
		return nil
	}
	var b strings.Builder
	b.WriteString(s.paint(strong, title) + "\n")
	s.sparks(&b, a)
	_, err := lipgloss.Fprint(w, strings.TrimSuffix(b.String(), "\n"))
	return err
}

// Answer shows an answer under a title. empty is said when there is nothing in it.
func (s *Screen) Answer(w io.Writer, title string, a *answer.Answer, empty string) error {
	var b strings.Builder
	if title != "" {
		s.title(&b, title, rangeOf(a))
	}
	switch {
	case Empty(a):
		b.WriteString(s.Wrap(empty) + "\n")
	case single(a):
		s.single(&b, a)
	default:
		if !s.Plain && a.Column("time") == 0 {
			s.sparks(&b, a)
		}
		s.table(&b, a)
	}
	s.remarks(&b, a)
	return s.print(w, b.String())
}

// title writes what is shown, and of when it is: below it where both have no room on one line.
func (s *Screen) title(b *strings.Builder, title, when string) {
	gap := "  "
	if when == "" {
		gap = ""
	}
	if s.Width > 0 && lipgloss.Width(title+gap+when) > s.Width {
		gap = "\n"
	}
	b.WriteString(s.paint(strong, title) + gap + s.paint(faint, when) + "\n")
}

// Wrap breaks sentences between words where the screen ends. lipgloss would break at hyphens, too: --limit is
// one word.
func (s *Screen) Wrap(text string) string {
	if s.Width <= 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		at := 0
		for i, word := range strings.Split(line, " ") {
			w := lipgloss.Width(word)
			switch {
			case i > 0 && at+1+w > s.Width:
				b.WriteByte('\n')
				at = 0
			case i > 0:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += w
		}
	}
	return b.String()
}

// rangeOf says which range an answer is of, nothing of what is of no time.
func rangeOf(a *answer.Answer) string {
	if !a.Meta.From.Before(a.Meta.To) {
		return ""
	}
	const layout = "2006-01-02 15:04"
	return clock(a.Meta.From, layout) + " to " + clock(a.Meta.To, layout) + " " + a.Meta.TZ
}

// Empty reports whether there is nothing to show: no rows, or only zeros and nothing.
func Empty(a *answer.Answer) bool {
	for _, row := range a.Rows {
		for i, cell := range row {
			if a.Columns[i].Kind == answer.KindField {
				return false
			}
			if a.Columns[i].Kind == answer.KindMetric && cell != nil && !zero(cell) {
				return false
			}
		}
	}
	return true
}

func zero(cell any) bool {
	text := string(answer.AppendCell(nil, cell))
	return text == "0" || text == "null"
}

// single reports whether the answer is one row of numbers, or of more fields than fit beside each
// other: these read better from top to bottom.
func single(a *answer.Answer) bool {
	if len(a.Rows) != 1 {
		return false
	}
	wide := len(a.Columns) > manyFields
	for _, c := range a.Columns {
		if c.Kind != answer.KindMetric && (c.Kind != answer.KindField || !wide) {
			return false
		}
	}
	return true
}

// manyFields is more than any list has in its usual columns.
const manyFields = 17

// shown is how many groups the answer shows, and whether what the limit cut off is one of them. Over
// time each group is in every bucket.
func shown(a *answer.Answer) (groups int, rest bool) {
	var first time.Time
	if len(a.Rows) > 0 {
		first, _ = a.Rows[0][0].(time.Time)
	}
	for _, row := range a.Rows {
		if at, ok := row[0].(time.Time); ok && a.Column("time") == 0 && !at.Equal(first) {
			break
		}
		groups++
		rest = rest || slices.Contains(row, any(cube.Other))
	}
	return groups, rest
}

// remarks say what limits the answer, and how to go on.
func (s *Screen) remarks(b *strings.Builder, a *answer.Answer) {
	for _, note := range a.Meta.Notes {
		b.WriteString(s.paint(faint, s.Wrap("note: "+note)) + "\n")
	}
	if n, rest := shown(a); n > 0 && a.Meta.Groups > n && !rest {
		text := "the first " + grouped(itoa(n)) + " of " + grouped(itoa(a.Meta.Groups))
		if !s.Part {
			text += "; --limit shows more"
		}
		b.WriteString(s.paint(faint, s.Wrap(text)) + "\n")
	}
	if a.Meta.Next != "" && !s.Part {
		b.WriteString(s.paint(faint, s.Wrap("there are more: --cursor "+a.Meta.Next)) + "\n")
	}
}
