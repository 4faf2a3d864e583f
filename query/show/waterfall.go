package show

import (
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/trail"
)

// Waterfall draws a trail: a bar for each step where and as long as it ran, callers above what they
// called. full adds the fields of each step.
func (s *Screen) Waterfall(w io.Writer, title string, t *trail.Trail) error {
	var b strings.Builder
	s.heading(&b, title, t)
	bar := 30
	if s.Width > 0 {
		bar = min(30, max(10, s.Width-70))
	}
	span := answer.Column{Unit: "ms", Type: catalog.Number}
	var lines [][]string
	var fields []json.RawMessage
	t.Walk(func(st *trail.Step, depth int) {
		took := ""
		if st.DurationMS != nil {
			took = number(span, *st.DurationMS)
		}
		what := strings.Repeat("  ", depth) + st.Type + " " + Clean(st.What)
		lines = append(lines, []string{
			number(span, st.OffsetMS), s.bar(t, st, bar), took, what, s.ended(st),
		})
		fields = append(fields, st.Fields)
	})
	s.lay(&b, lines, fields, 3, 0, 2)
	return s.print(w, b.String())
}

// Log writes a trail as who did what, one line a step in the order in which they began.
func (s *Screen) Log(w io.Writer, title string, t *trail.Trail) error {
	var b strings.Builder
	s.heading(&b, title, t)
	var lines [][]string
	var fields []json.RawMessage
	t.Walk(func(st *trail.Step, depth int) {
		who := st.Who
		if who == "" {
			who = none
		}
		began := t.Start.Add(time.Duration(st.OffsetMS * float64(time.Millisecond)))
		lines = append(lines, []string{
			moment(began, ""), Clean(who), strings.Repeat("  ", depth) + st.Type + " " + Clean(st.What),
			s.ended(st),
		})
		fields = append(fields, st.Fields)
	})
	s.lay(&b, lines, fields, 2)
	return s.print(w, b.String())
}

// lay writes lines of cells below each other, the last cell as long as it is. Cells of the column
// what are cut until the lines fit the screen; those of the columns right stand at the right.
func (s *Screen) lay(
	b *strings.Builder, lines [][]string, fields []json.RawMessage, what int, right ...int,
) {
	if len(lines) == 0 {
		return
	}
	widths := make([]int, len(lines[0]))
	sum := 0
	for i := range widths {
		for _, line := range lines {
			widths[i] = max(widths[i], lipgloss.Width(line[i]))
		}
		sum += widths[i] + 2
	}
	if s.Width > 0 && sum > s.Width {
		widths[what] = max(widths[what]-(sum-s.Width), min(widths[what], 2*narrowest))
	}
	for i, line := range lines {
		line[what] = cut(line[what], widths[what])
		for j := range line {
			pad := strings.Repeat(" ", widths[j]-lipgloss.Width(line[j]))
			if slices.Contains(right, j) {
				line[j] = pad + line[j]
			} else {
				line[j] += pad
			}
		}
		b.WriteString(strings.TrimRight(strings.Join(line, "  "), " ") + "\n")
		s.fields(b, fields[i])
	}
}

// heading says what a trail is of and sums it up.
func (s *Screen) heading(b *strings.Builder, title string, t *trail.Trail) {
	b.WriteString(s.paint(strong, title) + s.paint(faint, "  "+moment(t.Start, "")+" "+t.Start.Location().String()) + "\n")
	sum := []string{
		grouped(itoa(t.Events)) + " events", grouped(itoa(t.Errors)) + " failed",
		number(answer.Column{Unit: "ms"}, t.DurationMS),
	}
	if v, err := answer.ParseMoney(string(t.Cost)); err == nil && v != 0 {
		sum = append(sum, money(v))
	}
	b.WriteString(s.paint(faint, "found by "+t.FoundBy+"; "+strings.Join(sum, ", ")) + "\n")
	for _, note := range t.Notes {
		b.WriteString(s.paint(faint, "note: "+note) + "\n")
	}
}

// bar draws where a step lies in the trail. What takes no time is a point.
func (s *Screen) bar(t *trail.Trail, st *trail.Step, width int) string {
	at, long := 0, 0
	if t.DurationMS > 0 {
		at = int(st.OffsetMS / t.DurationMS * float64(width))
		if st.DurationMS != nil {
			long = int(math.Round(*st.DurationMS / t.DurationMS * float64(width)))
		}
	}
	at = min(at, width-1)
	long = min(long, width-at)
	full, thin, point := "█", "▏", "·"
	if s.Plain {
		full, thin, point = "=", "|", "."
	}
	mark := strings.Repeat(full, long)
	if long == 0 {
		mark = thin
		if st.DurationMS == nil {
			mark = point
		}
	}
	tone := good
	if st.Error != "" || st.Outcome == "failed" {
		tone = bad
	}
	return strings.Repeat(" ", at) + s.paint(tone, mark) + strings.Repeat(" ", width-at-max(1, long))
}

// ended says how a step ended and what it cost.
func (s *Screen) ended(st *trail.Step) string {
	var words []string
	text := st.Outcome
	if st.Error != "" {
		text += ": " + st.Error
	}
	if text != "" {
		tone := calm
		if st.Error != "" || st.Outcome == "failed" {
			tone = bad
		}
		words = append(words, s.paint(tone, Clean(text)))
	}
	if st.Severity != "" {
		words = append(words, Clean(st.Severity))
	}
	if st.Cost != nil {
		if v, err := answer.ParseMoney(string(*st.Cost)); err == nil {
			words = append(words, money(v))
		}
	}
	return strings.Join(words, "  ")
}

// fields writes all fields of a step below it.
func (s *Screen) fields(b *strings.Builder, raw json.RawMessage) {
	if len(raw) == 0 {
		return
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := d.Token(); err != nil {
		return
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return
		}
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		b.WriteString("      " + s.paint(faint, Clean(name.(string))) + " " + Clean(text) + "\n")
	}
}

// print writes what was drawn; a terminal that wants no colours gets none.
func (s *Screen) print(w io.Writer, text string) error {
	if s.Plain {
		_, err := io.WriteString(w, text)
		return err
	}
	_, err := lipgloss.Fprint(w, text)
	return err
}
