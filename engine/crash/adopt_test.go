package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// adoptEdges are the failpoints of taking over what was archived after a backup: see retention/lake.
var adoptEdges = []string{
	"adopt.begin", "adopt.staged", "adopt.proved", "adopt.before", "adopt.after", "adopt.taken", "adopt.committed",
}

// TestRestoreKills stops a restore, and a server that does later what a restore could not, at each edge of taking
// over what was archived after the backup. Made again, the store has every event once, but those of a person who
// was erased after the backup; and all goes on as if nothing had been.
func TestRestoreKills(t *testing.T) {
	folder, backups := filepath.Join(t.TempDir(), "archive"), filepath.Join(t.TempDir(), "backups")
	t.Setenv("ANALYTICS_ARCHIVE_FOLDER", folder)
	t.Setenv("ANALYTICS_ARCHIVE_AFTER_DAYS", "1")
	t.Setenv("ANALYTICS_RETENTION_DAYS", "3")
	want := map[string]int{}
	s := start(t, filepath.Join(t.TempDir(), "data"), true)
	settle := func(s *server) {
		t.Helper()
		for _, name := range []string{"seal", "merge", "archive", "retention"} {
			if err := s.job(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	sendLate(s, want, "before")
	gone := time.Now().UTC().AddDate(0, 0, -5).Truncate(24 * time.Hour).Format(time.RFC3339)
	if _, err := s.do("POST", "/v1/events", "application/json", []byte(
		`{"type":"tool_call","tool":"t","id":"gone","user_id":"gone","timestamp":"`+gone+`"}`)); err != nil {
		t.Fatal(err)
	}
	settle(s)
	if out, code := command(t, s.dir, "backup", "create", backups); code != 0 {
		t.Fatal(out)
	}
	sendLate(s, want, "after")
	if out, code := command(t, s.dir, "erase", "--user", "gone", "--yes"); code != 0 {
		t.Fatal(out)
	}
	settle(s)
	s.kill()
	for i, edge := range adoptEdges {
		for _, how := range []string{"restore", "server"} {
			if how == "restore" && i%3 != 0 && os.Getenv("ANALYTICS_TEST_STRICT") == "" {
				continue
			}
			restoreKilled(t, filepath.Join(t.TempDir(), "restored"), folder, backups, edge, how, want)
		}
	}
}

// restoreKilled restores, is killed at an edge, and wants all to be well once it is made again.
func restoreKilled(t *testing.T, dir, folder, backups, edge, how string, want map[string]int) {
	t.Helper()
	restore := func(env string, code int) {
		t.Helper()
		t.Setenv("ANALYTICS_FAILPOINT", env)
		out, got := command(t, dir, "backup", "restore", backups, "--erasures", folder)
		if got != code {
			t.Fatalf("%s, %s: restore ended with %d: %s", edge, how, got, out)
		}
		t.Setenv("ANALYTICS_FAILPOINT", "")
	}
	if how == "restore" {
		restore(edge+":1", 137)
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: a restore that was killed left %s", edge, dir)
		}
		restore("", 0)
	} else {
		t.Setenv("ANALYTICS_ARCHIVE_FOLDER", "")
		restore("", 0)
		t.Setenv("ANALYTICS_ARCHIVE_FOLDER", folder)
		s := start(t, dir, false, "ANALYTICS_FAILPOINT="+edge+":1")
		_ = s.job("adopt")
		select {
		case <-s.gone:
		case <-time.After(20 * time.Second):
			t.Errorf("failpoint %s was never reached", edge)
			s.kill()
		}
	}
	s := start(t, dir, true)
	for _, name := range []string{"adopt", "erasures", "archive", "retention"} {
		if err := s.job(name); err != nil {
			t.Errorf("%s, %s: %v", edge, how, err)
		}
	}
	wantOnce(s, fmt.Sprint(edge, " of the ", how), want)
	out, err := s.do("GET", "/v1/query?metrics=tool_calls&since=30d&include_bots=true", "", nil)
	if n := fmt.Sprintf(`"totals":{"tool_calls":%d}`, len(want)); err != nil || !strings.Contains(string(out), n) {
		t.Errorf("%s, %s: %s, %v; want %s", edge, how, out, err, n)
	}
	for path, wrong := range map[string]string{"/v1/erasures": `"pending"`, "/v1/archive/verify": `"damaged"`} {
		method := map[bool]string{true: "POST", false: "GET"}[strings.HasSuffix(path, "verify")]
		if out, err := s.do(method, path, "", nil); err != nil || strings.Contains(string(out), wrong) {
			t.Errorf("%s, %s: %s: %s, %v", edge, how, path, out, err)
		}
	}
	s.terminate()
	healthy(t, dir)
}
