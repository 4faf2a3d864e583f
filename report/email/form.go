package email

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"unicode/utf8"

	"analytics/report/outbox"
)

// form is a letter as mail, as the outbox keeps it.
type form struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	// Images are shown by the HTML by their names.
	Images []outbox.Image `json:"images,omitempty"`
}

// maxSubject is as much as mail programs show on a wide screen.
const maxSubject = 120

// maxRows is how many rows of a table a mail shows: a long one is cut off by mail programs (Gmail at
// 102 kB), figures and notes behind it too.
const maxRows = 50

//go:embed letter.html
var letterHTML string

var page = template.Must(template.New("letter").Funcs(template.FuncMap{
	"plain": plain, "color": func(m outbox.Mood) template.CSS {
		return template.CSS(fmt.Sprintf("#%06x", m.Color())) //nolint:gosec // of three constants
	},
	"short": func(rows [][]string) [][]string { return rows[:min(len(rows), maxRows)] },
	"more":  func(rows [][]string) int { return max(0, len(rows)-maxRows) },
	"cid":   func(name string) template.URL { return template.URL("cid:" + contentID(name)) }, //nolint:gosec // of us
	"right": func(t outbox.Table, i int) bool { return i < len(t.Columns) && t.Columns[i].Right },
}).Parse(letterHTML))

// write is the letter in both its parts. A template words the subject, and the text of both.
func write(l outbox.Letter, t *outbox.Template) (*form, error) {
	title, said := t.Word(&l, plain)
	f := &form{Subject: cmp.Or(title, plain(l.Note.Title), l.Report+" of "+l.Period), Text: text(l), Images: l.Note.Images}
	f.Subject = outbox.Cut(outbox.Clean(f.Subject), maxSubject)
	if said != "" {
		f.Text = said + "\n\n" + seen(l.Note) + signature(l)
	}
	var html bytes.Buffer
	err := page.Execute(&html, struct {
		outbox.Letter
		Said string
	}{l, said})
	if err != nil {
		return nil, fmt.Errorf("e-mail: %w", err)
	}
	f.HTML = html.String()
	return f, nil
}

// plain is a string of anybody as a mail shows it: on one line, with nothing hidden, and with
// addresses broken in the way that is read as that, because mail programs make links of them.
func plain(s string) string {
	s = outbox.Clean(s)
	s = strings.ReplaceAll(s, "://", "[:]//")
	for _, www := range []string{"www.", "WWW.", "Www."} {
		s = strings.ReplaceAll(s, www, www[:3]+"[.]")
	}
	return s
}

// text is the letter without markup, its tables aligned.
func text(l outbox.Letter) string {
	var b strings.Builder
	n := l.Note
	line := func(s string) { b.WriteString(s + "\n") }
	line(plain(n.Title))
	line(strings.Repeat("=", min(utf8.RuneCountInString(plain(n.Title)), 72)))
	line("")
	for i, s := range n.Lines {
		if i == 0 {
			line(plain(s))
		} else {
			line("- " + plain(s))
		}
	}
	if len(n.Facts) > 0 {
		line("")
	}
	for _, f := range n.Facts {
		line(plain(f.Name) + ": " + plain(f.Value))
	}
	if len(n.Images) > 0 {
		line("")
		b.WriteString(strings.TrimSuffix(seen(n), "\n"))
	}
	for _, t := range n.Tables {
		line("")
		line(plain(t.Title))
		line(strings.Repeat("-", utf8.RuneCountInString(plain(t.Title))))
		if t.Note != "" {
			line(plain(t.Note))
		}
		grid(&b, t)
	}
	if len(n.Small) > 0 {
		line("")
		line("Notes")
	}
	for _, s := range n.Small {
		line("- " + plain(s))
	}
	line("")
	return b.String() + signature(l)
}

// contentID is what a picture is called inside a mail.
func contentID(name string) string { return url.PathEscape(name) + "@analytics" }

// seen is what the pictures show, a line each, and an empty line.
func seen(n outbox.Note) string {
	var b strings.Builder
	for _, image := range n.Images {
		b.WriteString("[" + plain(image.Alt) + "]\n")
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// signature is the small print: which report or alert it is, and of when.
func signature(l outbox.Letter) string {
	return "-- \n" + plain(l.Report+" · "+l.Period+place(l.Note.Place)) + "\n"
}

func place(s string) string {
	if s == "" {
		return ""
	}
	return " · " + s
}

// grid writes a table, columns wide enough for their cells.
func grid(b *strings.Builder, t outbox.Table) {
	const widest = 48
	rows := make([][]string, 1, len(t.Rows)+1)
	for _, c := range t.Columns {
		rows[0] = append(rows[0], plain(c.Label))
	}
	for _, row := range t.Rows[:min(len(t.Rows), maxRows)] {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = outbox.Cut(plain(c), widest)
		}
		rows = append(rows, cells)
	}
	wide := make([]int, len(t.Columns))
	for _, row := range rows {
		for i := range min(len(row), len(wide)) {
			wide[i] = max(wide[i], utf8.RuneCountInString(row[i]))
		}
	}
	for _, row := range rows {
		var out strings.Builder
		for i := range min(len(row), len(wide)) {
			gap := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(row[i]))
			if t.Columns[i].Right {
				out.WriteString(gap + row[i] + "  ")
			} else {
				out.WriteString(row[i] + gap + "  ")
			}
		}
		b.WriteString(strings.TrimRight(out.String(), " ") + "\n")
	}
	if more := len(t.Rows) - maxRows; more > 0 {
		fmt.Fprintf(b, "(and %d more)\n", more)
	}
}
