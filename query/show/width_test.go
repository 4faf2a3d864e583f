package show

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/trail"
)

// within draws on screens of many widths and reports lines that are wider.
func within(t *testing.T, from int, draw func(*Screen, *bytes.Buffer) error) {
	t.Helper()
	for width := from; width < 140; width++ {
		var b bytes.Buffer
		if err := draw(NewScreen(false, width), &b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if line = strings.TrimSuffix(line, "\n"); lipgloss.Width(line) > width {
				t.Errorf("%d columns: %q", width, line)
			}
		}
	}
}

func field(name string, typ catalog.Type) answer.Column {
	return answer.Column{Name: name, Kind: answer.KindField, Type: typ}
}

// TestNamesOfColumnsAreNotCut: texts are cut to their name at most.
func TestNamesOfColumnsAreNotCut(t *testing.T) {
	a := &answer.Answer{Columns: []answer.Column{field("timestamp", catalog.Time), field("client", catalog.String),
		field("site", catalog.String), field("landing_page", catalog.String), field("exit_page", catalog.String),
		field("page_view_count", catalog.Integer), field("source", catalog.String)}}
	for range 3 {
		a.Rows = append(a.Rows, []any{time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), "web", "www.example.com",
			"/docs/start/here", "/pricing/of/all", int64(12), "partner.example.org"})
	}
	a.Meta.Next = strings.Repeat("x", 40)
	within(t, 60, func(s *Screen, b *bytes.Buffer) error { return s.Answer(b, "sessions list", a, "") })
}

func TestFieldsOfOneThingAreBroken(t *testing.T) {
	a := &answer.Answer{Rows: [][]any{nil}}
	for range manyFields + 1 {
		a.Columns = append(a.Columns, field("user_agent", catalog.String))
		a.Rows[0] = append(a.Rows[0], "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0")
	}
	within(t, 50, func(s *Screen, b *bytes.Buffer) error { return s.Answer(b, "session", a, "") })
}

func TestTrailsFitTheScreen(t *testing.T) {
	took, cost := 71_500.0, json.Number("0.0042")
	steps := &trail.Trail{ID: "4bf92f3577b34da6a3ce929d0e0e4736", FoundBy: "conversation_id", Events: 1, Errors: 1,
		Cost: "0.25", Start: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), DurationMS: 2000,
		Notes: []string{"what came more than a day before or after is left out; --since reaches further back"},
		Steps: []*trail.Step{{Type: "agent_task", What: "draft of a long and winding report", DurationMS: &took,
			Fields: json.RawMessage(`{"user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"}`),
			Children: []*trail.Step{{Type: "ai_request", What: "claude-sonnet-4-5-20250929", OffsetMS: 1500, Who: "somebody",
				Outcome: "failed", Error: "upstream_connection_timeout", Cost: &cost}}}}}
	within(t, 46, func(s *Screen, b *bytes.Buffer) error { return s.Waterfall(b, "trace "+steps.ID, steps) })
	within(t, 60, func(s *Screen, b *bytes.Buffer) error { return s.Log(b, "audit "+steps.ID, steps) })
	var b bytes.Buffer
	if err := NewScreen(true, 0).Log(&b, "audit", steps); err != nil || !strings.Contains(b.String(), "; 1 event, 1 failed") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestWhoWantsNoColoursGetsNone: neither colours nor bold, and still a table with lines in it.
func TestWhoWantsNoColoursGetsNone(t *testing.T) {
	s := NewScreen(false, 80)
	s.Bare = true
	var b strings.Builder
	s.table(&b, sample())
	b.WriteString(s.paint(strong, "title") + s.paint(bad, "failed"))
	if got := b.String(); strings.Contains(got, "\x1b") || !strings.Contains(got, "─") {
		t.Errorf("%q", got)
	}
}

// TestAValueIsReadInTheUnitOfItsRow: and the unit needs no column then, unless it is all that rows are of.
func TestAValueIsReadInTheUnitOfItsRow(t *testing.T) {
	dimension := func(name string) answer.Column {
		return answer.Column{Name: name, Kind: answer.KindDimension, Type: catalog.String}
	}
	a := &answer.Answer{Columns: []answer.Column{dimension("part"), metric("value", catalog.Number, ""),
		dimension("unit"), metric("score", catalog.Number, "")}}
	for _, row := range []struct {
		value any
		unit  any
	}{{0.074, "ratio"}, {835.2, "ms"}, {129e6, "bytes"}, {0.961, "times before"}, {nil, "percent"}, {12.0, nil},
		{int64(40), "percent"}} {
		a.Rows = append(a.Rows, []any{"part", row.value, row.unit, 1.5})
	}
	var b strings.Builder
	NewScreen(true, 0).table(&b, a)
	want := "part value score|part 7.4 % 1.5|part 835 ms 1.5|part 129 MB 1.5|part 0.961 times before 1.5|part - 1.5|" +
		"part 12 1.5|part 40 % 1.5|"
	if got := words(b.String()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.Reset()
	NewScreen(true, 0).table(&b, &answer.Answer{Columns: []answer.Column{dimension("unit"), metric("cost", catalog.Decimal, "USD")},
		Rows: [][]any{{"bytes", event.NanoUSD(1e9)}}})
	if got := words(b.String()); got != "unit cost|bytes $1.00|" {
		t.Error(got)
	}
}

// words are the lines of a text with one space between words.
func words(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Join(strings.Fields(line), " ") + "|")
	}
	return b.String()
}
