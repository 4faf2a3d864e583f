package store

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"math"
	"testing"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// copies puts copies of all tool calls' segments into files, and gives their ids.
func copies(t *testing.T, s *Store, files map[SegmentID][]byte) (ids []SegmentID) {
	t.Helper()
	n := s.Snapshot(always(event.ToolCall))
	defer n.Release()
	for _, g := range n.Segments() {
		var copied bytes.Buffer
		if err := n.Copy(t.Context(), &g, &copied); err != nil {
			t.Fatal(err)
		}
		files[g.ID], ids = copied.Bytes(), append(ids, g.ID)
	}
	return ids
}

// toArchive has all tool calls read from copies.
func toArchive(t *testing.T, s *Store) {
	t.Helper()
	files := map[SegmentID][]byte{}
	s.ReadArchive(func(_ Tenant, _ event.Kind, _ event.Hour, id SegmentID) (io.ReaderAt, error) {
		return bytes.NewReader(files[id]), nil
	})
	if _, err := s.DropSegments(t.Context(), Default, event.ToolCall, copies(t, s, files)); err != nil {
		t.Fatal(err)
	}
}

// TestArchivedSegmentsReadTheSame drops segments that were copied, and wants the same events from the
// copies: before and after a restart, and an error, never other events, from a damaged one.
func TestArchivedSegmentsReadTheSame(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	appendAll(t, s, toolCalls("a", midday.AddDate(0, 0, -2), 3000), 3000, 0)
	appendAll(t, s, toolCalls("b", midday.AddDate(0, 0, -1), 500), 500, 0)
	if _, err := s.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	all := always(event.ToolCall)
	want := idsIn(t, s, all)
	files := map[SegmentID][]byte{}
	source := func(_ Tenant, _ event.Kind, _ event.Hour, id SegmentID) (io.ReaderAt, error) {
		return bytes.NewReader(files[id]), nil
	}
	n := s.Snapshot(all)
	var ids []SegmentID
	for _, g := range n.Segments() {
		var copied bytes.Buffer
		if err := n.Copy(t.Context(), &g, &copied); err != nil || int64(copied.Len()) != g.Size() {
			t.Fatalf("copied %d bytes of %d: %v", copied.Len(), g.Size(), err)
		}
		files[g.ID] = copied.Bytes()
		if err := n.Prove(t.Context(), &g, bytes.NewReader(files[g.ID])); err != nil {
			t.Fatal(err)
		}
		other := bytes.Clone(files[g.ID])
		other[len(other)/3] ^= 1
		if n.Prove(t.Context(), &g, bytes.NewReader(other)) == nil {
			t.Error("a copy with a flipped bit was proved")
		}
		ids = append(ids, g.ID)
	}
	n.Release()
	if _, err := s.DropSegments(t.Context(), Default, event.ToolCall, ids); fault.Of(err).Code != "no_archive" {
		t.Errorf("dropping without an archive gave %v", err)
	}
	s.ReadArchive(source)
	done, err := s.DropSegments(t.Context(), Default, event.ToolCall, ids)
	if err != nil || done.Rows != 3500 {
		t.Fatalf("dropped %d rows, want 3500: %v", done.Rows, err)
	}
	wantPieces(t, s, 0)
	if got := idsIn(t, s, all); !maps.Equal(got, want) {
		t.Errorf("%d events from the archive, want %d", len(got), len(want))
	}
	wantSound(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, dir, midday)
	if got := idsIn(t, s, all); len(got) != 0 {
		t.Errorf("%d events without the archive", len(got))
	}
	n = s.Snapshot(all)
	for _, g := range n.Segments() {
		if !g.RawDropped || !g.Archived() {
			t.Errorf("segment %d is not gone without the archive", g.ID)
		}
	}
	n.Release()
	s.ReadArchive(source)
	for _, f := range files {
		f[len(f)/2] ^= 1
	}
	wantUnreadable(t, s, all, "archive_unreadable")
	away := fault.New(fault.Unavailable, "bucket_unavailable", "the bucket said SlowDown")
	s.ReadArchive(func(Tenant, event.Kind, event.Hour, SegmentID) (io.ReaderAt, error) { return nil, away })
	wantUnreadable(t, s, all, "archive_unreachable")
}

// wantUnreadable wants what is wrong with the archive to be an error that says so.
func wantUnreadable(t *testing.T, s *Store, all Range, want string) {
	t.Helper()
	n := s.Snapshot(all)
	defer n.Release()
	bad := 0
	for _, c := range n.Chunks() {
		if _, err := c.Read(t.Context(), nil); err != nil {
			bad++
			if code := fault.Of(err).Code; code != want {
				t.Errorf("got %q, want %q: %v", code, want, err)
			}
		}
	}
	if bad == 0 {
		t.Errorf("files were read, want %q", want)
	}
}

// TestPurgeGoesOnWhereTheArchiveLostAFile purges from a day of which the archive has one file, lost
// another, and cannot reach a third.
func TestPurgeGoesOnWhereTheArchiveLostAFile(t *testing.T) {
	s := openAt(t, t.TempDir(), midday)
	files := map[SegmentID][]byte{}
	trouble := error(fs.ErrNotExist)
	s.ReadArchive(func(_ Tenant, _ event.Kind, _ event.Hour, id SegmentID) (io.ReaderAt, error) {
		if files[id] == nil {
			return nil, trouble
		}
		return bytes.NewReader(files[id]), nil
	})
	for _, name := range []string{"a", "b"} {
		appendAll(t, s, toolCalls(name, midday.AddDate(0, 0, -2), 300), 300, 0)
		if _, err := s.Seal(t.Context(), math.MaxUint32, true); err != nil {
			t.Fatal(err)
		}
	}
	ids := copies(t, s, files)
	if _, err := s.DropSegments(t.Context(), Default, event.ToolCall, ids); err != nil || len(ids) != 2 {
		t.Fatal(ids, err)
	}
	delete(files, ids[0])
	p, pruned := third, 0
	p.Prune = func(uint8, []byte) ([]byte, error) { pruned++; return nil, nil }
	trouble = fs.ErrPermission
	if _, err := s.Purge(t.Context(), Default, event.ToolCall, dayOf(midday.AddDate(0, 0, -2)), p); err == nil {
		t.Error("a file out of reach was taken for gone")
	}
	trouble = fs.ErrNotExist
	r, err := s.Purge(t.Context(), Default, event.ToolCall, dayOf(midday.AddDate(0, 0, -2)), p)
	if err != nil || r.Erased == 0 || pruned == 0 {
		t.Errorf("%+v, %v, %d blocks pruned; want events of the file that is there", r, err, pruned)
	}
}

// wantPieces wants so many keys of pieces on disk.
func wantPieces(t *testing.T, s *Store, want int) {
	t.Helper()
	got := 0
	err := s.scan([]byte{byte(spacePiece)}, false, func(_, _ []byte) error {
		got++
		return nil
	})
	if err != nil || got != want {
		t.Errorf("%d pieces on disk, want %d: %v", got, want, err)
	}
}
