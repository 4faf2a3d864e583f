package cube_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/rollup/cube"
)

var update = flag.Bool("update", false, "write the golden files anew")

// typical makes a record of n typical events over the given hours.
func typical(t testing.TB, kind event.Kind, n, hours int) arrow.Record {
	b := columns.NewBuilder(kind)
	to := (hour + event.Hour(hours)).Start()
	check(t, b.AppendRows(sample.New(7).Rows(nil, kind, n, hour.Start(), to)))
	return b.Record(nil)
}

// TestGoldenBlocks: the bytes of a block change only together with the format's version.
func TestGoldenBlocks(t *testing.T) {
	for _, kind := range event.Kinds() {
		blocks, err := cube.Maker{}.Derive(kind, []arrow.Record{typical(t, kind, 40, 2)})
		check(t, err)
		for _, b := range blocks {
			c, _ := cube.ByID(b.Cube)
			path := filepath.Join("testdata", c.Name+".block")
			if *update {
				check(t, os.MkdirAll("testdata", 0o755))
				check(t, os.WriteFile(path, b.Data, 0o644))
			}
			want, err := os.ReadFile(path)
			check(t, err)
			if !bytes.Equal(b.Data, want) {
				t.Errorf("%s: the block is not the golden one; is the version changed with it?", c.Name)
			}
			tab, err := cube.Decode(want)
			check(t, err)
			if !bytes.Equal(tab.Encode(), want) {
				t.Errorf("%s: encode(decode(golden)) is not golden", c.Name)
			}
		}
	}
}

// TestDamagedBlocksAreFound flips and cuts every byte of a block.
func TestDamagedBlocksAreFound(t *testing.T) {
	blocks, err := cube.Maker{}.Derive(event.ToolCall,
		[]arrow.Record{typical(t, event.ToolCall, 40, 2)})
	check(t, err)
	good := blocks[0].Data
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		_, err := cube.Decode(bad)
		if kind := fault.Of(err).Kind; err == nil || (kind != fault.Damaged && kind != fault.Newer) {
			t.Fatalf("byte %d of %d flipped: got %v, want a damaged block", i, len(good), err)
		}
		if _, err := cube.Decode(good[:i]); fault.Of(err).Kind != fault.Damaged {
			t.Fatalf("cut at %d: got %v, want a damaged block", i, err)
		}
	}
	newer := bytes.Clone(good)
	newer[2] = 99
	if _, err := cube.Decode(newer); fault.Of(err).Kind != fault.Newer {
		t.Errorf("version 99: got %v, want newer", err)
	}
}

func FuzzDecode(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.block")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = cube.Resum(data)
		if b, err := cube.OpenBlock(data); err == nil && b.Cells > 1<<14 {
			return // a few bytes can say "millions of zeros"; that is slow, not wrong
		}
		tab, err := cube.Decode(data)
		if err != nil {
			if !errors.As(err, new(*fault.Error)) {
				t.Fatalf("%v is not a fault", err)
			}
			return
		}
		again, err := cube.Decode(tab.Encode())
		if err != nil || !bytes.Equal(again.Encode(), tab.Encode()) {
			t.Fatalf("a decoded block does not survive: %v", err)
		}
		b, err := cube.OpenNumbered(bytes.NewReader(data), new(cube.Words))
		check(t, err)
		spec, err := b.Bucketed()
		check(t, err)
		numbered := table(t, spec)
		check(t, numbered.AddCells(b, cube.Always, cube.Never))
		if !bytes.Equal(numbered.Encode(), tab.Encode()) {
			t.Fatal("texts with numbers are not the texts")
		}
	})
}

// TestFoldKeepsTotals: a cube with too many cells keeps the largest, the rest is in Other, and sums
// stay what they were.
func TestFoldKeepsTotals(t *testing.T) {
	rec := typical(t, event.AIRequest, 3000, 2)
	users := cube.Cubes(event.AIRequest)[4]
	whole, err := cube.Maker{}.Table(users, []arrow.Record{rec})
	check(t, err)
	folded, err := cube.Maker{MaxCells: 100}.Table(users, []arrow.Record{rec})
	check(t, err)
	if whole.Folded() || !folded.Folded() || folded.Len() != 200 {
		t.Fatalf("folded %v and %v, %d cells; want false, true, 200", whole.Folded(),
			folded.Folded(), folded.Len())
	}
	names := table(t, cube.Spec{Kind: event.AIRequest, Measures: []string{"rows", "distinct(model)"}})
	if err := names.AddBlock(folded.Encode(), cube.Always, cube.Never); !errors.Is(err, cube.ErrLacks) {
		t.Errorf("which models there are is told from folded cells: %v", err)
	}
	check(t, names.AddBlock(whole.Encode(), cube.Always, cube.Never))
	back, err := cube.Decode(folded.Encode())
	check(t, err)
	if !back.Folded() {
		t.Error("the flag is lost in the block")
	}
	a, err := whole.Regroup(nil, true)
	check(t, err)
	b, err := back.Regroup(nil, true)
	check(t, err)
	least, other := int64(1<<62), 0
	for g := range back.Len() {
		if back.Dim(0, g) == cube.Other {
			other++
		} else if n, _ := back.Int(0, g); n < least {
			least = n
		}
	}
	if other != 2 || least < 1 {
		t.Errorf("%d cells of Other, want one an hour", other)
	}
	for g := range a.Len() {
		for m, name := range a.Spec().Measures {
			if a.Big(m, g).Cmp(b.Big(m, g)) != 0 {
				t.Errorf("%s of hour %d: %v folded, %v whole", name, g, b.Big(m, g), a.Big(m, g))
			}
		}
	}
}

// TestDaysOfZones: days of zones with odd offsets and clock changes add up to the whole, from cells
// and from events alike, when cells have the zone's grain.
func TestDaysOfZones(t *testing.T) {
	kind := event.PageView
	grains := map[string]time.Duration{"UTC": time.Hour, "America/New_York": time.Hour,
		"Asia/Kolkata": 30 * time.Minute, "Asia/Kathmandu": 15 * time.Minute,
		"Australia/Lord_Howe": 30 * time.Minute}
	for name, grain := range grains {
		zone, err := time.LoadLocation(name)
		check(t, err)
		if got := cube.GrainOf(zone); got != grain {
			t.Errorf("%s: grain is %v, want %v", name, got, grain)
		}
		// The night in which New York's clocks go back.
		day := time.Date(2026, 10, 31, 0, 0, 0, 0, zone)
		edges := []event.Micros{event.MicrosOf(day)}
		for range 3 {
			day = day.AddDate(0, 0, 1)
			edges = append(edges, event.MicrosOf(day))
		}
		b := columns.NewBuilder(kind)
		check(t, b.AppendRows(sample.New(3).Rows(nil, kind, 5000, edges[0], edges[3])))
		rec := b.Record(nil)
		pages, _ := cube.Cover(kind, []string{"path"}, nil)
		whole, err := cube.Maker{Grain: grain}.Table(pages, []arrow.Record{rec})
		check(t, err)
		spec := cube.Spec{Kind: kind, Measures: []string{"rows"}, Edges: edges}
		cells, raw := table(t, spec), table(t, spec)
		check(t, cells.AddBlock(whole.Encode(), cube.Always, cube.Never))
		check(t, raw.Add(rec, cube.Always, cube.Never))
		if !bytes.Equal(cells.Encode(), raw.Encode()) || raw.Len() != 3 {
			t.Errorf("%s: days from cells differ from days from events", name)
		}
		sum := int64(0)
		for g := range raw.Len() {
			n, _ := raw.Int(0, g)
			sum += n
		}
		if sum != 5000 {
			t.Errorf("%s: days add up to %d, want 5000", name, sum)
		}
	}
}

// TestCoverTakesTheSmallest cube that has what is asked.
func TestCoverTakesTheSmallest(t *testing.T) {
	f := func(want string, kind event.Kind, dims []string, measures ...string) {
		t.Helper()
		c, ok := cube.Cover(kind, dims, measures)
		if c.Name != want || ok != (want != "") {
			t.Errorf("%v %v: got %q, want %q", dims, measures, c.Name, want)
		}
	}
	f("ai_usage", event.AIRequest, nil, "rows", "sum(cost)", "distinct(user_id)")
	f("ai_usage", event.AIRequest, []string{"model", "agent"}, "sketch(ttfb_ms)")
	f("ai_errors", event.AIRequest, []string{"error_type"}, "count(success=false)")
	f("ai_users", event.AIRequest, []string{"user_id", "model"}, "sum(cost)")
	f("ai_keys", event.AIRequest, []string{"api_key_id"}, "sum(cost)")
	f("ai_prompts", event.AIRequest, []string{"prompt_id"}, "sketch(duration_ms)")
	f("", event.AIRequest, []string{"user_id", "prompt_id"}, "rows")
	f("", event.AIRequest, []string{"user_id"}, "sketch(duration_ms)")
	f("sources", event.PageView, []string{"bot_class"}, "rows", "distinct(visitor_id)")
	f("pages", event.PageView, []string{"path", "bot_class"}, "rows")
	f("devices", event.PageView, []string{"browser"}, "rows")
	f("places", event.PageView, []string{"city"}, "distinct(session_id)")
	f("engagement", event.Engagement, []string{"path"}, "sum(clicks)")
	f("metrics", event.Metric, []string{"name"}, "sum(value)")
	f("tools", event.ToolCall, nil, "rows", "distinct(tool)") // of its cells
	f("", event.ToolCall, nil, "distinct(trace_id)")
	if _, ok := cube.CoverSpec(cube.Spec{Kind: event.AIRequest, Measures: []string{"rows"},
		Filter: []cube.Predicate{{Field: "total_tokens"}}}); ok {
		t.Error("a filter on a sum of fields cannot be answered by a cube")
	}
}

// TestCubesAreDeclaredWell: numbers are unique, dims and measures exist, rows come first.
func TestCubesAreDeclaredWell(t *testing.T) {
	ids := map[uint8]string{}
	for _, kind := range event.Kinds() {
		if len(cube.Cubes(kind)) == 0 {
			t.Errorf("no cube counts %s", kind)
		}
		for _, c := range cube.Cubes(kind) {
			if ids[c.ID] != "" || c.ID == 0 || c.Measures[0] != "rows" {
				t.Errorf("%s: number %d is taken by %q, or rows are not first", c.Name, c.ID, ids[c.ID])
			}
			ids[c.ID] = c.Name
			table(t, cube.Maker{}.Spec(c))
		}
	}
}

func ExampleTable() {
	spec := cube.Spec{Kind: event.AIRequest, Dims: []string{"provider"},
		Measures: []string{"rows", "sum(cost)"}}
	t, _ := cube.NewTable(spec)
	for _, rec := range records(event.AIRequest, requests(), []int{4}) {
		_ = t.Add(rec, cube.Always, cube.Never)
	}
	t.Sort()
	for g := range t.Len() {
		rows, _ := t.Int(0, g)
		cost, _ := t.Int(1, g)
		fmt.Printf("%q %d %d\n", t.Dim(0, g), rows, cost)
	}
	// Output:
	// "" 1 0
	// "anthropic" 1 75
	// "openai" 2 1500000000
}
