package outbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"
)

// Template is how a channel words its messages, where its settings say so. What stands in it is
// taken as it is, with the markup of the place; the values it is filled with are made inert first.
type Template struct{ title, text *template.Template }

// Values are what a template can name, such as {{.Title}} or {{range .Lines}}{{.}}{{end}}.
type Values struct {
	Kind     string // alert, report or test
	Title    string // Daily budget passed
	Headline string // the first line of what is said
	Lines    []string
	Text     string // all lines
	Severity string // of alerts: low, medium, high or critical
	Mood     string // calm, notable or alarming
	Time     string // RFC 3339
	Facts    []Fact // .Name and .Value: figures in few words
	Tables   []Table
	Notes    []string // what the figures do not contain
	Place    string   // the zone
	Report   string   // alert, daily_cost_report, daily_traffic_report
	Period   string   // of the report, or the id of the alert
}

// Fact is the value of the fact of that name, such as {{.Fact "Spent"}}; nothing if there is none.
func (v Values) Fact(name string) string {
	for _, f := range v.Facts {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// maxFilled bounds what a template makes.
const maxFilled = 64 << 10

// functions are what templates can call besides those of text/template.
var functions = template.FuncMap{
	"join": strings.Join, "upper": strings.ToUpper, "lower": strings.ToLower,
	"json": func(v any) (string, error) {
		b, err := json.Marshal(v)
		return string(b), err
	},
}

// ParseTemplate reads the wording of a title and a text, of which each may be empty: then the usual
// one is taken. It is nil if both are. The error names the line, and what there is instead of what is
// not: a template is tried with a message that has everything and with one that has nothing.
func ParseTemplate(title, text string) (*Template, error) {
	if title == "" && text == "" {
		return nil, nil
	}
	var t Template
	var all []error
	parse := func(name, source string) *template.Template {
		if source == "" {
			return nil
		}
		parsed, err := template.New(name).Option("missingkey=error").Funcs(functions).Parse(source)
		if err != nil {
			all = append(all, explain(err))
		}
		return parsed
	}
	t.title, t.text = parse("title", title), parse("template", text)
	if len(all) > 0 {
		return nil, errors.Join(all...)
	}
	for _, sample := range Samples() {
		if _, _, err := t.Fill(sample, nil); err != nil {
			return nil, err
		}
	}
	return &t, nil
}

// where takes an error of text/template apart: name, line, column or none, and what is wrong.
var where = regexp.MustCompile(`(?s)^template: (\w+):(\d+):(?:\d+:)? (.*)$`)

var noField = regexp.MustCompile(`<([^>]*)>: can't evaluate field (\w+) in type (\S+)`)

// explain says an error of text/template in words of the settings.
func explain(err error) error {
	m := where.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	what := m[3]
	if f := noField.FindStringSubmatch(what); f != nil {
		what = fmt.Sprintf("%s: there is no field %s", f[1], f[2])
		if strings.HasSuffix(f[3], "Values") {
			what += "; there are " + strings.Join(valueNames, ", ")
		}
	} else if _, cause, ok := strings.Cut(what, ">: "); ok {
		what = cause
	}
	return fmt.Errorf("%s: line %s: %s", m[1], m[2], what)
}

var valueNames = []string{
	"Kind", "Title", "Headline", "Lines", "Text", "Severity", "Mood", "Time", "Facts", `Fact "NAME"`, "Tables",
	"Notes", "Place", "Report", "Period",
}

// Fill is the title and the text of a letter in the template's words; each is empty where the
// template does not say it, as with a nil Template. escape makes a value inert; nil leaves it as it
// is.
func (t *Template) Fill(l Letter, escape func(string) string) (title, text string, err error) {
	if t == nil {
		return "", "", nil
	}
	values := l.values(escape)
	if t.title != nil {
		if title, err = fill(t.title, values); err != nil {
			return "", "", err
		}
		title = strings.Join(strings.Fields(title), " ")
	}
	if t.text != nil {
		text, err = fill(t.text, values)
	}
	return title, strings.TrimSpace(text), err
}

// HasText reports whether the template says more than a title.
func (t *Template) HasText() bool { return t != nil && t.text != nil }

// Word is Fill for a sender: a template that fails on a letter is left out, and the letter says so
// among its lines. It was tried when the settings were read, but not with everything there may be.
func (t *Template) Word(l *Letter, escape func(string) string) (title, text string) {
	title, text, err := t.Fill(*l, escape)
	if err != nil {
		l.Note.Lines = append(slices.Clone(l.Note.Lines), "The template of this channel does not fit: "+err.Error())
		return "", ""
	}
	return title, text
}

func fill(t *template.Template, values Values) (string, error) {
	out := &bounded{}
	if err := t.Execute(out, values); err != nil {
		if out.full {
			return "", fmt.Errorf("%s: it makes more than %d KiB of text", t.Name(), maxFilled>>10)
		}
		return "", explain(err)
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD"), nil
}

// bounded takes so much and no more.
type bounded struct {
	bytes.Buffer
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxFilled {
		b.full = true
		return 0, errors.New("full")
	}
	return b.Buffer.Write(p)
}

// values is what a template is filled with.
func (l *Letter) values(escape func(string) string) Values {
	if escape == nil {
		escape = func(s string) string { return s }
	}
	each := func(all []string) []string {
		out := make([]string, len(all))
		for i, s := range all {
			out[i] = escape(s)
		}
		return out
	}
	n := &l.Note
	v := Values{
		Kind: l.Type(), Title: escape(n.Title), Lines: each(n.Lines), Severity: escape(l.Severity),
		Mood: string(cmp.Or(n.Mood, Calm)), Notes: each(n.Small), Place: escape(n.Place),
		Report: escape(l.Report), Period: escape(l.Period),
	}
	if !n.At.IsZero() {
		v.Time = n.At.UTC().Format(time.RFC3339)
	}
	if len(v.Lines) > 0 {
		v.Headline = v.Lines[0]
	}
	v.Text = strings.Join(v.Lines, "\n")
	for _, f := range n.Facts {
		v.Facts = append(v.Facts, Fact{escape(f.Name), escape(f.Value)})
	}
	for _, t := range n.Tables {
		t.Title, t.Note, t.Columns = escape(t.Title), escape(t.Note), slices.Clone(t.Columns)
		for i := range t.Columns {
			t.Columns[i].Label = escape(t.Columns[i].Label)
		}
		rows := t.Rows
		t.Rows = nil
		for _, row := range rows {
			t.Rows = append(t.Rows, each(row))
		}
		v.Tables = append(v.Tables, t)
	}
	return v
}

// Samples are letters for trying a template: an alert with everything, and one that says nothing.
func Samples() []Letter {
	return []Letter{{
		Report: "alert", Period: "daily_cost-100-notify-2026-11-20", Topic: Alerts, Severity: "high",
		Note: Note{
			Title: "Daily budget passed", Mood: Alarming, At: time.Date(2026, 11, 20, 14, 3, 0, 0, time.UTC),
			Lines: []string{"$104.20 were spent on 2026-11-20: the threshold of $100.00 is passed.",
				`Most of it went to "gpt-4o".`},
			Facts: []Fact{{"Spent", "$104.20"}, {"Threshold", "$100.00"}, {"Period", "2026-11-20"}},
			Tables: []Table{{
				Title: "Most of it", Brief: 1,
				Columns: []Column{{Label: "Model", Brief: true}, {Label: "Cost", Right: true, Brief: true}},
				Rows:    [][]string{{"gpt-4o", "$80.00"}},
			}},
			Small: []string{"3 requests have no price."}, Place: "Europe/Berlin",
		},
	}, {Report: "daily_cost_report", Period: "2026-11-20"}}
}
