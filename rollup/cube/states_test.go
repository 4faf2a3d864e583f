package cube

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/axiomhq/hyperloglog"
	"github.com/cespare/xxhash/v2"
)

// seeded makes the random numbers of a test and prints how to get them again.
func seeded(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

func TestDistinctEqualsHyperLogLogOfLibrary(t *testing.T) {
	rng := seeded(t)
	for _, n := range []int{0, 1, ExactLimit - 1, ExactLimit, ExactLimit + 1, 20_000, 300_000} {
		library, _ := hyperloglog.NewSketch(precision, false)
		var whole distinct
		var lists slab
		parts := make([]distinct, 7)
		for i := range n {
			value := fmt.Sprint("user", i)
			// The library has 64 bits of hash where we have 40: give it ours.
			library.InsertHash(hashOf(value) << (64 - hashBits))
			whole.add(hashOf(value), &lists)
			parts[rng.IntN(len(parts))].add(hashOf(value), &lists)
			parts[rng.IntN(len(parts))].add(hashOf(value), &lists)
		}
		var merged distinct
		for i := range parts {
			merged.merge(&parts[i], i%2 == 0, &lists)
		}
		got, exact := whole.estimate()
		again, _ := merged.estimate()
		want := uint64(n)
		if n > ExactLimit {
			want = library.Estimate()
		}
		if got != want || again != want || exact != (n <= ExactLimit) {
			t.Errorf("%d values: got %d, merged %d, want %d; exact %v", n, got, again, want, exact)
		}
		if off := math.Abs(float64(got)/max(1, float64(n)) - 1); n > 0 && off > 4*ErrorBound {
			t.Errorf("%d values: estimate %d is %.2f %% off", n, got, 100*off)
		}
	}
	if hashOf("x") != xxhash.Sum64String("x")>>24 {
		t.Error("the hash is not the upper 40 bits of xxhash64, as FORMAT.md says")
	}
}

// TestEstimateIsThatOfTheLibrary for registers of all sorts, to the last value.
func TestEstimateIsThatOfTheLibrary(t *testing.T) {
	rng := seeded(t)
	regs := make([]uint8, registers)
	for most := 0; most <= hashBits-precision+1; most++ {
		for i := range regs {
			regs[i] = uint8(rng.IntN(most + 1))
		}
		var library hyperloglog.Sketch
		// Its own encoding of dense registers: version, p, bias, dense, length.
		b := []byte{2, precision, 0, 0, 0, 0, registers >> 8, 0}
		if err := library.UnmarshalBinary(append(b, regs...)); err != nil {
			t.Fatal(err)
		}
		if got, want := estimateOf(regs), library.Estimate(); got != want {
			t.Errorf("ranks up to %d: got %d, want %d", most, got, want)
		}
	}
}

func TestMaxBytes(t *testing.T) {
	rng := seeded(t)
	a, b, want := make([]uint8, 64), make([]uint8, 64), make([]uint8, 64)
	for i := range a {
		a[i], b[i] = uint8(rng.IntN(28)), uint8(rng.IntN(28))
		want[i] = max(a[i], b[i])
	}
	if maxBytes(a, b); string(a) != string(want) {
		t.Errorf("got %v, want %v", a, want)
	}
}

func TestExactSumDoesNotDependOnOrder(t *testing.T) {
	rng := seeded(t)
	for range 200 {
		var forward, backward, left, right exact
		want := new(big.Rat)
		var list []float64
		for range rng.IntN(50) {
			f := math.Float64frombits(rng.Uint64())
			if rng.IntN(2) == 0 {
				f = float64(rng.IntN(2000)-1000) / 8
			}
			if math.IsNaN(f) || math.IsInf(f, 0) {
				continue
			}
			list = append(list, f)
			if rng.IntN(3) == 0 {
				list = append(list, -f)
			}
		}
		for i := range list {
			forward.add(list[i])
			backward.add(list[len(list)-1-i])
			want.Add(want, new(big.Rat).SetFloat64(list[i]))
			half := &left
			if rng.IntN(2) == 0 {
				half = &right
			}
			half.add(list[i])
		}
		left.merge(&right)
		sum, _ := want.Float64()
		for _, x := range []*exact{&forward, &backward, &left} {
			if got := x.float64(); got != sum {
				t.Fatalf("sum of %v: got %v, want %v", list, got, sum)
			}
		}
		if fmt.Sprint(forward.digits, forward.base) != fmt.Sprint(left.digits, left.base) {
			t.Fatalf("equal sums, different digits: %v, %v", forward, left)
		}
	}
}

func TestSumsLeave64BitsUnharmed(t *testing.T) {
	s := &ints{op: Sum}
	s.grow(2)
	want := []*big.Int{new(big.Int), new(big.Int)}
	vals := []int64{math.MaxInt64, 1 << 53, math.MaxInt64, -5, math.MinInt64, math.MinInt64}
	b := batch{n: len(vals), groups: []uint32{0, 0, 0, 1, 1, 1}}
	for range 5 {
		s.reserve(b.n, span(vals))
		s.addSum(&b, vals, bitmap{})
		for i, v := range vals {
			want[b.groups[i]].Add(want[b.groups[i]], big.NewInt(v))
		}
	}
	back := &ints{op: Sum}
	back.grow(2)
	two := batch{n: 2, groups: []uint32{0, 1}}
	if err := back.read(s.append(nil), &two, new(scratch)); err != nil {
		t.Fatal(err)
	}
	for g := range want {
		if s.big(g).Cmp(want[g]) != 0 || back.big(g).Cmp(want[g]) != 0 {
			t.Errorf("group %d: got %v, decoded %v, want %v", g, s.big(g), back.big(g), want[g])
		}
	}
	if s.int64(0) != math.MaxInt64 || s.int64(1) != math.MinInt64 {
		t.Error("sums beyond 64 bits are not cut to the nearest")
	}
}

func TestPackedNumbersComeBack(t *testing.T) {
	rng := seeded(t)
	for width := range 65 {
		for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 100} {
			vals := make([]int64, n)
			low := int64(rng.Uint64())
			for i := range vals {
				if width > 0 {
					vals[i] = low + int64(rng.Uint64()>>(64-width))
				}
			}
			got := make([]int64, n)
			rest, err := unpack(got, append(appendPacked(nil, vals), 7))
			if err != nil || string(rest) != "\x07" || fmt.Sprint(got) != fmt.Sprint(vals) {
				t.Fatalf("width %d, %d values: got %v, want %v; rest %v, %v", width, n, got, vals, rest, err)
			}
		}
	}
}

// TestSketchesMergeWhatTheyWere: small, dense and encoded sketches of the same values are equal.
func TestSketchesMergeWhatTheyWere(t *testing.T) {
	rng := seeded(t)
	for _, n := range []int{0, 1, 30, 1000, 20_000} {
		whole, parts := &bins{}, &bins{}
		whole.grow(1)
		parts.grow(5)
		for range n {
			v := int64(math.Exp(rng.Float64() * 36))
			whole.groups[0].add(v, &whole.lists)
			parts.groups[rng.IntN(5)].add(v, &parts.lists)
		}
		direct, decoded, kept := &bins{}, &bins{}, &bins{}
		direct.grow(1)
		decoded.grow(1)
		kept.grow(1)
		before := string(parts.append(nil))
		direct.merge(parts, make([]uint32, 5), false)
		if string(parts.append(nil)) != before {
			t.Errorf("%d values: what was merged is not what it was", n)
		}
		five := batch{n: 5, groups: make([]uint32, 5)}
		if err := decoded.read(parts.append(nil), &five, new(scratch)); err != nil {
			t.Fatal(err)
		}
		kept.merge(parts, make([]uint32, 5), true)
		want := string(whole.append(nil))
		for _, s := range []*bins{direct, decoded, kept} {
			if string(s.append(nil)) != want {
				t.Errorf("%d values: merged sketches are not the sketch of all", n)
			}
		}
		if whole.groups[0].count() != uint64(n) {
			t.Errorf("count is %d, want %d", whole.groups[0].count(), n)
		}
	}
}
