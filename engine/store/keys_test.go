package store

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/event"
)

// examples is a key of every space with its bytes, as FORMAT.md shows them.
var examples = []struct {
	key  key
	want string
}{
	{key{space: spaceJournal, place: placeOf(Default, event.AIRequest, 498504), seq: 7},
		"6a" + "64656661756c7400" + "01" + "00079b48" + "0000000000000007"},
	{key{space: spacePiece, place: placeOf(Default, event.PageView, 1), seq: 9, piece: 2},
		"73" + "64656661756c7400" + "04" + "00000001" + "0000000000000009" + "00000002"},
	{key{space: spaceBlock, place: placeOf(Default, event.PageView, 1), seq: 9, cube: 3, piece: 2},
		"62" + "64656661756c7400" + "04" + "00000001" + "0000000000000009" + "03" + "00000002"},
	{key{space: spaceCatalog, place: placeOf(Default, event.Metric, 1), seq: 9},
		"63" + "64656661756c7400" + "08" + "00000001" + "0000000000000009"},
	{key{space: spaceMark, place: placeOf(Default, event.Metric, 1)},
		"6d" + "64656661756c7400" + "08" + "00000001"},
	{key{space: spaceLedger, place: placeOf(Default, event.Metric, 1)},
		"6c" + "64656661756c7400" + "08" + "00000001"},
	{key{space: spaceShelf, place: place{series: series{tenant: Default}}, shelf: 3, name: "ab"},
		"78" + "64656661756c7400" + "03" + "6162"},
	{key{space: spaceErase, place: place{series: series{tenant: Default}}}, "65" + "64656661756c7400"},
	{key{space: spaceSequence}, "71"},
}

func TestKeysAreTheDocumentedBytes(t *testing.T) {
	for _, c := range examples {
		if got := hex.EncodeToString(c.key.bytes()); got != c.want {
			t.Errorf("%+v is %s, want %s", c.key, got, c.want)
		}
		if got, err := parseKey(c.key.bytes()); err != nil || got != c.key {
			t.Errorf("read back %+v, %v; want %+v", got, err, c.key)
		}
	}
}

func TestKeysSortByTime(t *testing.T) {
	p := placeOf(Default, event.AIRequest, 255)
	next := placeOf(Default, event.AIRequest, 256)
	for _, c := range [][2][]byte{
		{journalKey(p, 255), journalKey(p, 256)},
		{journalKey(p, 1<<40), journalKey(next, 1)},
		{pieceKey(p, 1, 255), pieceKey(p, 1, 256)},
		{pieceKey(p, 255, 9), pieceKey(p, 256, 0)},
	} {
		if bytes.Compare(c[0], c[1]) >= 0 {
			t.Errorf("%x does not come before %x", c[0], c[1])
		}
	}
}

// TestFormatPageNamesEveryFieldAndShelf keeps FORMAT.md complete: a number on disk that is not on
// the page is lost knowledge.
func TestFormatPageNamesEveryFieldAndShelf(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", formatPage))
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(string(b)), " ")
	for _, k := range event.Kinds() {
		_, list, ok := strings.Cut(page, fmt.Sprintf("* kind %d, `%s`:", k, k))
		if !ok {
			t.Errorf("%s is not there", k)
			continue
		}
		list, _, _ = strings.Cut(list, ".")
		for i, f := range k.Fields() {
			if line := fmt.Sprintf("`%d` %s ", i, f.Name); f.Transient || i < event.Common {
				continue
			} else if !strings.Contains(list, line) {
				t.Errorf("%s lacks %s", k, line)
			}
		}
	}
	whole := fmt.Sprintf("%d,%03d", pieceSize/1000, pieceSize%1000)
	if !strings.Contains(page, "pieces of "+whole+" bytes") {
		t.Errorf("the page does not say that pieces are of %s bytes", whole)
	}
	for name, n := range shelves {
		if line := fmt.Sprintf("%d `%s`", n, name); !strings.Contains(page, line) {
			t.Errorf("the page lacks shelf %s", line)
		}
	}
}

const formatPage = "FORMAT.md"

func FuzzParseKey(f *testing.F) {
	for _, c := range examples {
		f.Add(c.key.bytes())
	}
	f.Add([]byte{})
	f.Add([]byte("zzz"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseKey(b)
		if err == nil && !bytes.Equal(k.bytes(), b) {
			t.Errorf("%x became %+v and then %x", b, k, k.bytes())
		}
	})
}
