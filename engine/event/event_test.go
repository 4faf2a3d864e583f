package event

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write golden files")

func TestEveryKindHasAName(t *testing.T) {
	for _, k := range Kinds() {
		got, ok := ParseKind(k.String())
		if !ok || got != k {
			t.Errorf("ParseKind(%q) = %v, %v; want %v", k.String(), got, ok, k)
		}
	}
	if _, ok := ParseKind("no_such_kind"); ok {
		t.Error("ParseKind found a kind that is not there")
	}
}

// The schema is a format: the golden file is every kind, field number, name and type. A line may be
// added at the end of a kind; a line that changes breaks data on disk.
func TestSchemaIsFrozen(t *testing.T) {
	var b strings.Builder
	for _, k := range Kinds() {
		for i, f := range k.Fields() {
			b.WriteString(k.String() + " " + strconv.Itoa(i) + " " + f.Name + " " + strconv.Itoa(int(f.Type)) + "\n")
		}
		if n := len(k.Fields()); n > MaxFields {
			t.Errorf("%s has %d fields, over MaxFields", k, n)
		}
	}
	golden(t, "schema.txt", []byte(b.String()))
}

func TestFieldConstantsNameTheirFields(t *testing.T) {
	f := func(k Kind, number int, name string) {
		t.Helper()
		if got := k.Fields()[number].Name; got != name {
			t.Errorf("%s field %d is %q, want %q", k, number, got, name)
		}
	}
	f(AIRequest, AIModel, "model")
	f(AIRequest, AICost, "cost")
	f(AIRequest, AIClientIP, "client_ip")
	f(ToolCall, ToolResultBytes, "result_bytes")
	f(AgentTask, TaskDurationMS, "duration_ms")
	f(PageView, PageVisitorID, "visitor_id")
	f(Engagement, EngagementVisitorID, "visitor_id")
	f(Custom, CustomName, "name")
	f(Activity, ActivitySeverity, "severity")
	f(Metric, MetricUnit, "unit")
	for i, name := range []string{"timestamp", "id", "project", "user_id", "session_id", "trace_id"} {
		f(Metric, i, name)
	}
	if !AgentTask.Fields()[Agent].Required || AIRequest.Fields()[Agent].Required {
		t.Error("agent must be required for agent_task only")
	}
}

func TestIDsKeepTheirText(t *testing.T) {
	f := func(text string, size int) {
		t.Helper()
		compact := AppendID(nil, []byte(text))
		if got := IDText(compact); got != text {
			t.Errorf("IDText(AppendID(%q)) = %q", text, got)
		}
		if len(compact) != size {
			t.Errorf("compact form of %q has %d bytes, want %d", text, len(compact), size)
		}
	}
	f("550e8400-e29b-41d4-a716-446655440000", 17)
	f("550E8400-e29b-41d4-a716-446655440000", 37)
	f("550e8400-e29b-41d4-a716-44665544000g", 37)
	f("4bf92f3577b34da6a3ce929d0e0e4736", 17)
	f("4BF92F3577b34da6a3ce929d0e0e4736", 33)
	f("00f067aa0ba902b7", 9)
	f("request-1", 10)
	f("", 1)
}

func TestHoursBeginOnTheHour(t *testing.T) {
	f := func(at string, hour string) {
		t.Helper()
		moment, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		h := MicrosOf(moment).Hour()
		if got := h.Start().Time().Format(time.RFC3339); got != hour {
			t.Errorf("hour of %s starts %s, want %s", at, got, hour)
		}
	}
	f("2026-11-21T03:59:59.999999Z", "2026-11-21T03:00:00Z")
	f("2026-11-21T04:00:00Z", "2026-11-21T04:00:00Z")
	f("2026-11-21T04:00:00+05:30", "2026-11-20T22:00:00Z")
	f("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")
}

func TestRowGolden(t *testing.T) {
	var e Event
	e.Reset(AIRequest)
	e.SetInt(Timestamp, 1_795_233_600_000_000)
	e.SetID(EventID, []byte("550e8400-e29b-41d4-a716-446655440000"))
	e.SetText(AIModel, []byte("gpt-4o"))
	e.SetBool(AISuccess, true)
	e.SetInt(AICost, 12_345_678)
	e.SetText(AIClientIP, []byte("192.0.2.1")) // transient: never in a row
	golden(t, "row.hex", []byte(hex.Dump(e.AppendRow(nil))))
}

// draw makes a random event of any kind, as intake leaves it.
func draw(t *rapid.T) *Event {
	var e Event
	e.Reset(rapid.SampledFrom(Kinds()).Draw(t, "kind"))
	for i, f := range e.Kind.Fields() {
		if !f.Required && !rapid.Bool().Draw(t, f.Name+"?") {
			continue
		}
		switch {
		case f.Type == Float:
			e.SetFloat(i, rapid.Float64Range(-1e12, 1e12).Draw(t, f.Name))
		case f.Type == Bool:
			e.SetBool(i, rapid.Bool().Draw(t, f.Name))
		case f.Type.Numeric():
			e.SetInt(i, rapid.Int64().Draw(t, f.Name))
		case f.Type == ID:
			e.SetID(i, []byte(rapid.StringMatching(
				`[a-z0-9]{1,64}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).Draw(t, f.Name)))
		default:
			e.SetText(i, []byte(rapid.StringN(0, -1, 300).Draw(t, f.Name)))
		}
	}
	return &e
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := draw(t)
		row := e.AppendRow([]byte("before"))[len("before"):]
		got, rest, err := NextRow(append(bytes.Clone(row), 1, 2, 3))
		if err != nil || len(rest) != 3 || !bytes.Equal(got, row) {
			t.Fatalf("NextRow: %d bytes rest, err %v", len(rest), err)
		}
		var back Event
		if err := back.DecodeRow(e.Kind, row); err != nil {
			t.Fatal(err)
		}
		for i, f := range e.Kind.Fields() {
			switch {
			case f.Transient:
				if back.Has(i) {
					t.Fatalf("%s is transient and came back", f.Name)
				}
			case back.Has(i) != e.Has(i):
				t.Fatalf("%s set: %v, was %v", f.Name, back.Has(i), e.Has(i))
			case f.Type.Numeric() && back.Int(i) != e.Int(i):
				t.Fatalf("%s is %d, was %d", f.Name, back.Int(i), e.Int(i))
			case !f.Type.Numeric() && !bytes.Equal(back.Text(i), e.Text(i)):
				t.Fatalf("%s is %q, was %q", f.Name, back.Text(i), e.Text(i))
			}
		}
		if again := back.AppendRow(nil); !bytes.Equal(again, row) {
			t.Fatalf("a row that was read is written differently")
		}
	})
}

func FuzzDecodeRow(f *testing.F) {
	var e Event
	e.Reset(ToolCall)
	e.SetInt(Timestamp, 1)
	e.SetID(EventID, []byte("x"))
	e.SetText(ToolTool, []byte("search"))
	f.Add(uint8(ToolCall), e.AppendRow(nil))
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		row, _, err := NextRow(b)
		if err != nil {
			return
		}
		var e Event
		if e.DecodeRow(Kind(kind), row) != nil {
			return
		}
		again := e.AppendRow(nil)
		var back Event
		if err := back.DecodeRow(Kind(kind), again); err != nil {
			t.Fatalf("a row written from a read one cannot be read: %v", err)
		}
	})
}

func TestBatchSortsIntoParts(t *testing.T) {
	var b Batch
	for range 2 { // the second round shows that Reset keeps nothing
		b.Reset()
		add := func(k Kind, hour Hour) {
			var e Event
			e.Reset(k)
			e.SetInt(Timestamp, int64(hour.Start())+5)
			e.SetID(EventID, []byte("a"))
			b.Add(&e)
		}
		add(ToolCall, 10)
		add(ToolCall, 11)
		add(PageView, 10)
		add(ToolCall, 10)
		if b.Len() != 4 || len(b.Parts()) != 3 {
			t.Fatalf("%d events in %d parts, want 4 in 3", b.Len(), len(b.Parts()))
		}
		p := b.Parts()[0]
		if len(p.Marks) != 2 || p.Marks[1].End != len(p.Rows) || p.Hour != 10 || p.Kind != ToolCall {
			t.Fatalf("first part is %+v", p)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed; if the format is meant to change, bump its version and run with -update.\ngot:\n%s", path, got)
	}
}
