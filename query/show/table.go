package show

import (
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"

	"analytics/query/answer"
	"analytics/query/catalog"
)

// table writes rows under their names. Numbers stand at the right.
func (s *Screen) table(b *strings.Builder, a *answer.Answer) {
	names, cells, total := headers(a), cellsOf(a), s.totals(a)
	if keep := measured(a); keep != nil {
		a, names, cells, total = narrowed(a, keep, names, cells, total)
	}
	if s.Plain {
		s.plain(b, a, names, cells, total)
		return
	}
	if keep := s.fitting(a, names, cells, total); len(keep) < len(names) {
		defer func(left []string) {
			b.WriteString(s.paint(faint, s.Wrap("no room for "+strings.Join(left, ", ")+
				"; --json has all, and so has a wider window")) + "\n")
		}(without(names, keep))
		a, names, cells, total = narrowed(a, keep, names, cells, total)
	}
	s.fit(a, names, cells, total)
	rows := cells
	if total != nil {
		rows = append(rows, total)
	}
	t := table.New().Border(lipgloss.NormalBorder()).BorderTop(false).BorderBottom(false).
		BorderLeft(false).BorderRight(false).BorderColumn(false).Wrap(false).
		BorderStyle(s.style(faint)).
		Headers(names...).Rows(rows...).
		StyleFunc(func(row, col int) lipgloss.Style {
			style := s.style(strong)
			if row != table.HeaderRow && row < len(a.Rows) {
				style = s.style(s.toneOf(a.Columns[col], a.Rows[row][col]))
			}
			if numeric(a.Columns[col]) {
				style = style.Align(lipgloss.Right)
			}
			return style.PaddingRight(2)
		})
	b.WriteString(t.String() + "\n")
}

// headers are the names of the columns; those of a comparison stand right of what they belong to.
func headers(a *answer.Answer) []string {
	names := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		switch {
		case strings.HasSuffix(c.Name, "_previous"):
			names[i] = "before"
		case strings.HasSuffix(c.Name, "_change"):
			names[i] = "change"
		default:
			names[i] = c.Name
		}
	}
	return names
}

// totals is the line below the table, nil where the answer has none or a single row says it all.
func (s *Screen) totals(a *answer.Answer) []string {
	if len(a.Rows) < 2 || len(a.Totals) == 0 {
		return nil
	}
	line := make([]string, len(a.Columns))
	mixed := a.Column("unit") >= 0
	for i, c := range a.Columns {
		if v, ok := a.Totals[c.Name]; ok && !(mixed && slices.Contains(values, c.Name)) {
			line[i] = Human(c, v, "")
		}
	}
	line[0] = "total"
	return line
}

// plain writes aligned text with two spaces between columns.
func (s *Screen) plain(
	b *strings.Builder, a *answer.Answer, names []string, cells [][]string, total []string,
) {
	lines := append([][]string{names}, cells...)
	if total != nil {
		lines = append(lines, total)
	}
	widths := make([]int, len(names))
	for _, line := range lines {
		for i, text := range line {
			widths[i] = max(widths[i], lipgloss.Width(text))
		}
	}
	for _, line := range lines {
		var out strings.Builder
		for i, text := range line {
			pad := strings.Repeat(" ", widths[i]-lipgloss.Width(text))
			if numeric(a.Columns[i]) {
				out.WriteString(pad + text + "  ")
			} else {
				out.WriteString(text + pad + "  ")
			}
		}
		b.WriteString(strings.TrimRight(out.String(), " ") + "\n")
	}
}

// fitting lists the columns that fit on the screen when texts are cut as far as they may be: two at
// least, so that a name has a number beside it. Where not all fit as they are, an identifier is left
// out first, which is of no use when it is cut, and what is empty in every row.
func (s *Screen) fitting(a *answer.Answer, names []string, cells [][]string, total []string) (keep []int) {
	widths, whole := widthsOf(names, cells, total)
	sum := 0
	for i, c := range a.Columns {
		wide := s.Width > 0 && whole > s.Width
		if wide && len(a.Rows) > 0 && (c.Name == "id" && c.Kind == answer.KindField || empty(a, i)) {
			continue
		}
		w := widths[i]
		if !rigid(c) {
			w = min(w, max(narrowest, lipgloss.Width(names[i])))
		}
		if sum += w + 2; wide && sum > s.Width && len(keep) >= 2 {
			break
		}
		keep = append(keep, i)
	}
	return keep
}

// empty reports whether a column has nothing in any row.
func empty(a *answer.Answer, col int) bool {
	return !slices.ContainsFunc(a.Rows, func(row []any) bool { return row[col] != nil })
}

// without lists the names that are not kept.
func without(names []string, keep []int) (left []string) {
	for i, name := range names {
		if !slices.Contains(keep, i) {
			left = append(left, name)
		}
	}
	return left
}

// narrowed is the answer and its texts with some of the columns.
func narrowed(a *answer.Answer, keep []int, names []string, cells [][]string, total []string) (
	*answer.Answer, []string, [][]string, []string,
) {
	less := *a
	less.Columns, less.Rows = pick(a.Columns, keep), make([][]any, len(a.Rows))
	cut := make([][]string, len(cells))
	for i := range cells {
		less.Rows[i], cut[i] = pick(a.Rows[i], keep), pick(cells[i], keep)
	}
	if total != nil {
		total = pick(total, keep)
	}
	return &less, pick(names, keep), cut, total
}

func pick[T any](all []T, keep []int) []T {
	some := make([]T, len(keep))
	for i, at := range keep {
		some[i] = all[at]
	}
	return some
}

// rigid reports whether cells of the column mean something else when they are cut, or nothing: what
// is counted by an identifier is there to be shown by it.
func rigid(c answer.Column) bool {
	return numeric(c) || c.Type == catalog.Time ||
		c.Kind == answer.KindDimension && slices.Contains(identifiers, c.Name)
}

var identifiers = []string{"trace_id", "conversation_id", "session_id", "name"}

// narrowest is the least width that text is cut to.
const narrowest = 8

// fit cuts the widest texts until the table fits the screen. Numbers and times are never cut.
func (s *Screen) fit(a *answer.Answer, names []string, cells [][]string, total []string) {
	if s.Width <= 0 {
		return
	}
	widths, sum := widthsOf(names, cells, total)
	for sum > s.Width {
		widest := -1
		for i, c := range a.Columns {
			// No text is cut to less than its name, which is shown whole.
			least := max(narrowest, lipgloss.Width(names[i]))
			if !rigid(c) && widths[i] > least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
		sum--
	}
	for i := range names {
		for _, row := range cells {
			row[i] = cut(row[i], widths[i])
		}
	}
}

// widthsOf are the widths of the columns, and of all with two spaces behind each.
func widthsOf(names []string, cells [][]string, total []string) (widths []int, sum int) {
	widths = make([]int, len(names))
	for i := range names {
		widths[i] = lipgloss.Width(names[i])
		for _, row := range cells {
			widths[i] = max(widths[i], lipgloss.Width(row[i]))
		}
		if total != nil {
			widths[i] = max(widths[i], lipgloss.Width(total[i]))
		}
		sum += widths[i] + 2
	}
	return widths, sum
}

// cut shortens text to a width, with a sign that it did.
func cut(text string, width int) string {
	if lipgloss.Width(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && lipgloss.Width(string(runes)) >= width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

func itoa(n int) string { return strconv.Itoa(n) }
