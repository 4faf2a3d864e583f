package crash

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// archiveEdges are the failpoints of the archive, in the order in which a day meets them: see retention/lake.
var archiveEdges = []string{
	"archive.begin", "archive.written", "archive.synced", "archive.verified", "archive.placed",
	"archive.manifest", "archive.committed", "archive.rechecked", "archive.dropped",
}

// TestArchiveKills stops the server at each edge of archiving a day and of letting it go from the store. After
// each kill a question finds every event once, wherever it lies.
func TestArchiveKills(t *testing.T) {
	times := 1
	if os.Getenv("ANALYTICS_TEST_STRICT") != "" { // the gate
		times = 3
	}
	dir := filepath.Join(t.TempDir(), "data")
	env := []string{"ANALYTICS_ARCHIVE_FOLDER=" + filepath.Join(t.TempDir(), "archive"),
		"ANALYTICS_ARCHIVE_AFTER_DAYS=1", "ANALYTICS_RETENTION_DAYS=3"}
	want := map[string]int{}
	for _, edge := range archiveEdges {
		for n := range times {
			s := start(t, dir, false, append(env, "ANALYTICS_FAILPOINT="+edge+":1")...)
			sendLate(s, want, fmt.Sprint(edge, n))
			for _, name := range []string{"seal", "merge", "archive", "retention"} {
				if err := s.job(name); err != nil {
					t.Error(err)
				}
			}
			select {
			case <-s.gone:
			case <-time.After(20 * time.Second):
				t.Errorf("failpoint %s was never reached", edge)
				s.kill()
			}
			s = start(t, dir, true, env...)
			wantOnce(s, edge, want)
			s.kill()
		}
	}
	s := start(t, dir, true, env...)
	for _, name := range []string{"archive", "retention"} {
		if err := s.job(name); err != nil {
			t.Error(err)
		}
	}
	wantOnce(s, "the end", want)
	out, err := s.do("POST", "/v1/archive/verify", "", nil)
	if err != nil || strings.Contains(string(out), "damage") {
		t.Errorf("the archive: %s, %v", out, err)
	}
	s.terminate()
	healthy(t, dir)
	t.Logf("%d kills, %d events", len(archiveEdges)*times, len(want))
}

// sendLate sends events of two days that are archived and let go already, or will be.
func sendLate(s *server, want map[string]int, name string) {
	s.t.Helper()
	var lines []byte
	for i := range 20 {
		at := time.Now().UTC().AddDate(0, 0, -5-i%2).Truncate(24 * time.Hour).Add(time.Duration(i) * time.Hour)
		id := fmt.Sprintf("%s-%d", name, i)
		lines = fmt.Appendf(lines, `{"type":"tool_call","tool":"t","id":%q,"timestamp":%q}`+"\n", id, at.Format(time.RFC3339))
		want[id] = 1
	}
	if _, err := s.do("POST", "/v1/events", "application/x-ndjson", lines); err != nil {
		s.t.Fatal(err)
	}
}

// wantOnce wants each event once in an export, which reads journal, segments and archive.
func wantOnce(s *server, when string, want map[string]int) {
	s.t.Helper()
	out, err := s.do("GET", "/v1/export?type=tool_call&format=ndjson&since=30d", "", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	got := map[string]int{}
	for line := range strings.Lines(string(out)) {
		var e struct{ ID string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			s.t.Fatal(err)
		}
		got[e.ID]++
	}
	if !maps.Equal(got, want) {
		s.t.Errorf("after %s there are %d events, want %d, each once", when, len(got), len(want))
	}
}
