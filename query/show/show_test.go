package show

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/trail"
)

var update = flag.Bool("update", false, "write what is shown into testdata")

func metric(name string, typ catalog.Type, unit string) answer.Column {
	return answer.Column{Name: name, Kind: answer.KindMetric, Type: typ, Unit: unit}
}

func TestHuman(t *testing.T) {
	f := func(c answer.Column, cell any, want string) {
		t.Helper()
		if got := Human(c, cell, ""); got != want {
			t.Errorf("%v is shown as %q, want %q", cell, got, want)
		}
	}
	cost := metric("cost", catalog.Decimal, "USD")
	f(cost, event.NanoUSD(0), "$0.00")
	f(cost, event.NanoUSD(1_240_000_000), "$1.24")
	f(cost, event.NanoUSD(125_000_000), "$0.13")
	f(cost, event.NanoUSD(4_249_000), "$0.0042")
	f(cost, event.NanoUSD(1), "$0.000000001")
	f(cost, event.NanoUSD(-1_500_000_000), "-$1.50")
	f(cost, event.NanoUSD(12_345_678_900_000), "$12,345.68")
	f(cost, event.NanoUSD(2_500_000e9), "$2.5 M")
	n := metric("total_tokens", catalog.Integer, "tokens")
	f(n, int64(0), "0")
	f(n, int64(999), "999")
	f(n, int64(-12_345), "-12,345")
	f(n, int64(1_200_000), "1.2 M")
	f(n, int64(999_999_999), "1 G")
	ms := metric("p95_duration_ms", catalog.Number, "ms")
	f(ms, 0.26, "0.3 ms")
	f(ms, 340.4, "340 ms")
	f(ms, 1250.0, "1.25 s")
	f(ms, 125_000.0, "2 m 5 s")
	f(ms, 7_260_000.0, "2 h 1 m")
	f(metric("success_rate", catalog.Number, "ratio"), 0.98765, "98.8 %")
	f(metric("cost_change", catalog.Number, "ratio"), 0.5, "+50 %")
	f(metric("cost_change", catalog.Number, "ratio"), -0.5, "-50 %")
	f(metric("avg_time_on_page_seconds", catalog.Number, "s"), 20.0, "20 s")
	f(metric("tokens_per_second", catalog.Number, "tokens/s"), 45.26, "45.3 tok/s")
	f(cost, nil, "-")
	field := answer.Column{Name: "status_code", Kind: answer.KindField, Type: catalog.Integer}
	f(field, int64(200), "200")
	f(answer.Column{Name: "success"}, false, "failed")
	f(answer.Column{Name: "stream"}, true, "yes")
	f(answer.Column{Name: "model"}, "gpt\x1b[31m\u202e\r", "gpt�[31m��")
	f(answer.Column{Name: "journey"}, "/\n/pricing", "/ ↵ /pricing")
}

// TestAnHourThatComesAgainSaysWhich: on the day of 25 hours, in a zone that moves by half an hour, and
// nowhere else.
func TestAnHourThatComesAgainSaysWhich(t *testing.T) {
	f := func(zone, utc, interval, want string) {
		t.Helper()
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := moment(at.In(place), interval); got != want {
			t.Errorf("%s in %s is shown as %s, want %s", utc, zone, got, want)
		}
	}
	f("Europe/Berlin", "2026-10-24T23:00:00Z", "hour", "2026-10-25 01:00")
	f("Europe/Berlin", "2026-10-25T00:00:00Z", "hour", "2026-10-25 02:00+02:00")
	f("Europe/Berlin", "2026-10-25T01:00:00Z", "hour", "2026-10-25 02:00+01:00")
	f("Europe/Berlin", "2026-10-25T01:59:59Z", "", "2026-10-25 02:59:59+01:00")
	f("Europe/Berlin", "2026-10-25T02:00:00Z", "hour", "2026-10-25 03:00")
	f("Europe/Berlin", "2026-10-25T00:00:00Z", "day", "2026-10-25")
	f("Europe/Berlin", "2026-03-29T00:00:00Z", "hour", "2026-03-29 01:00")
	f("Europe/Berlin", "2026-03-29T01:00:00Z", "hour", "2026-03-29 03:00")
	f("Australia/Lord_Howe", "2026-04-04T14:30:00Z", "hour", "2026-04-05 01:30+11:00")
	f("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "hour", "2026-04-05 01:30+10:30")
	f("Australia/Lord_Howe", "2026-04-04T15:30:00Z", "hour", "2026-04-05 02:00")
	f("Asia/Kolkata", "2026-10-25T01:00:00Z", "", "2026-10-25 06:30:00")
}

func TestSentencesAreBrokenBetweenWords(t *testing.T) {
	f := func(width int, text, want string) {
		t.Helper()
		if got := NewScreen(false, width).Wrap(text); got != want {
			t.Errorf("%q is broken as %q, want %q", text, got, want)
		}
	}
	f(20, "no room for cost, share; --limit shows more", "no room for cost,\nshare; --limit shows\nmore")
	f(20, "a-word-that-is-longer-than-all to see\nand more", "a-word-that-is-longer-than-all\nto see\nand more")
	f(0, "as wide as needed", "as wide as needed")
}

// TestALogIsInTheOrderOfItsTimes: what is told at its end stands where it began.
func TestALogIsInTheOrderOfItsTimes(t *testing.T) {
	start, took := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), 5000.0
	var b bytes.Buffer
	err := NewScreen(true, 0).Log(&b, "audit", &trail.Trail{Start: start, Steps: []*trail.Step{
		{Type: "agent_task", Time: start.Add(5 * time.Second), DurationMS: &took, Children: []*trail.Step{
			{Type: "tool_call", Time: start.Add(2 * time.Second), OffsetMS: 2000}}},
	}})
	if at := strings.Index(b.String(), "12:00:00  -  agent_task"); err != nil || at < 0 ||
		!strings.Contains(b.String()[at:], "12:00:02  -    tool_call") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestNothingIsWiderThanTheScreen: neither a title nor a line of totals; and the name of a step is whole.
func TestNothingIsWiderThanTheScreen(t *testing.T) {
	step := answer.Column{Name: "step", Kind: answer.KindDimension, Type: catalog.Integer}
	name := answer.Column{Name: "name", Kind: answer.KindDimension, Type: catalog.String}
	site := answer.Column{Name: "site", Kind: answer.KindDimension, Type: catalog.String}
	a := &answer.Answer{Columns: []answer.Column{step, name, site, metric("cost", catalog.Decimal, "USD"),
		metric("requests", catalog.Integer, "")},
		Rows: [][]any{{int64(1), "event:signup;plan==pro", "www.a-long-name.example", event.NanoUSD(9e11), int64(999)},
			{int64(2), "page:/", "b.example", event.NanoUSD(9e11), int64(999)}},
		Totals: map[string]any{"cost": event.NanoUSD(18e11), "requests": int64(1998)}}
	for width := 44; width < 100; width++ {
		var b bytes.Buffer
		if err := NewScreen(false, width).Answer(&b, "funnels show signup by channel", a, ""); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if lipgloss.Width(strings.TrimSuffix(line, "\n")) > width {
				t.Errorf("%d columns: %q", width, line)
			}
		}
		if !strings.Contains(b.String(), "event:signup;plan==pro ") {
			t.Errorf("%d columns:\n%s", width, b.String())
		}
	}
}

func sample() *answer.Answer {
	from := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)
	a := &answer.Answer{
		Columns: []answer.Column{
			{Name: "time", Kind: answer.KindTime, Type: catalog.Time},
			metric("cost", catalog.Decimal, "USD"), metric("cost_previous", catalog.Decimal, "USD"),
			metric("cost_change", catalog.Number, "ratio"), metric("errors", catalog.Integer, ""),
		},
		Totals: map[string]any{"cost": event.NanoUSD(6e9), "cost_previous": event.NanoUSD(3e9),
			"cost_change": 1.0, "errors": int64(1)},
		Meta: answer.Meta{From: from, To: from.AddDate(0, 0, 3), TZ: "UTC", Interval: "day",
			Notes: []string{"something is missing"}},
	}
	for i := range 3 {
		a.Rows = append(a.Rows, []any{from.AddDate(0, 0, i), event.NanoUSD(1e9 * (i + 1)),
			event.NanoUSD(1e9), float64(i), int64(i / 2)})
	}
	return a
}

// The pictures in testdata show each way of drawing, with the commands for colours in them.
func TestPictures(t *testing.T) {
	single := sample()
	single.Columns, single.Rows = single.Columns[1:], [][]any{single.Rows[2][1:]}
	list := &answer.Answer{
		Columns: []answer.Column{
			{Name: "model", Kind: answer.KindDimension, Type: catalog.String},
			metric("requests", catalog.Integer, ""),
		},
		Rows: [][]any{{"a-model-with-a-name-that-is-much-too-long-for-the-screen", int64(3)},
			{"日本語モデル", int64(12_000)}, {nil, int64(1)}},
		Totals: map[string]any{"requests": int64(12_004)}, Meta: answer.Meta{Groups: 7, Next: "abc"},
	}
	wide := &answer.Answer{
		Columns: []answer.Column{{Name: "model", Kind: answer.KindDimension, Type: catalog.String},
			metric("requests", catalog.Integer, ""), metric("cost", catalog.Decimal, "USD"),
			metric("p95_duration_ms", catalog.Number, "ms"), metric("p99_duration_ms", catalog.Number, "ms")},
		Rows:   [][]any{{"a-long-name-of-a-model", int64(3), event.NanoUSD(1), 2.0, 3.0}, {"b", int64(1), nil, 1.0, 1.0}},
		Totals: map[string]any{"requests": int64(4)},
	}
	took := 1500.0
	steps := &trail.Trail{ID: "t1", FoundBy: "trace_id", Events: 2, Errors: 1, Cost: "0.25",
		Start: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), DurationMS: 2000, Steps: []*trail.Step{{
			Type: "agent_task", What: "draft of a long and winding report", DurationMS: &took,
			Outcome: "completed", Children: []*trail.Step{{Type: "tool_call", What: "search",
				OffsetMS: 1500, Outcome: "failed", Error: "time\x1bout"}}}}}
	for name, draw := range map[string]func(*Screen, *strings.Builder){
		"wide":      func(s *Screen, b *strings.Builder) { s.table(b, wide) },
		"waterfall": func(s *Screen, b *strings.Builder) { _ = s.Waterfall(b, "trace t1", steps) },
		"trend":     func(s *Screen, b *strings.Builder) { s.sparks(b, sample()); s.table(b, sample()) },
		"single":    func(s *Screen, b *strings.Builder) { s.single(b, single) },
		"list":      func(s *Screen, b *strings.Builder) { s.table(b, list); s.remarks(b, list) },
	} {
		for kind, screen := range map[string]*Screen{
			"plain": NewScreen(true, 0), "terminal": NewScreen(false, 40),
		} {
			var b strings.Builder
			if name == "trend" && screen.Plain {
				screen.table(&b, sample())
			} else {
				draw(screen, &b)
			}
			golden(t, filepath.Join("testdata", name+"-"+kind+".txt"), b.String())
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "ESC")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s: %v\ngot:\n%s\nwant:\n%s", path, err, got, want)
	}
}

func TestAPipeGetsNoCommands(t *testing.T) {
	for _, s := range []*Screen{NewScreen(true, 0), NewScreen(false, 80)} {
		var b bytes.Buffer
		if err := s.Answer(&b, "costs trends", sample(), ""); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Errorf("a buffer is no terminal, but got %q", b.String())
		}
		if s.Plain && strings.ContainsAny(b.String(), "▁▂▃▄▅▆▇█─") {
			t.Errorf("plain text has drawings: %s", b.String())
		}
	}
}

func TestEmptySaysWhatToDo(t *testing.T) {
	a := sample()
	for _, row := range a.Rows {
		row[1], row[2], row[3], row[4] = event.NanoUSD(0), event.NanoUSD(0), nil, int64(0)
	}
	var b bytes.Buffer
	if err := NewScreen(true, 0).Answer(&b, "costs", a, "Send some."); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "Send some.") || strings.Contains(b.String(), "$0.00") {
		t.Errorf("got %s", b.String())
	}
}

func TestSpark(t *testing.T) {
	f := func(values []float64, most int, want string) {
		t.Helper()
		if got := Spark(values, most); got != want {
			t.Errorf("%v is drawn %s, want %s", values, got, want)
		}
	}
	f(nil, 10, "")
	f([]float64{0, 0}, 10, "▁▁")
	f([]float64{0, 1, 2, 4, 7}, 10, "▁▂▃▅█")
	f([]float64{1, 1, 1, 1}, 2, "██")
}

func TestWhatALimitCutOffIsSaid(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.FixedZone("", 3600)) }
	columns := []answer.Column{{Name: "time", Kind: answer.KindTime, Type: catalog.Time},
		{Name: "trace_id", Kind: answer.KindDimension, Type: catalog.String}, metric("requests", catalog.Integer, "")}
	f := func(second string, groups int, want bool) {
		t.Helper()
		const id = "799328e56a163b9b63cf7a9fd0e1a2b3"
		a := &answer.Answer{Columns: columns, Meta: answer.Meta{Groups: groups}, Rows: [][]any{
			{at(1), id, int64(1)}, {at(1), second, int64(2)}, {at(2), id, int64(3)}, {at(2), second, int64(4)}}}
		var b bytes.Buffer
		if err := NewScreen(false, 30).Answer(&b, "", a, ""); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "the first 2 of 7; --limit"); got != want || !strings.Contains(b.String(), id) {
			t.Errorf("%s of %d: said %t, want %t: %s", second, groups, got, want, b.String())
		}
	}
	f("b", 7, true)
	f("b", 2, false)
	f("(other)", 7, false)
}

// Where not all columns have room, identifiers and what is empty go first, then what stands at the end.
func TestNarrowTablesKeepWhatSays(t *testing.T) {
	a := &answer.Answer{Columns: []answer.Column{
		{Name: "id", Kind: answer.KindField, Type: catalog.String}, {Name: "model", Kind: answer.KindField, Type: catalog.String},
		{Name: "error_type", Kind: answer.KindField, Type: catalog.String}, metric("cost", catalog.Decimal, "USD"),
		metric("requests", catalog.Integer, ""),
	}, Rows: [][]any{{"0199aa12-77f0-7000-8000-0123456789ab", "gpt-4o", nil, event.NanoUSD(1e9), int64(3)}},
		Meta: answer.Meta{Next: "cursor", Groups: 9}}
	f := func(width int, part bool, want ...string) {
		t.Helper()
		var b bytes.Buffer
		s := NewScreen(false, width)
		s.Part = part
		if err := s.Answer(&b, "list", a, ""); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(b.String()) {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		if got := strings.Join(lines, "|"); !strings.Contains(got, strings.Join(want, "|")) {
			t.Errorf("%d columns: %s, want %s", width, got, strings.Join(want, "|"))
		}
	}
	f(100, false, "0199aa12-77f0-7000-8000-0123456789ab gpt-4o - $1.00 3", "the first 1 of 9; --limit shows more",
		"there are more: --cursor cursor")
	f(60, true, "gpt-4o $1.00 3", "no room for id, error_type; --json has all, and so has a", "wider window", "the first 1 of 9")
	f(20, false, "gpt-4o $1.00", "no room for id,", "error_type,", "requests; --json has", "all, and so has a", "wider window",
		"the first 1 of 9;", "--limit shows more")
}
