package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
)

// scene is a log that a server writes, and who follows it.
type scene struct {
	*house
	dir, log string
	clock    time.Time
	written  int
	notes    bytes.Buffer
	follow   *follow
}

func newScene(t *testing.T) *scene {
	s := &scene{house: newHouse(t), dir: t.TempDir(), clock: time.Now().Add(-time.Hour).Truncate(time.Second)}
	s.log = filepath.Join(s.dir, "access.log")
	s.write("")
	s.start()
	return s
}

// start begins to follow, as after a restart.
func (s *scene) start() {
	s.t.Helper()
	a := &accessLogs{from: "nginx", site: "a.example", files: []string{s.log}}
	f, err := newFollow(s.client, a, s.dir, &s.notes, func() time.Time { return s.clock })
	if err != nil {
		s.t.Fatal(err)
	}
	s.follow = f
}

// stop ends following in order.
func (s *scene) stop() *Report {
	s.follow.finish(s.clock)
	return s.follow.run.report
}

// line is one more page that somebody looked at.
func (s *scene) line() string {
	s.written++
	return fmt.Sprintf("203.0.113.9 - - [%s] \"GET /page/%d HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\"\n",
		s.clock.Format("02/Jan/2006:15:04:05 -0700"), s.written)
}

func (s *scene) lines(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(s.line())
	}
	return b.String()
}

func (s *scene) write(text string) { s.writeTo(s.log, text) }

func (s *scene) writeTo(path, text string) {
	s.t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// pass lets time go by, with a look at the log now and then.
func (s *scene) pass(d time.Duration) {
	s.t.Helper()
	for end := s.clock.Add(d); ; s.clock = s.clock.Add(time.Second) {
		for busy := true; busy; {
			var err error
			if busy, err = s.follow.round(s.t.Context(), s.follow.logs[0]); err != nil {
				s.t.Fatal(err)
			}
		}
		if !s.clock.Before(end) {
			return
		}
	}
}

// want is how many views are stored once everything has settled.
func (s *scene) want(n int) {
	s.t.Helper()
	s.pass(time.Minute)
	if got := s.stored(event.PageView); got != n {
		s.t.Errorf("%d are stored, want %d; %s", got, n, s.notes.String())
	}
}

func (s *scene) rename(from, to string) {
	s.t.Helper()
	if err := os.Rename(filepath.Join(s.dir, from), filepath.Join(s.dir, to)); err != nil {
		s.t.Fatal(err)
	}
}

func TestLogIsReadAsItGrows(t *testing.T) {
	s := newScene(t)
	s.write(s.lines(10))
	s.want(10)
	half := s.line()
	s.write(half[:40])
	s.want(10)
	s.write(half[40:] + s.lines(5))
	s.want(16)
	long := s.lines(12_000)
	s.write(long + strings.Repeat("x", 200_000))
	s.want(12_016)
	s.write("\n" + s.line())
	s.want(12_017)
	if r := s.stop(); r.Access.Bad != 1 || r.Access.Lines != 12_018 || r.Accepted != 12_017 {
		t.Errorf("got %+v", r.Access)
	}
}

func TestRenamedLogIsReadToItsEnd(t *testing.T) {
	s := newScene(t)
	s.write(s.lines(10))
	s.pass(time.Second)
	s.rename("access.log", "access.log.1")
	s.pass(time.Second)
	s.writeTo(s.log+".1", s.lines(3)) // the server was not told yet
	s.write(s.lines(4))
	s.pass(time.Second)
	s.writeTo(s.log+".1", s.line()) // its last worker
	s.want(18)
	s.rename("access.log.1", "access.log.2")
	s.rename("access.log", "access.log.1")
	s.write(s.lines(2))
	s.want(20)
	if r := s.stop(); r.Accepted != 20 {
		t.Errorf("got %+v", r)
	}
}

func TestCopiedAndEmptiedLogIsReadOn(t *testing.T) {
	s := newScene(t)
	s.write(s.lines(10))
	s.pass(time.Second)
	s.write(s.lines(7)) // nobody has read them when the log is emptied
	text, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	s.writeTo(s.log+".1", string(text))
	if err := os.Truncate(s.log, 0); err != nil {
		t.Fatal(err)
	}
	s.write(s.lines(5))
	s.want(22)
	// It grows at once to more than it was: only its beginning tells.
	if err := os.Truncate(s.log, 0); err != nil {
		t.Fatal(err)
	}
	s.write(s.lines(30))
	s.want(52)
	if r := s.stop(); r.Duplicates > 10 {
		t.Errorf("got %+v", r)
	}
}

func TestRestartGoesOnWhereItWas(t *testing.T) {
	s := newScene(t)
	s.write(s.lines(10))
	s.want(10)
	s.stop()
	s.write(s.lines(5))
	s.start()
	s.want(15)
	if r := s.stop(); r.Access.Lines != 5 {
		t.Errorf("%d lines were read again", r.Access.Lines-5)
	}
	// Rotated twice and packed while nobody looked.
	s.write(s.lines(3))
	text, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, _ = w.Write(text)
	_ = w.Close()
	s.writeTo(s.log+".2.gz", gz.String())
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(s.log+".2.gz", old, old); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(s.log)
	s.writeTo(s.log+".1", s.lines(4))
	s.writeTo(s.log+".save", s.lines(1)) // not a former log by its name
	s.write(s.lines(2))
	s.start()
	s.want(24)
	if r := s.stop(); r.Access.Lines != 9 || strings.Contains(s.notes.String(), "nowhere") {
		t.Errorf("got %+v, %s", r.Access, s.notes.String())
	}
	// What it was is gone for good: that is said, and the log is read from its beginning.
	s.write(s.lines(1))
	_ = os.Remove(s.log)
	s.write(s.lines(2))
	s.start()
	s.want(26)
	if !strings.Contains(s.notes.String(), "nowhere") {
		t.Errorf("got %s", s.notes.String())
	}
}

func TestViewsHeldAreFoundWhereverTheLogWent(t *testing.T) {
	s := newScene(t)
	s.write(s.lines(10))
	s.pass(2 * time.Second)
	s.stop() // all ten are held
	s.rename("access.log", "access.log.1")
	s.write(s.lines(5))
	s.start()
	s.want(15)
}

func TestViewsHeldAtTheEndAreReadAgain(t *testing.T) {
	s := newScene(t)
	s.write(s.lines(10))
	s.pass(2 * time.Second)
	if n := s.stored(event.PageView); n != 0 {
		t.Errorf("%d views did not wait", n)
	}
	s.stop()
	s.start()
	s.want(10)
}

func TestRotationAtAnyMomentLosesNothing(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv("ANALYTICS_SEED"); text != "" {
		_, _ = fmt.Sscan(text, &seed)
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	s := newScene(t)
	s.write(s.line())
	s.pass(0) // a place to go on from
	n := 0
	for range 60 {
		switch r.IntN(8) {
		case 0:
			s.stop()
			s.start()
		case 1:
			for i := n; i > 0; i-- {
				s.rename(fmt.Sprintf("access.log.%d", i), fmt.Sprintf("access.log.%d", i+1))
			}
			s.rename("access.log", "access.log.1")
			n++
			s.write("")
			// The next rotation comes later: files that were written at one time have no order.
			old := time.Now().Add(time.Duration(n-100) * time.Minute)
			if err := os.Chtimes(s.log+".1", old, old); err != nil {
				t.Fatal(err)
			}
		case 2:
			s.pass(time.Duration(r.IntN(40)) * time.Second)
		default:
			s.write(s.lines(r.IntN(30)))
		}
	}
	s.want(s.written)
}

func TestNamesOfRotatedLogsAreKnown(t *testing.T) {
	for name, want := range map[string]bool{
		"access.log.1": true, "access.log.12.gz": true, "access.log-20261121": true, "access.log-20261121.zst": true,
		"access.log-20261121-1763719200.gz": true, "access.log.2026-11-21_10-00-00": true, "access.1.log": true,
		"access-20261121.log": true, "access-2026-11-21T10-00-00.123.log.gz": true,
		"access.log": false, "access.log.gz": false, "access-2.log": false, "access.logs": false, "access_ssl.log.1": false,
		"access.log.bak": false, "error.log.1": false, "access-admin-20261121.log": false, "other": false,
	} {
		if got := was("access.log", name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if !was("access", "access.1") || was("access", "access-1.log") {
		t.Error("a log without an ending has a number behind its name alone")
	}
}

func TestFollowingEndsWithTheContext(t *testing.T) {
	s := newScene(t)
	s.clock = time.Now()
	s.write(s.lines(3))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.follow.do(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWrongUsesOfFollow(t *testing.T) {
	h := newHouse(t)
	path := h.file("access.log", accessLog(4))
	bad := position{Log: "x", Bytes: 5, Offset: -2}
	place := filepath.Join(t.TempDir(), "p.json")
	if err := bad.save(place); err != nil {
		t.Fatal(err)
	}
	if _, err := loadPosition(place); err == nil || !strings.Contains(err.Error(), "Delete it") {
		t.Errorf("got %v", err)
	}
	for _, c := range []struct{ want, file string }{
		{"--follow takes files", "-"}, {"--follow takes files", filepath.Dir(path)}, {"there is no file", path + "x"},
	} {
		_, err := newFollow(h.client, &accessLogs{from: "nginx", site: "a", files: []string{c.file}}, t.TempDir(),
			new(bytes.Buffer), time.Now)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", c.file, err)
		}
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--follow needs the server", []string{"--follow", "--from", "nginx", "--site", "a.example", path}},
		{"--follow is for access logs", []string{"--follow", path}},
		{"does not go with --follow", []string{"--follow", "--dry-run", "--from", "nginx", path}},
	} {
		if _, _, err := h.run(t.Context(), "", c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v", c.args, err)
		}
	}
}
