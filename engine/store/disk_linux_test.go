package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// smallVolume says to the process that TestSmallVolumeFillsUpAndRecovers starts that it is that.
const smallVolume = "ANALYTICS_TEST_SMALL_VOLUME"

// TestSmallVolumeFillsUpAndRecovers fills a real volume of 128 MB, with sealing going on, until the
// store refuses. Had it gone on, Badger would have ended the process with SIGBUS. So that is one of its own,
// whose mounts nobody else sees: they end with it, however it ends.
func TestSmallVolumeFillsUpAndRecovers(t *testing.T) {
	if os.Getenv(smallVolume) != "" {
		fillSmallVolume(t)
		return
	}
	c := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), smallVolume+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	out, err := c.CombinedOutput()
	_, ended := errors.AsType[*exec.ExitError](err)
	switch {
	case err != nil && !ended && os.Getenv("ANALYTICS_TEST_STRICT") == "":
		t.Skipf("SKIPPED, only root can have mounts of its own: %v", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("SKIPPED:\n%s", out)
	}
	t.Logf("%s", out)
}

func fillSmallVolume(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128m"); err != nil {
		if os.Getenv("ANALYTICS_TEST_STRICT") != "" {
			t.Fatalf("needs root to mount a volume: %v", err)
		}
		t.Skipf("SKIPPED, a volume can only be mounted by root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 16<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := small(filepath.Join(dir, "data"))
	cfg.MaxHeadBytes, cfg.Space = 8<<20, nil // the volume itself is asked
	s := open(t, cfg)
	defer s.Close()
	f := &filling{t: t, random: rand.New(rand.NewPCG(1, 2))}
	if err := f.fill(s); fault.Of(err).Code != "disk_full" {
		t.Fatalf("filling ended with %v", err)
	}
	if got := f.count(s); got != f.acked {
		t.Errorf("with the disk full %d events are read, want %d", got, f.acked)
	}
	full := f.acked
	removeFile(t, filler)
	s.disk.look()
	if err := f.fill(s); fault.Of(err).Code != "disk_full" || f.acked == full {
		t.Errorf("with room again %d events were taken in, then %v", f.acked-full, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, cfg)
	defer s.Close()
	if got := f.count(s); got != f.acked {
		t.Errorf("after reopening %d events are read, want %d", got, f.acked)
	}
	t.Logf("%d events, then %d more", full, f.acked-full)
}

// filling puts events of about 400 bytes that do not compress into a store until it refuses.
type filling struct {
	t      *testing.T
	random *rand.Rand
	acked  int
}

func (f *filling) fill(s *Store) error {
	for i := range 2000 {
		var b event.Batch
		for n := range 200 {
			f.add(&b, f.acked+n)
		}
		if _, err := s.Append(context.Background(), Default, &b); err != nil {
			return err
		}
		f.acked += 200
		if i%40 == 39 {
			_, err := s.Seal(context.Background(), 0, true)
			if err != nil && fault.Of(err).Kind != fault.Full {
				f.t.Fatal(err)
			}
		}
	}
	return nil
}

func (f *filling) add(b *event.Batch, number int) {
	title := make([]byte, 400)
	for i := range title {
		title[i] = byte(f.random.Uint32())
	}
	var e event.Event
	e.Reset(event.PageView)
	e.SetInt(event.Timestamp, int64(event.MicrosOf(testClock)))
	e.SetID(event.EventID, fmt.Append(nil, "event-", number))
	e.SetText(event.PageTitle, title)
	b.Add(&e)
}

// count reads all events of the store.
func (f *filling) count(s *Store) int {
	n := s.Snapshot(always(event.PageView))
	defer n.Release()
	rows := 0
	for _, c := range n.Chunks() {
		rec, err := c.Read(context.Background(), []int{event.Timestamp})
		if err != nil {
			f.t.Fatal(err)
		}
		rows += int(rec.NumRows())
		rec.Release()
	}
	return rows
}
