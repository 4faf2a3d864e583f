package crash

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	kills = flag.Int("kills", 20, "how often TestKill kills the server")
	seed  = flag.Uint64("seed", 0, "seed of the random tests; 0 takes one from the clock")
	keep  = flag.String("keep", "", "folder for the data, kept afterwards; empty: a temporary one")
)

// begin makes a data folder and a load with a seed that a failing run prints.
func begin(t *testing.T) (dir string, l *load, r *rand.Rand) {
	t.Helper()
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (give it back with -seed)", n)
	base := *keep
	if base == "" {
		base = t.TempDir()
	}
	l = &load{ledger: newLedger(t, filepath.Join(base, "ledger"), n), t: t, workers: 4, largest: 300}
	return filepath.Join(base, "data"), l, rand.New(rand.NewPCG(n, 1))
}

// TestKill kills the server at random moments under load, with sealing, merging and rolling up going
// on, and holds the store against the ledger.
func TestKill(t *testing.T) {
	dir, l, r := begin(t)
	every := max(5, *kills/20) // verifying reads everything, so the long form does it more rarely
	for life := 1; life <= *kills; life++ {
		s := start(t, dir, true)
		if life%every == 1 {
			l.verify(s)
		}
		timer := time.AfterFunc(time.Duration(50+r.IntN(1450))*time.Millisecond, s.kill)
		work := make(chan struct{})
		go func() {
			defer close(work)
			for s.alive() {
				for _, name := range []string{"seal", "merge", "session_cleanup"} {
					if err := s.job(name); err != nil {
						t.Error(err)
						return
					}
				}
				if life%4 == 0 {
					l.reprice(s, life/4)
				}
			}
		}()
		l.run(s, nil)
		<-work
		timer.Stop()
		if t.Failed() {
			t.FailNow()
		}
	}
	s := start(t, dir, true)
	l.verify(s)
	took := s.terminate()
	healthy(t, dir)
	t.Logf("%d kills, %d events acknowledged, %d batches refused, last SIGTERM took %s",
		*kills, l.acks.Load(), l.refused.Load(), took.Round(time.Millisecond))
}

// TestFailpoints stops the server at each edge of commit, seal, merge, rebuild, reprice, drop and of
// storing sessions.
func TestFailpoints(t *testing.T) {
	dir, l, _ := begin(t)
	l.plenty = 5_000
	points := failpoints(t)
	for _, point := range points {
		if strings.HasPrefix(point, "erase.") || strings.HasPrefix(point, "adopt.") {
			continue // see TestErasureIsFinished and TestRestoreKills
		}
		s := start(t, dir, false, "ANALYTICS_FAILPOINT="+point+":1", "ANALYTICS_RETENTION_HOURLY_KEEP_DAYS=100")
		stop := make(chan struct{})
		reached := make(chan struct{})
		go func() {
			defer close(reached)
			defer close(stop)
			for round := 0; round < 60 && s.alive(); round++ {
				l.sendOld(s)
				for _, name := range []string{"seal", "merge", "session_cleanup", "retention"} {
					s.job(name)
				}
				s.do("POST", "/v1/rollup/rebuild?"+l.span().Encode(), "", nil)
				if strings.HasPrefix(point, "rewrite.") {
					l.reprice(s, round)
				}
				if strings.HasPrefix(point, "purge.") || strings.HasPrefix(point, "scrub.") {
					l.forget(s)
				}
			}
		}()
		l.run(s, stop)
		<-reached
		if s.alive() {
			t.Errorf("failpoint %s was never reached", point)
			s.kill()
		}
	}
	s := start(t, dir, true)
	l.forget(s) // what a crash left of them
	l.verify(s)
	s.terminate()
	healthy(t, dir)
	t.Logf("%d failpoints, %d events acknowledged", len(points), l.acks.Load())
}

// TestErasureIsFinished kills the server in the middle of clearing everything: what was begun is
// finished on the next start, and what comes after is kept.
func TestErasureIsFinished(t *testing.T) {
	for _, point := range []string{"erase.intent", "erase.dropped"} {
		dir, l, _ := begin(t)
		s := start(t, dir, true, "ANALYTICS_FAILPOINT="+point+":1")
		stop := make(chan struct{})
		time.AfterFunc(300*time.Millisecond, func() { close(stop) })
		l.run(s, stop)
		if err := s.job("seal"); err != nil {
			t.Fatal(err)
		}
		if out, err := s.do("POST", "/analytics/clear", "", nil); err == nil {
			t.Fatalf("%s was not reached: %s", point, out)
		}
		<-s.gone
		l.ledger = newLedger(t, filepath.Join(t.TempDir(), "ledger"), l.seed+1)
		s = start(t, dir, true)
		if rows := l.export(s, "ai_request"); len(rows) > 0 {
			t.Errorf("%s: %d events are left", point, len(rows))
		}
		stop = make(chan struct{})
		time.AfterFunc(300*time.Millisecond, func() { close(stop) })
		l.run(s, stop)
		l.verify(s)
		s.terminate()
		healthy(t, dir)
	}
}

// failpoints asks the binary for the names of its edges.
func failpoints(t *testing.T) []string {
	t.Helper()
	out, code := command(t, t.TempDir(), "doctor", "--failpoints")
	if code != 0 {
		t.Fatalf("doctor --failpoints: exit %d\n%s", code, out)
	}
	return strings.Fields(out)
}

// sendOld sends an old event of a kind of its own, which retention then drops: so the edges of
// dropping, and of its cells of hours becoming one of days, are crossed without touching what the ledger knows.
func (l *load) sendOld(s *server) {
	for _, day := range []string{"01", "02"} {
		s.do("POST", "/v1/events", "application/json", []byte(
			`{"type":"metric","name":"old","value":1,"timestamp":"2026-01-`+day+`T00:00:00Z"}`))
	}
}

// reprice gives the load's model another price and prices history again, which writes all segments
// with AI requests anew.
func (l *load) reprice(s *server, round int) {
	s.do("POST", "/v1/pricing/set", "application/json",
		fmt.Appendf(nil, `{"model":"gpt-4o","input_per_1m":"%d","output_per_1m":"1"}`, 1+round%7))
	s.do("POST", "/v1/pricing/reprice?"+l.span().Encode(), "", nil)
}

// forget sends an event that is not counted, of somebody who is erased then.
func (l *load) forget(s *server) {
	s.do("POST", "/v1/events", "application/json", []byte(`{"type":"ai_request","model":"gpt-4o","user_id":"forget-me"}`))
	s.do("POST", "/v1/erasures", "application/json", []byte(`{"user_id":"forget-me"}`))
}

// healthy runs the doctor on a closed store.
func healthy(t *testing.T, dir string) {
	t.Helper()
	if out, code := command(t, dir, "doctor"); code != 0 {
		t.Fatalf("doctor: exit %d\n%s", code, out)
	}
}

func decodeLines[T any](t *testing.T, b []byte) []T {
	t.Helper()
	var out []T
	for line := range bytes.Lines(b) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		out = append(out, v)
	}
	return out
}

// needRoot skips a test that needs root, loudly, or fails it where skipping is an error.
func needRoot(t *testing.T, why string) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("ANALYTICS_TEST_STRICT") != "" {
		t.Fatalf("needs root: %s", why)
	}
	t.Skipf("SKIPPED: needs root: %s", why)
}
