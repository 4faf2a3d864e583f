package geo

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"
)

// asked are addresses in and between the networks of the test files.
var asked = []netip.Addr{
	netip.MustParseAddr("81.2.69.142"), netip.MustParseAddr("193.99.144.80"), netip.MustParseAddr("1.1.1.1"),
	netip.MustParseAddr("2a02:8100::1"), netip.MustParseAddr("2001:218::1"), netip.MustParseAddr("255.0.0.1"),
}

// survive opens what may be a file and asks it about places, and checks only that this ends, and what
// it says of names.
func survive(t *testing.T, dir string, b []byte) {
	t.Helper()
	path := filepath.Join(dir, "damaged.mmdb")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for k := range kinds {
		d, err := open(path, dir, k)
		if err != nil {
			continue
		}
		verified := d.verify() == nil
		for _, a := range asked {
			r, err := d.lookup(a)
			if verified && err != nil {
				t.Errorf("a file that was verified fails: %v", err)
			}
			if max(len(r.city), len(r.region), len(r.owner)) > maxText || r.country != "" && !isCode(r.country) {
				t.Errorf("%s: got %+v", a, r)
			}
		}
	}
}

func TestDamagedFilesNeverEndTheProcess(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"city.mmdb", "network.mmdb", "flat-city.mmdb"} {
		good := read(t, name)
		for n := 0; n < len(good); n += 197 {
			survive(t, dir, good[:n])
			survive(t, dir, good[n:])
		}
		bad := make([]byte, len(good))
		for i := 0; i < len(good); i += 1 + len(good)/200 {
			copy(bad, good)
			bad[i] ^= 1 << (i % 8)
			survive(t, dir, bad)
			if i%5 == 0 {
				bad[i] = 0xff
				survive(t, dir, bad)
			}
		}
	}
}

func FuzzDamage(f *testing.F) {
	for _, name := range []string{"city-next.mmdb", "network.mmdb", "flat-city.mmdb"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { survive(t, t.TempDir(), b) })
}
