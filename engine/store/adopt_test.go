package store

import (
	"bytes"
	"io"
	"io/fs"
	"math"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// counted derives one block that says how many events there are.
func counted(_ event.Kind, recs []arrow.Record) ([]Block, error) {
	n := int64(0)
	for _, r := range recs {
		n += r.NumRows()
	}
	return []Block{{Cube: 1, Data: []byte{byte(n), byte(n >> 8)}}}, nil
}

// shelfOfFiles is an archive in memory.
type shelfOfFiles map[SegmentID][]byte

func (f shelfOfFiles) source(_ Tenant, _ event.Kind, _ event.Hour, id SegmentID) (io.ReaderAt, error) {
	if b, ok := f[id]; ok {
		return bytes.NewReader(b), nil
	}
	return nil, fs.ErrNotExist
}

// archive copies every segment of a store.
func (f shelfOfFiles) archive(t *testing.T, s *Store) (ids []SegmentID) {
	t.Helper()
	n := s.Snapshot(always(event.ToolCall))
	defer n.Release()
	for _, g := range n.Segments() {
		var b bytes.Buffer
		if err := n.Copy(t.Context(), &g, &b); err != nil {
			t.Fatal(err)
		}
		f[g.ID], ids = b.Bytes(), append(ids, g.ID)
	}
	return ids
}

func (f shelfOfFiles) outside() (all []Outside) {
	for id, b := range f {
		all = append(all, Outside{ID: id, Size: int64(len(b)), File: bytes.NewReader(b)})
	}
	return all
}

// TestAdoptedFilesAreSegmentsWithTheirCubes: a file of events that the store never had, and one in the place of a
// segment whose file is gone. Both survive a restart, and made again nothing happens.
func TestAdoptedFilesAreSegmentsWithTheirCubes(t *testing.T) {
	cfg := small(t.TempDir())
	cfg.Derive = counted
	day := midday.AddDate(0, 0, -2)
	former := open(t, small(t.TempDir()))
	appendAll(t, former, toolCalls("a", day, 300), 300, 0)
	appendAll(t, former, toolCalls("b", day.Add(-3*time.Hour), 70), 70, 0)
	if _, err := former.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	newer := shelfOfFiles{}
	newer.archive(t, former)

	s := open(t, cfg)
	appendAll(t, s, toolCalls("a", day, 300), 300, 0)
	appendAll(t, s, toolCalls("own", day, 20), 20, 0)
	if _, err := s.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	old := shelfOfFiles{}
	s.ReadArchive(old.source)
	if _, err := s.DropSegments(t.Context(), Default, event.ToolCall, old.archive(t, s)); err != nil {
		t.Fatal(err)
	}
	s.ReadArchive(newer.source) // what the store let go is there no more
	a := Adoption{Files: newer.outside()}
	first := event.MicrosOf(day).Hour()
	_, err := s.Adopt(t.Context(), Default, event.ToolCall, first, a)
	if f := fault.Of(err); f.Kind != fault.Conflict {
		t.Errorf("20 events are missing, and the store says %v", err)
	}
	a.Fewer = func(event.Hour) bool { return true }
	for _, again := range []bool{false, true} {
		r, err := s.Adopt(t.Context(), Default, event.ToolCall, first, a)
		if err != nil || r.After != 370 || len(r.Named) != len(newer) || (r.Before == r.After) != again {
			t.Fatalf("%+v, %v", r, err)
		}
		wantPieces(t, s, 0)
		wantSound(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, cfg)
		s.ReadArchive(newer.source)
		if got := idsIn(t, s, always(event.ToolCall)); len(got) != 370 || got["own-0"] != 0 || got["b-0"] != 1 {
			t.Errorf("%d events", len(got))
		}
		n := s.Snapshot(always(event.ToolCall))
		for _, g := range n.Segments() {
			block, err := n.Block(t.Context(), &g, 1)
			if want := []byte{byte(g.Rows), byte(g.Rows >> 8)}; err != nil || !slices.Equal(block, want) {
				t.Errorf("segment %d with %d events has the block %v, %v", g.ID, g.Rows, block, err)
			}
		}
		n.Release()
	}
}

// TestAdoptNeedsRoom: a disk that filled up since the last look refuses the day and leaves what there is.
func TestAdoptNeedsRoom(t *testing.T) {
	former := open(t, small(t.TempDir()))
	day := midday.AddDate(0, 0, -2)
	appendAll(t, former, toolCalls("a", day, 300), 300, 0)
	if _, err := former.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	files := shelfOfFiles{}
	files.archive(t, former)
	cfg := small(t.TempDir())
	var free atomic.Int64
	free.Store(1 << 40)
	cfg.Space = func(string) (int64, int64, error) { return free.Load(), 1 << 40, nil }
	s := open(t, cfg)
	s.ReadArchive(files.source)
	free.Store(1 << 10)
	first := event.MicrosOf(day).Hour()
	_, err := s.Adopt(t.Context(), Default, event.ToolCall, first, Adoption{Files: files.outside()})
	if fault.Of(err).Kind != fault.Full {
		t.Errorf("with 1 KiB free: %v", err)
	}
	free.Store(1 << 40)
	r, err := s.Adopt(t.Context(), Default, event.ToolCall, first, Adoption{Files: files.outside()})
	if err != nil || r.After != 300 {
		t.Errorf("with room again: %+v, %v", r, err)
	}
	wantSound(t, s)
}

// TestAdoptRefusesFilesOfAnotherDay, of another kind and cut ones, and changes nothing.
func TestAdoptRefusesFilesOfAnotherDay(t *testing.T) {
	former := openAt(t, t.TempDir(), midday)
	appendAll(t, former, toolCalls("a", midday.AddDate(0, 0, -2), 300), 300, 0)
	if _, err := former.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	files := shelfOfFiles{}
	files.archive(t, former)
	s := openAt(t, t.TempDir(), midday)
	day := event.MicrosOf(midday.AddDate(0, 0, -2)).Hour()
	f := func(k event.Kind, day event.Hour, all []Outside) {
		t.Helper()
		r, err := s.Adopt(t.Context(), Default, k, day, Adoption{Files: all, Trust: true})
		if fault.Of(err).Kind != fault.Damaged || r.After != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	f(event.ToolCall, day+24, files.outside())
	f(event.AIRequest, day, files.outside())
	cut := files.outside()
	cut[0].Size--
	f(event.ToolCall, day, cut)
	wantSound(t, s)
}
