package report

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"analytics/engine/jobs"
	"analytics/engine/web"
	"analytics/report/outbox"
)

func (w *world) run(name, key string, missed int) {
	w.t.Helper()
	for _, j := range w.press.Jobs() {
		if j.Name == name {
			if err := j.Run(w.t.Context(), jobs.Period{Key: key, Missed: missed}); err != nil {
				w.t.Fatal(err)
			}
			w.outbox.Deliver(w.t.Context())
			return
		}
	}
	w.t.Fatalf("there is no job %s", name)
}

// costsAlt says what the chart of the script of costs shows.
const costsAlt = "Spend per day, by model: Wed 18 $1.00, Thu 19 $4.00, Fri 20 $11.00."

func TestJobWritesFileAndSendsOnce(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	d := w.connect()
	w.play("costs.events")
	w.run(CostsName, "2026-11-20", 0)
	path := filepath.Join(w.dir, "reports", "2026-11-20-daily_cost_report.md")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	picture := "\n![" + costsAlt + "](2026-11-20-daily_cost_report.png)\n"
	if n := strings.Count(string(text), picture); n != 1 {
		t.Errorf("the file links %d times to its chart:\n%s", n, text)
	}
	golden(t, "costs.md", []byte(strings.Replace(string(text), picture, "", 1)))
	w.run(CostsName, "2026-11-20", 0)
	if n := len(d.Requests()); n != 1 {
		t.Errorf("%d requests for one period", n)
	}
	e := d.Messages()[0].Embeds[0]
	card := e.Title + "\n" + e.Description + "\n"
	for _, f := range e.Fields {
		card += "[" + f.Name + "]\n" + f.Value + "\n"
	}
	golden(t, "costs.card", []byte(card+e.Footer.Text+"\n"))
	if a := d.Messages()[0].Attachments; len(a) != 1 || e.Image.URL != "attachment://"+a[0].Filename ||
		a[0].Description != costsAlt {
		t.Errorf("the card shows %q of %+v", e.Image.URL, a)
	}
	// An event that came late corrects the file and edits the message.
	w.add(strings.Fields("2026-11-20T20:00:00 ai_request x1 model=gpt-4o cost=5"))
	w.run(CostsName, "2026-11-20", 0)
	if m := d.Messages(); len(m) != 1 || !strings.Contains(m[0].Embeds[0].Description, "$16.00") {
		t.Errorf("the channel shows %+v", m)
	}
	left, err := fs.Glob(os.DirFS(filepath.Join(w.dir, "reports")), "*")
	if err != nil || len(left) != 2 {
		t.Errorf("files %v, %v", left, err)
	}
}

// TestAReportKnowsItsFiles: what it writes, and nothing that others may have put beside.
func TestAReportKnowsItsFiles(t *testing.T) {
	w := newWorld(t, berlin, "2026-12-01T08:00")
	w.play("costs.events")
	for _, unit := range []Unit{Daily, Weekly, Monthly} {
		for _, about := range []Subject{Costs, Traffic} {
			span := w.span(unit, "2026-11-20")
			if _, err := w.press.Publish(t.Context(), about, span, 0); err != nil {
				t.Fatal(err)
			}
			files, err := fs.Glob(os.DirFS(filepath.Join(w.dir, "reports")), span.Key+"-[a-z]*")
			if err != nil || len(files) == 0 {
				t.Fatalf("files %v, %v", files, err)
			}
			for _, name := range files {
				for _, name := range []string{name, name + ".tmp"} {
					if end, ok := w.press.Written(name); !ok || !end.Equal(span.To) {
						t.Errorf("%s is of a time until %s (%v), want %s", name, end, ok, span.To)
					}
				}
			}
		}
	}
	for _, name := range []string{
		"", ".md", "notes.md", "daily_cost_report.md", "2026-11-20-daily_cost_report", "2026-11-20-daily_cost_report.txt",
		"2026-11-20-notes.md", "2026-11-daily_cost_report.md", "2026-11-20-weekly_cost_report.md", "2026-11-20-daily.md",
		"yesterday-daily_cost_report.md", "2026-W60-weekly_cost_report.md", "2027-01-01-daily_cost_report.md",
		"2026-11-20-costs.md", "copy-2026-11-20-daily_cost_report.md", "2026-11-20-daily_cost_report.md.bak",
		"2026-11-20-daily_cost_report.md.tmp.tmp", "../2026-11-20-daily_cost_report.md",
	} {
		if _, ok := w.press.Written(name); ok {
			t.Errorf("%q is said to be a report's", name)
		}
	}
}

func TestMissedReportsAreOneLine(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	d := w.connect()
	w.play("costs.events")
	w.run(TrafficName, "2026-11-20", 12)
	text := d.Messages()[0].Embeds[0].Description
	if !strings.Contains(text, "No page views were recorded") ||
		!strings.Contains(text, "12 reports before this one were not written") {
		t.Errorf("the card says %q", text)
	}
	if n := len(d.Requests()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestWithoutWebhookThereIsAFileAndNoLetter(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	w.run(CostsName, "2026-11-20", 0)
	if s := w.outbox.Status(); s.Pending != 0 || s.Webhook != "none" {
		t.Errorf("status %+v", s)
	}
	text, err := os.ReadFile(filepath.Join(w.dir, "reports", "2026-11-20-daily_cost_report.md"))
	if err != nil || !strings.Contains(string(text), "No AI requests were recorded") {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := w.press.Send(t.Context(), Costs, w.span(Daily, "")); err == nil {
		t.Error("sent to nowhere")
	}
}

// evil are strings that want to be something else in a report.
var evil = []string{
	"@everyone", "<@&1>", "[x](http://evil.example)", "![i](http://evil.example/p.png)",
	"<script>alert(1)</script>", "a|b|c", "`code` **bold** _it_ ~~s~~", "# head", "- list", "1. list",
	"https://evil.example/x", "www.evil.example", "mail@evil.example", "\u202egnp.exe", "z\u200bw\u2060",
	"line\nbreak\r\n# head", "\x1b[31mred\x00", "&lt;b&gt;", "\\", "===", "| --- |", "${x}", "{{x}}",
	strings.Repeat("long ", 60),
}

// escaped is a character that a backslash has made plain.
var escaped = regexp.MustCompile(`\\[^\w\s]`)

func TestStringsOfUsersDoNothing(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-21T08:00")
	d := w.connect()
	for i, s := range evil {
		w.add([]string{"2026-11-20T10:00:00", "ai_request", "x1", "cost=" + string(rune('1'+i%9)),
			"model=" + s, "project=" + s, "agent=" + s, "user_id=" + s, "provider=" + s})
		w.add([]string{"2026-11-20T10:00:00", "page_view", "x1", "path=" + s, "country=" + s,
			"source=" + s, "channel=" + s, "device=" + s, "browser=" + s, "bot_class="})
	}
	w.run(CostsName, "2026-11-20", 0)
	w.run(TrafficName, "2026-11-20", 0)
	for _, name := range []string{CostsName, TrafficName} {
		text := string(w.report(name, "2026-11-20").Markdown("chart"))
		text = strings.Replace(text, "](chart)\n", "", 1)
		text = escaped.ReplaceAllString(text, "")
		for _, bad := range []string{
			"://", "<script", "<@", "\x1b", "\x00", "\u202e", "\u200b", "\n# head", " `code`", "**bold**",
			"](", "www.evil", "mail@", "\r",
		} {
			if strings.Contains(text, bad) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "|") && strings.Count(line, "|") > 9 {
				t.Errorf("%s: a cell broke its table: %s", name, line)
			}
		}
	}
	if len(d.Messages()) != 2 { // the double checks limits and mentions
		t.Fatalf("%d messages", len(d.Messages()))
	}
	for _, m := range d.Messages() {
		all := m.Embeds[0].Description
		for _, f := range m.Embeds[0].Fields {
			all += "\n" + f.Name + "\n" + f.Value
		}
		all = escaped.ReplaceAllString(all, "")
		for _, bad := range []string{"://", "<@", "](", "\x1b", "\u202e", "\u200b"} {
			if strings.Contains(all, bad) {
				t.Errorf("a card contains %q: %s", bad, all)
			}
		}
	}
}

func TestDoors(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	d := w.connect()
	w.play("costs.events")
	mux := web.NewMux(web.Options{Now: func() time.Time { return w.now }})
	w.press.Routes(mux)
	ask := func(method, path string) (int, string) {
		r := httptest.NewRequest(method, path, nil)
		r = r.WithContext(web.AsLocal(r.Context()))
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	code, body := ask("GET", "/v1/reports/costs?date=2026-11-20&format=markdown")
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	golden(t, "costs.md", []byte(body))
	code, body = ask("GET", "/v1/reports/daily")
	var both struct {
		Reports []struct{ Report, Date string }
	}
	err := json.Unmarshal([]byte(body), &both)
	if err != nil || code != 200 || len(both.Reports) != 2 ||
		both.Reports[1].Report != TrafficName || both.Reports[0].Date != "2026-11-20" {
		t.Errorf("%d %+v %v", code, both, err)
	}
	for path, want := range map[string]int{
		"/v1/reports/nonsense": 404, "/v1/reports/costs?date=2026-13-01": 400,
		"/v1/reports/costs?date=2027-01-01": 400, "/v1/reports/costs?since=1h": 400,
		"/v1/reports/costs?format=pdf": 400, "/v1/outbox?state=odd": 400, "/v1/reports/costs?date=today": 200,
	} {
		if code, body := ask("GET", path); code != want {
			t.Errorf("GET %s: %d %s", path, code, body)
		}
	}
	code, body = ask("POST", "/v1/reports/daily/send?date=2026-11-20")
	var sent struct{ Letters []outbox.Entry }
	err = json.Unmarshal([]byte(body), &sent)
	if err != nil || code != 200 || len(sent.Letters) != 2 ||
		sent.Letters[0].State != outbox.Delivered || sent.Letters[0].MessageID == "" {
		t.Errorf("%d %s %v", code, body, err)
	}
	if n := len(d.Messages()); n != 2 {
		t.Errorf("%d messages", n)
	}
	code, body = ask("GET", "/v1/outbox")
	if code != 200 || !strings.Contains(body, `"delivered":2`) || strings.Contains(body, "webhooks/") {
		t.Errorf("%d %s", code, body)
	}
	if code, body = ask("POST", "/v1/outbox/retry"); code != 200 {
		t.Errorf("%d %s", code, body)
	}
	r := httptest.NewRequest("GET", "/v1/reports/costs", nil)
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, r)
	if got, _ := io.ReadAll(rec.Body); rec.Code != http.StatusUnauthorized {
		t.Errorf("without a key: %d %s", rec.Code, got)
	}
}
