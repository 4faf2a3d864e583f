package listing

import (
	"math/rand/v2"
	"slices"
	"testing"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/rollup/cube"
)

// TestTruthsPickTheRowsThatPassOneByOne holds the picking by bits against the look at each row.
func TestTruthsPickTheRowsThatPassOneByOne(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		b := columns.NewBuilder(event.AIRequest)
		n, missing, good := 1+r.IntN(300), r.IntN(3), r.IntN(101)
		for range n {
			e := event.Event{}
			e.Reset(event.AIRequest)
			e.SetInt(event.Timestamp, 1)
			e.SetID(event.EventID, []byte("a"))
			if r.IntN(3) >= missing {
				e.SetBool(event.AISuccess, r.IntN(100) < good)
			}
			if err := b.AppendRow(&e); err != nil {
				t.Fatal(err)
			}
		}
		p := cube.Predicate{Field: "success", Compare: cube.Eq}
		if r.IntN(2) == 0 {
			p.Compare = cube.Ne
		}
		p.Values = []string{[]string{"true", "false", ""}[r.IntN(3)]}
		m, err := NewMatcher(event.AIRequest, []cube.Predicate{p})
		if err != nil {
			t.Fatal(err)
		}
		rec := b.Record(nil)
		from := r.Int64N(rec.NumRows())
		v := NewView(event.AIRequest, rec.NewSlice(from, rec.NumRows()))
		want := keep(v.all(), func(row int32) bool { return m.tests[0].row(v, int(row)) })
		for _, rows := range [][]int32{nil, v.all()} {
			if got := m.Narrow(v, rows); !slices.Equal(got, want) {
				t.Fatalf("seed %d: %v of %d rows from %d: got %v, want %v", seed, p, n, from, got, want)
			}
		}
	}
}
