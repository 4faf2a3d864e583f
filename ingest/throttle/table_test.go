package throttle

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"analytics/engine/event"
)

// TestTableForgetsTheOldest plays against a list in order of use.
func TestTableForgetsTheOldest(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	const most = 8
	table, order := newTable[uint64](most), []uint64{} // newest first
	for range 10_000 {
		key := random.Uint64N(20)
		v := table.get(key)
		i := slices.Index(order, key)
		if i >= 0 != (*v == key+1) {
			t.Fatalf("seed %d: key %d is %d although its place is %d", seed, key, *v, i)
		}
		*v = key + 1
		if i >= 0 {
			order = slices.Delete(order, i, i+1)
		}
		order = slices.Insert(order, 0, key)
		order = order[:min(len(order), most)]
		var got []uint64
		table.each(func(key uint64, _ *uint64) { got = append(got, key) })
		if !slices.Equal(got, order) || len(table.at) != len(order) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, order)
		}
	}
}

// TestAMillionForgedAddressesTakeLittleMemory holds the gate to security's bar of 32 MB, and a
// visitor who is still there to its level.
func TestAMillionForgedAddressesTakeLittleMemory(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	g := New(House{Now: func() time.Time { return at }}, DefaultConfig())
	g.note(g.hash(home, browser), ScannerHits, 10)
	before := heap()
	for i := range uint32(1_000_000) {
		var ip [4]byte
		binary.BigEndian.PutUint32(ip[:], 1<<24+i)
		g.Request(netip.AddrFrom4(ip), browser)
		if i%50_000 == 0 {
			ask(g, home, browser, 1)
		}
	}
	grown := heap() - before
	t.Logf("1,000,000 addresses: %.1f MB, %d forgotten", float64(grown)/1e6, g.visitors.evicted)
	if grown > 32<<20 {
		t.Errorf("the gate has %d bytes, over 32 MiB", grown)
	}
	if d := g.of(home, browser); d.Level != Blocked {
		t.Errorf("who was blocked and is still there is %s after the flood", d.Level)
	}
	if n := len(g.addresses.at); n != maxKept || len(g.visitors.at) != maxKept {
		t.Errorf("%d addresses and %d visitors are kept, want %d", n, len(g.visitors.at), maxKept)
	}
	runtime.KeepAlive(g)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkRequest(b *testing.B) {
	g := New(House{Now: time.Now}, Config{Enabled: true, Rate: 1e6, Burst: 1e6, Decay: time.Minute})
	var n uint32
	b.ReportAllocs()
	for b.Loop() {
		n++
		var ip [4]byte
		binary.BigEndian.PutUint32(ip[:], 1<<24+n%10_000)
		g.Request(netip.AddrFrom4(ip), browser)
	}
}

// BenchmarkEvent is what a page view costs while it is taken in: of a tracker, of whom nothing is
// learned, and of the user's own server.
func BenchmarkEvent(b *testing.B) {
	for _, via := range []string{"tracker", "server"} {
		b.Run(via, func(b *testing.B) {
			g := New(House{Now: time.Now}, DefaultConfig())
			var e event.Event
			e.Reset(event.PageView)
			e.SetInt(event.Timestamp, int64(event.MicrosOf(time.Now())))
			e.SetText(event.PageClientIP, []byte("203.0.113.7"))
			e.SetText(event.PageUserAgent, []byte(browser))
			e.SetText(event.PageVia, []byte(via))
			e.SetText(event.PageBotClass, []byte("human"))
			b.ReportAllocs()
			for b.Loop() {
				g.Event(&e)
			}
		})
	}
}
