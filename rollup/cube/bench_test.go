package cube_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/rollup/cube"
)

// million is 1 M typical AI requests over 30 days in records of 131,072, sorted by time.
func million(b *testing.B, kind event.Kind) []arrow.Record {
	const n, size = 1_000_000, 131_072
	source := sample.New(1)
	from := hour.Start()
	span := event.Micros(30 * 24 * time.Hour / time.Microsecond)
	var recs []arrow.Record
	builder := columns.NewBuilder(kind)
	for at := 0; at < n; at += size {
		k := min(size, n-at)
		lo, hi := from+span*event.Micros(at)/n, from+span*event.Micros(at+k)/n
		if err := builder.AppendRows(source.Rows(nil, kind, k, lo, hi)); err != nil {
			b.Fatal(err)
		}
		recs = append(recs, builder.Record(nil))
	}
	return recs
}

func benchAdd(b *testing.B, spec cube.Spec) {
	recs := million(b, spec.Kind)
	b.ResetTimer()
	b.ReportAllocs()
	for b.Loop() {
		tab, err := cube.NewTable(spec)
		if err != nil {
			b.Fatal(err)
		}
		for _, rec := range recs {
			if err := tab.Add(rec, cube.Always, cube.Never); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(tab.Len()), "groups")
	}
}

var fourSums = []string{"rows", "sum(input_uncached_tokens)", "sum(output_text_tokens)",
	"sum(cost)", "sum(duration_ms)"}

func BenchmarkAdd1M(b *testing.B) {
	byModel := cube.Spec{Kind: event.AIRequest, Dims: []string{"model"}, Measures: fourSums}
	bench := func(name string, change func(*cube.Spec)) {
		spec := byModel
		change(&spec)
		b.Run(name, func(b *testing.B) { benchAdd(b, spec) })
	}
	bench("total", func(s *cube.Spec) { s.Dims = nil })
	bench("model", func(s *cube.Spec) {})
	bench("model-hour", func(s *cube.Spec) { s.Grain = time.Hour })
	bench("model-agent-endpoint", func(s *cube.Spec) {
		s.Dims = []string{"model", "agent", "endpoint"}
	})
	bench("user", func(s *cube.Spec) { s.Dims = []string{"user_id"} })
	bench("user-model-conversation", func(s *cube.Spec) {
		s.Dims = []string{"user_id", "model", "conversation_id"}
	})
	bench("trace", func(s *cube.Spec) { s.Dims = []string{"trace_id"} })
	bench("model-filtered", func(s *cube.Spec) {
		s.Filter = []cube.Predicate{{Field: "provider", Compare: cube.Eq, Values: []string{"openai"}}}
	})
	bench("users-by-model", func(s *cube.Spec) { s.Measures = []string{"distinct(user_id)"} })
}

func BenchmarkQuantiles1M(b *testing.B) {
	benchAdd(b, cube.Spec{Kind: event.AIRequest, Dims: []string{"model"},
		Measures: []string{"rows", "sketch(duration_ms)"}})
}

// BenchmarkWeighted1M counts page views that stand for themselves, and ones that stand for ten.
func BenchmarkWeighted1M(b *testing.B) {
	for _, weight := range []int64{0, 10} {
		b.Run(fmt.Sprint(weight), func(b *testing.B) {
			source, builder := sample.New(1), columns.NewBuilder(event.PageView)
			var e event.Event
			for range 131_072 {
				source.Event(&e, event.PageView, hour.Start())
				if weight > 0 {
					e.SetInt(event.PageWeight, weight)
				}
				check(b, builder.AppendRow(&e))
			}
			rec := builder.Record(nil)
			spec := cube.Spec{Kind: event.PageView, Dims: []string{"path"}, Measures: []string{"rows"}}
			for b.Loop() {
				tab := table(b, spec)
				for range 8 {
					check(b, tab.Add(rec, cube.Always, cube.Never))
				}
			}
		})
	}
}

// BenchmarkDerive1M is what sealing pays for the blocks of an hour of a million events.
func BenchmarkDerive1M(b *testing.B) {
	for _, kind := range []event.Kind{event.AIRequest, event.PageView} {
		b.Run(kind.String(), func(b *testing.B) {
			recs := million(b, kind)
			b.ResetTimer()
			for b.Loop() {
				blocks, err := cube.Maker{}.Derive(kind, recs)
				if err != nil {
					b.Fatal(err)
				}
				size := 0
				for _, c := range blocks {
					size += len(c.Data)
				}
				b.ReportMetric(float64(size)/1e6, "B/event")
			}
		})
	}
}

// BenchmarkCells13Months asks a panel over 475,000 cells: 50 an hour for 396 days, in a block a day
// as after merging, or a block an hour as sealed.
func BenchmarkCells13Months(b *testing.B) {
	for _, hours := range []int{24, 1} {
		blocks := cells(b, hours)
		ask := func(name string, spec cube.Spec) {
			spec.Kind = event.AIRequest
			b.Run(fmt.Sprintf("%s/%dh", name, hours), func(b *testing.B) {
				for b.Loop() {
					tab, err := cube.NewTable(spec)
					if err != nil {
						b.Fatal(err)
					}
					for _, data := range blocks {
						if err := tab.AddBlock(data, cube.Always, cube.Never); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
		days := []event.Micros{hour.Start()}
		for range 396 {
			days = append(days, days[len(days)-1]+event.Micros(24*time.Hour/time.Microsecond))
		}
		ask("model", cube.Spec{Dims: []string{"model"}, Measures: fourSums})
		ask("model-day", cube.Spec{Dims: []string{"model"}, Measures: fourSums, Edges: days})
		ask("quantiles", cube.Spec{Dims: []string{"model"}, Measures: []string{"sketch(duration_ms)"}})
		ask("users", cube.Spec{Dims: []string{"model"}, Measures: []string{"distinct(user_id)"}})
	}
}

// cells makes the blocks of 13 months: 600 events an hour that fall into about 50 cells.
func cells(b *testing.B, hours int) [][]byte {
	source := sample.New(1)
	builder := columns.NewBuilder(event.AIRequest)
	var blocks [][]byte
	n := 0
	for h := 0; h < 396*24; h += hours {
		from := (hour + event.Hour(h)).Start()
		to := (hour + event.Hour(h+hours)).Start()
		rows := source.Rows(nil, event.AIRequest, 600*hours, from, to)
		if err := builder.AppendRows(rows); err != nil {
			b.Fatal(err)
		}
		c := cube.Cubes(event.AIRequest)[0]
		c.Dims = []string{"provider", "model", "project", "agent"}
		tab, err := cube.Maker{}.Table(c, []arrow.Record{builder.Record(nil)})
		if err != nil {
			b.Fatal(err)
		}
		n += tab.Len()
		blocks = append(blocks, tab.Encode())
	}
	b.Logf("%d cells", n)
	return blocks
}
