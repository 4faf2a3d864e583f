package report

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"strings"
	"unicode"

	"analytics/report/outbox"
)

// Markdown is the report as a file: plain enough to be read in a terminal, with tables where a
// renderer makes them. No HTML is ever in it. picture is where its chart lies, as seen from the file;
// with "" it has none.
func (r *Report) Markdown(picture string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s, %s\n\n", r.Title, r.Span)
	for _, line := range r.Headline {
		fmt.Fprintf(&b, "- %s\n", inert(line))
	}
	fmt.Fprintf(&b, "\n%s in %s", inert(r.Span.Key), inert(r.Span.Zone.String()))
	if r.Partial {
		fmt.Fprintf(&b, ", **not over yet**: until %s, held against %s until then", r.Written.In(r.Span.Zone).Format("15:04"),
			r.Span.than())
	}
	fmt.Fprintf(&b, ". Written %s.\n", r.Written.In(r.Span.Zone).Format("2006-01-02 15:04 -07:00"))
	if picture != "" && r.Chart != nil {
		fmt.Fprintf(&b, "\n![%s](%s)\n", inert(r.Chart.Alt()), link(picture))
	}
	for _, s := range r.Sections {
		s.markdown(&b)
	}
	if len(r.Notes) > 0 {
		b.WriteString("\n## Notes\n\n")
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "- %s\n", inert(n))
		}
	}
	return b.Bytes()
}

// link is a path as Markdown links to it: nothing in it ends the link, and it begins with no scheme.
func link(file string) string {
	parts := strings.Split(path.Clean(file), "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	if strings.Contains(parts[0], ":") {
		parts[0] = "./" + parts[0]
	}
	return strings.Join(parts, "/")
}

func (s *Section) markdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## %s\n\n", inert(s.Title))
	if s.Note != "" {
		fmt.Fprintf(b, "%s\n\n", inert(s.Note))
	}
	bar, most := s.bar()
	var labels, rules []string
	for _, c := range s.Columns {
		labels = append(labels, inert(c.Label))
		if c.Right {
			rules = append(rules, "---:")
		} else {
			rules = append(rules, "---")
		}
	}
	if bar >= 0 {
		labels, rules = append(labels, ""), append(rules, "---")
	}
	tableRow(b, labels)
	tableRow(b, rules)
	for _, row := range s.Rows {
		cells := make([]string, len(row), len(row)+1)
		for i, c := range row {
			cells[i] = inert(Show(c))
		}
		if bar >= 0 {
			cells = append(cells, strings.Repeat("█", length(asCount(row[bar]), most)))
		}
		tableRow(b, cells)
	}
}

func tableRow(b *bytes.Buffer, cells []string) {
	b.WriteString("| ")
	b.WriteString(strings.Join(cells, " | "))
	b.WriteString(" |\n")
}

// bar is the column that is drawn, -1 if none is, and its largest count.
func (s *Section) bar() (column int, most int64) {
	column = -1
	for i, c := range s.Columns {
		if c.Key == s.Bar {
			column = i
		}
	}
	for _, row := range s.Rows {
		if column >= 0 {
			most = max(most, asCount(row[column]))
		}
	}
	return column, most
}

// length is how many blocks stand for n, of 20 for the most; what is not nothing has one at least.
func length(n, most int64) int {
	const full = 20
	if n <= 0 || most <= 0 {
		return 0
	}
	return max(1, int((n*full+most/2)/most))
}

// inert makes text do nothing in Markdown, and leaves it as readable as it can in a file that
// people also look at as it is: a character goes behind a backslash only where it would mean
// something.
func inert(s string) string {
	s = strings.TrimSpace(outbox.Clean(s))
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '_' && within(s, i): // no mark between letters
		case strings.ContainsRune("\\`*_~[]<>|&@", r), i == 0 && strings.ContainsRune("#-+=", r):
			if i == 0 && r == '-' || i == 0 && r == '+' {
				if !listMark(s) { // -$3.10 and +5 % are no lists
					b.WriteRune(r)
					continue
				}
			}
			b.WriteByte('\\')
		case (r == '.' || r == ')') && allDigits(s[:i]) && i > 0 && strings.HasPrefix(s[i+1:], " "):
			b.WriteByte('\\') // "1. " begins a list
		case r == '/' && strings.HasSuffix(s[:i], ":"), r == '.' && strings.HasSuffix(strings.ToLower(s[:i]), "www"):
			b.WriteByte('\\') // no address, no link
		}
		b.WriteRune(r)
	}
	return b.String()
}

// within reports whether the byte at i stands between two letters or digits of ASCII.
func within(s string, i int) bool {
	letter := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	return i > 0 && i+1 < len(s) && letter(s[i-1]) && letter(s[i+1])
}

func listMark(s string) bool {
	return len(s) == 1 || s[1] == ' ' || s[1] == s[0]
}

func allDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}
