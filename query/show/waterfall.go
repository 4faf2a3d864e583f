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
	switch {
	case s.Width > 0 && s.Width < 60: // no room for what says less than words
		bar = 0
	case s.Width > 0:
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
		line := []string{number(span, st.OffsetMS), took, what, s.ended(st)}
		if bar > 0 {
			line = slices.Insert(line, 1, s.bar(t, st, bar))
		}
		lines, fields = append(lines, line), append(fields, st.Fields)
	})
	if bar > 0 {
		s.lay(&b, lines, fields, 3, 0, 2)
	} else {
		s.lay(&b, lines, fields, 2, 0, 1)
	}
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

// lay writes lines of cells below each other. Cells of the column what are cut until the lines fit the
// screen, and then the last ones; those of the columns right stand at the right.
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
	last := len(widths) - 1
	if over := sum - 2 - s.Width; s.Width > 0 && over > 0 {
		less := min(over, max(0, widths[what]-2*narrowest))
		widths[what] -= less
		widths[last] = max(widths[last]-(over-less), min(widths[last], narrowest))
	}
	short := lipgloss.NewStyle().MaxWidth(max(1, widths[last]-1))
	for i, line := range lines {
		line[what] = cut(line[what], widths[what])
		if lipgloss.Width(line[last]) > widths[last] {
			line[last] = short.Render(line[last]) + "…"
		}
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
	s.title(b, title, moment(t.Start, "")+" "+t.Start.Location().String())
	events := " events"
	if t.Events == 1 {
		events = " event"
	}
	sum := []string{
		grouped(itoa(t.Events)) + events, grouped(itoa(t.Errors)) + " failed",
		number(answer.Column{Unit: "ms"}, t.DurationMS),
	}
	if v, err := answer.ParseMoney(string(t.Cost)); err == nil && v != 0 {
		sum = append(sum, money(v))
	}
	for i := range sum {
		sum[i] = strings.ReplaceAll(sum[i], " ", unbroken)
	}
	found := s.Wrap("found by " + t.FoundBy + "; " + strings.Join(sum, ", "))
	b.WriteString(s.paint(faint, strings.ReplaceAll(found, unbroken, " ")) + "\n")
	for _, note := range t.Notes {
		b.WriteString(s.paint(faint, s.Wrap("note: "+note)) + "\n")
	}
}

// unbroken is a space at which no line is broken.
const unbroken = "\u00a0"

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
		field := Clean(name.(string))
		b.WriteString("      " + s.paint(faint, field) + " " + s.hang(Clean(text), 7+lipgloss.Width(field)) + "\n")
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
