package wire_test

import (
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/ingest/decode"
	"analytics/ingest/wire"
)

// read reads lines back as the intake does.
func read(t *testing.T, l *wire.Lines) (all []map[int]string, dropped int) {
	t.Helper()
	var d decode.Decoder
	at := event.Micros(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixMicro())
	d.Reset(l.Bytes(), true, decode.Window{Now: at, From: at - 1e12, To: at + 1e12})
	var e event.Event
	for d.Next(&e) {
		if p := d.Problem(); p != nil {
			t.Fatalf("event %d: %+v\n%s", p.Index, p, l.Bytes())
		}
		seen := map[int]string{}
		for i, f := range e.Kind.Fields() {
			if e.Has(i) && !f.Type.Numeric() {
				seen[i] = string(e.Text(i))
			}
		}
		all = append(all, seen)
	}
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	return all, d.Dropped()
}

func TestEverythingWrittenIsReadBack(t *testing.T) {
	var l wire.Lines
	nasty := "a\"b\\c\n\x00d\u2028é\xff"
	l.Begin(event.AIRequest)
	l.Time(event.Timestamp, time.Date(2026, 11, 21, 12, 0, 0, 123456000, time.FixedZone("", 3600)))
	l.Text(event.AIModel, "gpt-4o")
	l.Text(event.AIErrorType, nasty)
	l.Text(event.AIProvider, strings.Repeat("é", 100))
	l.Text(event.AIEndpoint, "")
	l.Text(event.AIOperation, strings.Repeat("\xff\x20", 64))
	l.Bool(event.AIStream, true)
	l.Span(event.AIDurationMS, 1500*time.Microsecond)
	l.Span(event.AITTFBMS, -time.Second)
	l.Int(event.AIMessageCount, -1)
	l.Properties(map[string]any{"team": "blue", "n": 3, "ok": true})
	l.Usage(wire.Usage{Input: wire.Some(10), CacheRead: wire.Some(4), Output: wire.Some(0)})
	l.End()
	l.Begin(event.ToolCall)
	l.Text(event.ToolTool, "search")
	l.End()
	all, dropped := read(t, &l)
	if l.Len() != 2 || len(all) != 2 || dropped != 0 {
		t.Fatalf("%d written, %d read, %d dropped\n%s", l.Len(), len(all), dropped, l.Bytes())
	}
	if got, want := all[0][event.AIErrorType], "a\"b\\c  d\u2028é\ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := all[0][event.AIProvider], strings.Repeat("é", 32); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := all[0][event.PropertiesField], `{"n":3,"ok":true,"team":"blue"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, absent := range []string{"ttfb_ms", "message_count", "endpoint", "reasoning_tokens"} {
		if strings.Contains(string(l.Bytes()), absent) {
			t.Errorf("%s is written although nothing is known of it", absent)
		}
	}
}

func TestFieldsOfTheServerAreNotWritten(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a derived field was written")
		}
	}()
	var l wire.Lines
	l.Begin(event.AIRequest)
	l.Int(event.AICost, 1)
}

func TestLaterUsageIsAssignedNotAdded(t *testing.T) {
	first := wire.Usage{Input: wire.Some(100), CacheRead: wire.Some(40), Output: wire.Some(1)}
	got := first.Then(wire.Usage{Output: wire.Some(25)})
	want := wire.Usage{Input: wire.Some(100), CacheRead: wire.Some(40), Output: wire.Some(25)}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
