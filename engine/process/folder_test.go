package process

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

// Who asks about a folder whose name is mistyped is told, and finds no new one there; who brings
// something in has one begun, and is told that it is new.
func TestOnlyWhoBringsSomethingBeginsAFolder(t *testing.T) {
	f := func(words string, want bool) {
		t.Helper()
		dir, said := filepath.Join(t.TempDir(), "dta"), new(bytes.Buffer)
		open := Begun(dir, strings.Fields(words), said, func(ctx context.Context) (http.Handler, func() error, error) {
			s, err := store.Open(ctx, store.Config{Space: storetest.Room, Dir: dir, MemTableSize: 8 << 20})
			if err != nil {
				return nil, nil, err
			}
			return http.NewServeMux(), s.Close, nil
		})
		_, end, err := open(t.Context())
		if !want {
			_, stat := os.Stat(dir)
			if fault.Of(err).Code != "no_data" || !os.IsNotExist(stat) || said.Len() > 0 {
				t.Errorf("%q: %v; then the folder is there: %v; said %q", words, err, stat == nil, said)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(said.String(), dir+" is a new data folder") {
			t.Errorf("%q said %q", words, said)
		}
		said.Reset()
		if _, end, err = open(t.Context()); err != nil || said.Len() > 0 {
			t.Fatalf("%q again: %v, said %q", words, err, said)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	f("overview", false)
	f("costs breakdown --by model", false)
	f("keys list", false)
	f("erase --user anna --yes", false)
	f("importer", false)
	f("", false)
	f("import file.ndjson", true)
	f("keys create web --scope ingest", true)
	f("alerts rules set failing", true)
}
