package orders

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// files are the forms of a file. json is one array, ndjson what POST /v1/events takes.
var files = []string{"csv", "json", "ndjson", "parquet"}

func isFile(name string) bool { return slices.Contains(files, name) }

// formatOf is the format of package export that a file is made of.
func formatOf(file string) string {
	if file == "json" {
		return "ndjson"
	}
	return file
}

// read reads an order. PromptOps has the form of the file in export_type and the content in format;
// whoever has it the other way round is understood, too. Content is full, which is every AI request
// with all its fields, or a type of events.
func (f *Office) read(r *http.Request) (*Order, error) {
	q, err := web.Parameters(r, "export_type", "format", "type", "start_date", "end_date")
	if err != nil {
		return nil, err
	}
	word := func(name string) string { return strings.ToLower(strings.TrimSpace(q.Get(name))) }
	file, content := word("export_type"), word("format")
	if _, isType := event.ParseKind(file); isFile(content) || content == "" && (isType || file == "full") {
		file, content = content, file
	}
	o := &Order{tenant: web.Identity(r.Context()).Tenant, File: file, Content: content, Kind: word("type")}
	if o.File == "" {
		o.File = files[0]
	}
	if !isFile(o.File) {
		return nil, fault.At(fault.Invalid, "unknown_format", "export_type",
			"there is no export_type %q; use %s", clip(o.File), strings.Join(files, ", "))
	}
	if o.Content == "" {
		o.Content = "full"
	}
	if o.Kind == "" {
		o.Kind = event.AIRequest.String()
		if o.Content != "full" {
			o.Kind = o.Content
		}
	}
	if _, ok := event.ParseKind(o.Kind); !ok || o.Content != "full" && o.Content != o.Kind {
		field, said := "format", o.Content
		if o.Content == "full" || o.Content == word("type") {
			field, said = "type", o.Kind
		}
		return nil, fault.At(fault.Invalid, "unknown_content", field,
			"there is no %s %q; use full, or one type of events: %s", field, clip(said), kindNames())
	}
	return o, f.span(o, word("start_date"), word("end_date"))
}

// maxBody bounds what an order says.
const maxBody = 16 << 10

// said is the request with what a JSON body says as parameters. PromptOps sends them in the address, but many
// who post send a body, and would get another export than the one they asked for.
func said(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	in, err := web.BodyUpTo(w, r, maxBody, maxBody)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(in)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return r, err
	}
	var fields map[string]string
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fault.New(fault.Invalid, "broken_json",
			`the body of an order is {"export_type": "csv", "start_date": "2026-11-01" …}, or empty`)
	}
	q := r.URL.Query()
	for name, value := range fields {
		q.Add(name, value)
	}
	u := *r.URL
	u.RawQuery = q.Encode()
	r = r.WithContext(r.Context())
	r.URL = &u
	return r, nil
}

func kindNames() string {
	var names []string
	for _, k := range event.Kinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, ", ")
}

// span reads the range: dates are days of the reporting zone and both are included, moments are what
// they are, and without any it is the last thirty days.
func (f *Office) span(o *Order, start, end string) (err error) {
	now := f.cfg.Now().In(f.cfg.Zone)
	y, month, day := now.Date()
	today := time.Date(y, month, day, 0, 0, 0, 0, f.cfg.Zone)
	o.To = today.AddDate(0, 0, 1)
	if end != "" {
		if o.To, err = f.moment(end, "end_date", 1); err != nil {
			return err
		}
	}
	o.From = o.To.AddDate(0, 0, -30)
	if start != "" {
		if o.From, err = f.moment(start, "start_date", 0); err != nil {
			return err
		}
	}
	if !o.From.Before(o.To) {
		return fault.At(fault.Invalid, "invalid_range", "start_date", "start_date must be before end_date")
	}
	return nil
}

// moment reads a date, of which the beginning or, with days 1, the end is meant, or a moment.
func (f *Office) moment(text, field string, days int) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, text, f.cfg.Zone)
	if err == nil {
		t = t.AddDate(0, 0, days)
	} else {
		t, err = time.Parse(time.RFC3339, strings.ToUpper(text))
	}
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return t, fault.At(fault.Invalid, "invalid_time", field,
			"%s must be a date such as 2026-11-20 or a moment such as 2026-11-20T08:00:00Z, not %q",
			field, clip(text))
	}
	return t, nil
}
