package crash

import (
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var flips = flag.Int("flips", 12, "how many random bytes TestDamage flips")

// damage is one way to harm a closed store.
type damage struct {
	name string
	do   func(t *testing.T, dir string)
}

// TestDamage harms copies of a closed store. Each time either the doctor or the server says so, or
// nothing that counts was hit and every event is still answered.
func TestDamage(t *testing.T) {
	dir, l, r := begin(t)
	s := start(t, dir, true)
	stop := make(chan struct{})
	l.largest = 2000
	go func() {
		defer close(stop)
		for l.acks.Load() < 40_000 && s.alive() && !t.Failed() {
			if err := s.job("seal"); err != nil {
				t.Error(err)
			}
		}
	}()
	l.run(s, stop)
	s.terminate()
	healthy(t, dir)
	harms := []damage{
		{"missing MANIFEST", remove("MANIFEST")},
		{"empty MANIFEST", truncate("MANIFEST", 0)},
		{"short MANIFEST", truncate("MANIFEST", -5)},
		{"missing table", remove(".sst")},
		{"empty table", truncate(".sst", 0)},
		{"short table", truncate(".sst", -1000)},
		{"newer FORMAT", newer},
	}
	for range *flips {
		harms = append(harms, flip(r, ".sst"))
	}
	reported := 0
	for _, h := range harms {
		copied := filepath.Join(t.TempDir(), "data")
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		h.do(t, copied)
		out, code := command(t, copied, "doctor")
		switch code {
		case 5:
			reported++
		case 0:
			s := start(t, copied, true)
			l.verify(s)
			s.kill()
		default:
			t.Errorf("%s: doctor ended with %d:\n%s", h.name, code, out)
		}
		if strings.Contains(out, "goroutine ") {
			t.Errorf("%s: doctor crashed:\n%s", h.name, out)
		}
	}
	t.Logf("%d harms, %d reported, the others hit nothing that counts", len(harms), reported)
}

// files lists the files below dir whose name contains part, largest first within reason.
func files(t *testing.T, dir, part string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(d.Name(), part) {
			out = append(out, path)
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("no file like %s in %s: %v", part, dir, err)
	}
	return out
}

func remove(part string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.Remove(files(t, dir, part)[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// truncate cuts a file to size bytes, or by as many if size is negative.
func truncate(part string, size int64) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		path := files(t, dir, part)[0]
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if size < 0 {
			size = max(0, info.Size()+size)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
}

func flip(r *rand.Rand, part string) damage {
	at, bit := r.Float64(), r.IntN(8)
	which := r.Float64()
	return damage{fmt.Sprintf("bit %d at %.4f of a %s", bit, at, part), func(t *testing.T, dir string) {
		all := files(t, dir, part)
		path := all[int(which*float64(len(all)))]
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[int(at*float64(len(b)))] ^= 1 << bit
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}}
}

func newer(t *testing.T, dir string) {
	path := files(t, dir, "FORMAT")[0]
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), `"min_reader":1`, `"min_reader":99`, 1)
	text = strings.Replace(text, `"min_reader": 1`, `"min_reader": 99`, 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
