package backup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"analytics/engine/fault"
)

// damage is one way to spoil a backup, given the folder of a copy of it.
type damage struct {
	name string
	do   func(t *testing.T, dir string)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// rename gives a file another name in three steps if the name is taken: they are exchanged.
func exchange(t *testing.T, a, b string) {
	t.Helper()
	x, y := read(t, a), read(t, b)
	write(t, a, y)
	write(t, b, x)
}

// damages makes 64 and more of them: bits, cuts, additions, missing, swapped and foreign files, and
// manifests that were edited, with their checksums made right again.
func damages(m, foreign string, files []string) (all []damage) {
	at := func(format string, args ...any) *damage {
		all = append(all, damage{name: fmt.Sprintf(format, args...)})
		return &all[len(all)-1]
	}
	for i := range 32 {
		name := files[i%len(files)]
		at("bit %d of %s", i, name).do = func(t *testing.T, dir string) {
			b := read(t, filepath.Join(dir, name))
			b[(len(b)-1)*i/32] ^= 1 << (i % 8)
			write(t, filepath.Join(dir, name), b)
		}
	}
	for _, name := range files {
		path := func(dir string) string { return filepath.Join(dir, name) }
		at("%s is missing", name).do = func(t *testing.T, dir string) { os.Remove(path(dir)) }
		at("%s is empty", name).do = func(t *testing.T, dir string) { write(t, path(dir), nil) }
		at("%s is cut", name).do = func(t *testing.T, dir string) {
			b := read(t, path(dir))
			write(t, path(dir), b[:len(b)-1])
		}
		at("%s is longer", name).do = func(t *testing.T, dir string) {
			write(t, path(dir), append(read(t, path(dir)), 0))
		}
		at("%s is of another backup", name).do = func(t *testing.T, dir string) {
			write(t, path(dir), read(t, filepath.Join(foreign, name)))
		}
	}
	for i := 1; i < len(files); i++ {
		at("%s and %s are exchanged", files[0], files[i]).do = func(t *testing.T, dir string) {
			exchange(t, filepath.Join(dir, files[0]), filepath.Join(dir, files[i]))
		}
	}
	for name, edit := range edits() {
		at("manifest: %s", name).do = func(t *testing.T, dir string) { forge(t, dir, edit) }
	}
	return all
}

// edits are changes of a manifest that has the right checksums all the same: what Verify counts must
// find them.
func edits() map[string]func(m *Manifest) {
	return map[string]func(m *Manifest){
		"a later format":       func(m *Manifest) { m.Format, m.MinReader = formatVersion+1, formatVersion+1 },
		"another program":      func(m *Manifest) { m.App = "other" },
		"an id that leads out": func(m *Manifest) { m.ID = "../../etc" },
		"a name that leads out": func(m *Manifest) {
			m.Files[0].Name = "../state-000001"
		},
		"a chain that leads out": func(m *Manifest) { m.Chain = []string{"../x"} },
		"one pair more":          func(m *Manifest) { m.Pairs++ },
		"one piece less":         func(m *Manifest) { m.Pieces-- },
		"one byte more":          func(m *Manifest) { m.Bytes++ },
		"one event more":         func(m *Manifest) { m.Totals[0].Events++ },
		"another sum":            func(m *Manifest) { m.Totals[0].Sum = strings.Repeat("0", 16) },
		"a tenant less":          func(m *Manifest) { m.Totals = m.Totals[1:] },
		"a file less":            func(m *Manifest) { m.Files = m.Files[1:] },
		"the last data file less": func(m *Manifest) {
			i := slices.IndexFunc(m.Files, func(f File) bool { return strings.HasPrefix(f.Name, dataStem) })
			m.Files = slices.Delete(m.Files, i, i+1)
		},
		"files in another order": func(m *Manifest) { slices.Reverse(m.Files) },
	}
}

// forge changes the manifest and makes its checksums right again.
func forge(t *testing.T, dir string, edit func(m *Manifest)) {
	t.Helper()
	m := &Manifest{}
	if err := json.Unmarshal(read(t, filepath.Join(dir, manifestName)), m); err != nil {
		t.Fatal(err)
	}
	edit(m)
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, manifestName), raw)
	write(t, filepath.Join(dir, sumsName), m.sums(raw))
}

func TestDamagedBackupsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	m := h.create(false)
	h.shelf("budgets", "b", "2")
	other := h.create(false)
	whole, foreign := filepath.Join(h.place.String(), m.ID), filepath.Join(h.place.String(), other.ID)
	files := []string{manifestName, sumsName}
	for _, f := range m.Files {
		if f.Name[len(f.Name)-1] == '1' {
			files = append(files, f.Name)
		}
	}
	all := damages(m.ID, foreign, files)
	if len(all) < 64 {
		t.Fatalf("only %d damages", len(all))
	}
	refused := 0
	for _, d := range all {
		before := names(t, h.place.String())
		id := "20261121T000000.000Z-00000000"
		dir := filepath.Join(h.place.String(), id)
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		d.do(t, dir)
		if same(t, dir, whole) {
			os.RemoveAll(dir)
			continue // of another backup, and the same bytes
		}
		problems, err := h.verify(id)
		if err == nil && len(problems) == 0 {
			t.Errorf("%s: it was taken for whole", d.name)
		}
		if b, err := Open(t.Context(), h.place, id); err == nil {
			to := filepath.Join(t.TempDir(), "new")
			_, err := b.Restore(t.Context(), h.restoration(to))
			if kind := fault.Of(err).Kind; err == nil || kind != fault.Damaged {
				t.Errorf("%s: restored, %v", d.name, err)
			}
			if _, err := os.Stat(to); err == nil {
				t.Errorf("%s: a folder was made", d.name)
			}
		} else if k := fault.Of(err).Kind; k != fault.Damaged && k != fault.Newer && k != fault.NotFound {
			t.Errorf("%s: %v", d.name, err)
		}
		refused++
		os.RemoveAll(dir)
		if after := names(t, h.place.String()); !slices.Equal(before, after) {
			t.Errorf("%s: %v is left of %v", d.name, after, before)
		}
	}
	if refused < 64 {
		t.Errorf("%d damaged backups were refused, want at least 64", refused)
	}
	t.Logf("%d damaged backups were refused", refused)
	h.whole(m.ID)
}

// same says whether two folders have the same files.
func same(t *testing.T, a, b string) bool {
	t.Helper()
	x, y := names(t, a), names(t, b)
	return slices.Equal(x, y) && !slices.ContainsFunc(x, func(name string) bool {
		return !bytes.Equal(read(t, filepath.Join(a, name)), read(t, filepath.Join(b, name)))
	})
}

// TestADamagedChainIsRefused flips a bit in the file of a full backup that an incremental one needs.
func TestADamagedChainIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	h.create(false)
	m := h.create(true)
	need := m.Needs[0]
	path := filepath.Join(h.place.String(), need.Backup, need.Name)
	b := read(t, path)
	b[len(b)/3] ^= 1
	write(t, path, b)
	problems, err := h.verify(m.ID)
	if err != nil || len(problems) != 1 || !strings.Contains(problems[0], need.Name) {
		t.Errorf("%v, %v; want %s named", problems, err, need.Name)
	}
}

// TestABrokenChainIsLeftBehind removes the full backup that others need: the list says so, and the next
// incremental one needs none of them.
func TestABrokenChainIsLeftBehind(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	full := h.create(false)
	broken := h.create(true)
	if err := os.RemoveAll(filepath.Join(h.place.String(), full.ID)); err != nil {
		t.Fatal(err)
	}
	all, err := List(t.Context(), h.place)
	if err != nil || len(all) != 1 || !strings.Contains(all[0].Problem, full.ID) {
		t.Errorf("%+v, %v; want %s missed", all, err, full.ID)
	}
	if _, err := Open(t.Context(), h.place, ""); err == nil || !strings.Contains(err.Error(), broken.ID) {
		t.Errorf("the newest is opened: %v", err)
	}
	next := h.create(true)
	if len(next.Needs) > 0 {
		t.Errorf("it needs %v", next.Needs)
	}
	h.whole(next.ID)
	if b, err := Open(t.Context(), h.place, ""); err != nil || b.Manifest.ID != next.ID {
		t.Errorf("the newest is not opened: %v", err)
	}
}
