package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/retention/depot"
)

var update = flag.Bool("update", false, "write golden files anew")

// samplePiece is the record that FORMAT.md explains.
func samplePiece() piece {
	return piece{key: []byte("skey"), size: 65536, sum: sha256.Sum256([]byte("piece")),
		where: where{from: 2, file: 7, offset: 131072}}
}

// TestRecordsHaveTheBytesOfTheFormat holds the records against what FORMAT.md says.
func TestRecordsHaveTheBytesOfTheFormat(t *testing.T) {
	t.Parallel()
	p := samplePiece()
	got := hex.EncodeToString(appendPair(nil, []byte("xkey"), []byte("value"))) + "\n" +
		hex.EncodeToString(appendPiece(nil, &p)) + "\n"
	golden := filepath.Join("testdata", "records.hex")
	if *update {
		write(t, golden, []byte(got))
	}
	want := string(read(t, golden))
	if got != want {
		t.Errorf("records are\n%s\nwant\n%s", got, want)
	}
	page := string(read(t, "FORMAT.md"))
	for line := range strings.Lines(want) {
		if !strings.Contains(page, strings.TrimSpace(line)) {
			t.Errorf("FORMAT.md does not have the example %s", line)
		}
	}
}

// TestABackupOfVersion1IsRead restores a backup that was made when the format was.
func TestABackupOfVersion1IsRead(t *testing.T) {
	t.Parallel()
	const folder = "testdata/v1"
	h := newHouse(t)
	if *update {
		h.lived()
		o := h.options()
		o.packSize = 0
		m, err := Create(t.Context(), h.store, h.place, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(folder, os.DirFS(filepath.Join(h.place.String(), m.ID))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(h.place.String(), "v1"), os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	h.whole("v1")
	back, out := h.restore("v1")
	if text := totals(t, back); !strings.Contains(text, `{"tenant":"o","type":"ai_request","events":70,`) ||
		out.Logins != 1 {
		t.Errorf("restored %s, %d logins ended", text, out.Logins)
	}
}

func FuzzRecords(f *testing.F) {
	p := samplePiece()
	f.Add(appendPiece(nil, &p))
	f.Add(appendPair(nil, []byte("xkey"), []byte("value")))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bufio.NewReader(bytes.NewReader(b))
		if k, v, err := readPair(in, nil, nil); err == nil {
			got := appendPair(nil, k, v)
			again, v2, err := readPair(bufio.NewReader(bytes.NewReader(got)), nil, nil)
			if err != nil || !bytes.Equal(again, k) || !bytes.Equal(v2, v) {
				t.Errorf("pair %x %x became %x %x, %v", k, v, again, v2, err)
			}
		}
		var p, q piece
		in = bufio.NewReader(bytes.NewReader(b))
		if err := readPiece(in, &p); err == nil {
			err := readPiece(bufio.NewReader(bytes.NewReader(appendPiece(nil, &p))), &q)
			if err != nil || !bytes.Equal(p.key, q.key) || p.sum != q.sum || p.where != q.where || p.size != q.size {
				t.Errorf("piece %+v became %+v, %v", p, q, err)
			}
		} else if err == io.EOF && len(b) > 0 {
			t.Errorf("%x is the end", b)
		}
	})
}

func FuzzManifest(f *testing.F) {
	raw, err := os.ReadFile("testdata/v1/manifest.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"format":1,"app":"analytics","id":"20261120T120000.000Z-00000000"}`))

	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, manifestName), raw)
		write(t, filepath.Join(dir, sumsName), (&Manifest{}).sums(raw))

		m, err := readManifest(t.Context(), depot.NewFolder(filepath.Dir(dir)), filepath.Base(dir))
		if err == nil && m.sensible() != nil {
			t.Errorf("%s was taken", raw)
		}
	})
}
