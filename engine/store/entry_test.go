package store

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"analytics/engine/archive"
	"analytics/engine/event"
)

// exampleEntry is the entry of the golden file.
func exampleEntry() *entry {
	h := event.Hour(498504)
	return &entry{
		place: placeOf(Default, event.AIRequest, h), to: h + 2, id: 1794614400000000,
		rows: 140_000, min: h.Start() + 1, max: (h + 1).End() - 1,
		size: 2*pieceSize + 5, pieces: []uint32{1, 0xdeadbeef, 3},
		hours: []hourShare{{h, 100_000, 0x1122334455667788}, {h + 1, 40_000, math.MaxUint64}},
		groups: []groupInfo{
			{archive.GroupRows, h.Start() + 1, (h + 1).Start()},
			{140_000 - archive.GroupRows, (h + 1).Start(), (h + 1).End() - 1},
		},
		blocksAt: 1794614400000007,
		blocks:   []blockRef{{1, 900, []uint32{7}}, {4, 0, nil}},
	}
}

func TestGoldenEntry(t *testing.T) { golden(t, "entry.hex", exampleEntry().bytes()) }

// TestGoldenCondensedEntry is the one thing that a program of format 1 does not know.
func TestGoldenCondensedEntry(t *testing.T) {
	e := exampleEntry()
	e.dropped, e.daily, e.size, e.pieces, e.groups = true, true, 0, nil, nil
	golden(t, "condensed.hex", e.bytes())
}

// facts is an entry without what it has only in memory.
func facts(e *entry) entry {
	c := entry{
		place: e.place, to: e.to, id: e.id, rows: e.rows, min: e.min, max: e.max,
		dropped: e.dropped, daily: e.daily, size: e.size, pieces: e.pieces, hours: e.hours, groups: e.groups,
		blocksAt: e.blocksAt, blocks: e.blocks,
	}
	if len(c.pieces) == 0 {
		c.pieces = nil
	}
	c.blocks = append([]blockRef(nil), c.blocks...)
	for i := range c.blocks {
		if len(c.blocks[i].pieces) == 0 {
			c.blocks[i].pieces = nil
		}
	}
	return c
}

func TestEntryComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
		crcs := func(size uint64) (out []uint32) {
			for range pieceCount(size) {
				out = append(out, rapid.Uint32().Draw(t, "crc"))
			}
			return out
		}
		first := event.Hour(rapid.Uint32Range(0, 1<<31).Draw(t, "hour"))
		e := &entry{
			place:   placeOf(Tenant{1, 2, 3}, event.Kind(1+n("kind", 7)), first),
			to:      first + 1 + event.Hour(n("span", hoursPerDay-1)),
			id:      SegmentID(rapid.Uint64().Draw(t, "id")),
			dropped: rapid.Bool().Draw(t, "dropped"),
			min:     event.Micros(rapid.Int64().Draw(t, "min")),
			max:     event.Micros(rapid.Int64().Draw(t, "max")),
			size:    uint64(n("size", 5*pieceSize)),
		}
		e.daily = e.dropped && rapid.Bool().Draw(t, "daily")
		e.blocksAt = SegmentID(rapid.Uint64().Draw(t, "blocks at"))
		for h := first; h < e.to; h++ {
			if rapid.Bool().Draw(t, "hour has rows") {
				share := hourShare{h, uint64(n("rows", 1000)), rapid.Uint64().Draw(t, "sum")}
				e.hours = append(e.hours, share)
				e.rows += share.rows
			}
		}
		if !e.dropped {
			e.pieces = crcs(e.size)
			if e.rows > 0 {
				e.groups = []groupInfo{{e.rows, -5, event.Micros(n("last", math.MaxInt32))}}
			}
		}
		for range n("blocks", 3) {
			size := uint64(n("block size", 2*pieceSize))
			e.blocks = append(e.blocks, blockRef{byte(n("cube", 255)), size, crcs(size)})
		}
		got, err := parseEntry(e.key(), e.bytes())
		if err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		if want := facts(e); !reflect.DeepEqual(facts(got), want) {
			t.Fatalf("got %+v, want %+v", facts(got), want)
		}
	})
}

func TestAlteredEntryIsRefused(t *testing.T) {
	e := exampleEntry()
	b := e.bytes()
	for i := range b {
		for bit := range 8 {
			c := bytes.Clone(b)
			c[i] ^= 1 << bit
			if _, err := parseEntry(e.key(), c); err == nil {
				t.Fatalf("bit %d of byte %d is not missed", bit, i)
			}
		}
	}
	e.id++
	if _, err := parseEntry(e.key(), b); err == nil {
		t.Error("an entry is accepted under another key")
	}
	refuse := func(name string, change func(*entry)) {
		t.Helper()
		e := exampleEntry()
		change(e)
		if _, err := parseEntry(e.key(), e.bytes()); err == nil {
			t.Errorf("accepted: %s", name)
		}
	}
	refuse("a piece too few", func(e *entry) { e.pieces = e.pieces[1:] })
	refuse("more rows than its hours", func(e *entry) { e.rows++ })
	refuse("an hour outside", func(e *entry) { e.to-- })
	refuse("hours out of order", func(e *entry) { e.hours[0], e.hours[1] = e.hours[1], e.hours[0] })
	refuse("a span of two days", func(e *entry) { e.to += 2 * hoursPerDay })
	refuse("groups that lack rows", func(e *entry) { e.groups = e.groups[1:] })
	refuse("days in the place of hours whose events are there", func(e *entry) { e.daily = true })
	refuse("a block without its pieces", func(e *entry) { e.blocks[0].pieces = nil })
}

// FuzzEntry gives every input a right checksum, or none would get past it.
func FuzzEntry(f *testing.F) {
	e := exampleEntry()
	b := e.bytes()
	f.Add(b[:len(b)-4])
	f.Fuzz(func(t *testing.T, body []byte) {
		crc := crc32.Update(crc32.Checksum(e.key(), castagnoli), castagnoli, body)
		got, err := parseEntry(e.key(), binary.LittleEndian.AppendUint32(bytes.Clone(body), crc))
		if err != nil {
			return
		}
		again, err := parseEntry(got.key(), got.bytes())
		if err != nil || !reflect.DeepEqual(facts(again), facts(got)) {
			t.Fatalf("%+v comes back as %+v, %v", facts(got), again, err)
		}
	})
}
