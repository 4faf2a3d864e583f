package geo

import (
	"bytes"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// house is an atlas with files that may be written over, and what it logged.
type house struct {
	*Atlas
	t      *testing.T
	dir    string
	config Config
	log    bytes.Buffer
	clock  time.Time
}

func newHouse(t *testing.T, cityFile, networkFile string) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	h.config = Config{City: filepath.Join(h.dir, "city.mmdb"), Network: filepath.Join(h.dir, "network.mmdb")}
	h.Atlas = New(t.TempDir(), slog.New(slog.NewTextHandler(&h.log, nil)))
	h.put("city.mmdb", read(t, cityFile))
	h.put("network.mmdb", read(t, networkFile))
	if err := h.Use(h.config); err != nil {
		t.Fatal(err)
	}
	return h
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// put writes over a file in place, as cp does, an hour after the last time.
func (h *house) put(name string, b []byte) {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	h.clock = h.clock.Add(time.Hour)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Chtimes(path, h.clock, h.clock); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) place(addr string) Place { return h.Place(netip.MustParseAddr(addr)) }

func TestPlacesByFile(t *testing.T) {
	h := newHouse(t, "city.mmdb", "network.mmdb")
	for addr, want := range map[string]Place{
		"81.2.69.142":          {"GB", "England", "London", "Example Networks Ltd"},
		"::ffff:81.2.69.142":   {"GB", "England", "London", "Example Networks Ltd"},
		"89.160.20.112":        {"SE", "Östergötland County", "Linköping", ""},
		"193.99.144.80":        {"DE", "Lower Saxony", "Hanover", "AS64497"},
		"2a02:8100::1":         {"DE", "Hesse", "Frankfurt am Main", "Beispiel Telekom"},
		"8.8.8.8":              {"US", "", "", ""},
		"67.43.156.1":          {"BT", "", "", ""}, // the file's word, whatever the program's table has
		"193.100.0.1":          {"DE", "", "", ""}, // no country in the file
		"1.1.1.1":              {"AU", "", "", ""}, // not in the file
		"2001:4860:4860::8888": {"US", "California", "Mountain View", ""},
	} {
		if got := h.place(addr); got != want {
			t.Errorf("%s: got %+v, want %+v", addr, got, want)
		}
		if got := h.Country(netip.MustParseAddr(addr)); got != want.Country {
			t.Errorf("%s: got %s, want %s", addr, got, want.Country)
		}
	}
}

func TestAddressesOfNobodyHaveNoPlace(t *testing.T) {
	h := newHouse(t, "city.mmdb", "network.mmdb") // has entries for some of these
	for _, addr := range []string{
		"10.1.2.3", "192.168.1.1", "172.16.0.1", "127.0.0.1", "100.64.1.1", "169.254.1.1", "192.0.2.1", "198.51.100.1",
		"203.0.113.9", "198.18.0.1", "0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1", "240.1.1.1", "::", "::1",
		"fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1", "::ffff:192.168.1.1", "100::1",
	} {
		if got := h.place(addr); got != (Place{}) {
			t.Errorf("%s: got %+v", addr, got)
		}
	}
	if got := h.Place(netip.Addr{}); got != (Place{}) {
		t.Errorf("no address: got %+v", got)
	}
}

func TestCountriesNeedNoFile(t *testing.T) {
	var none *Atlas
	for _, a := range []*Atlas{none, New(t.TempDir(), nil)} {
		for addr, want := range map[string]string{
			"8.8.8.8": "US", "::ffff:8.8.8.8": "US", "2001:4860:4860::8888": "US", "193.99.144.80": "DE",
			"127.0.0.1": "", "10.1.2.3": "", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": "",
		} {
			if got := a.Place(netip.MustParseAddr(addr)); got != (Place{Country: want}) {
				t.Errorf("%s: got %+v, want %s", addr, got, want)
			}
		}
		if got := a.Place(netip.Addr{}); got != (Place{}) {
			t.Errorf("no address: got %+v", got)
		}
	}
}

func TestFlatRecordsAreUnderstood(t *testing.T) {
	h := newHouse(t, "flat-city.mmdb", "flat-network.mmdb")
	if got, want := h.place("81.2.69.1"), (Place{"GB", "England", "London", "Example Networks Ltd"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBadFilesAreRefusedByName(t *testing.T) {
	dir := t.TempDir()
	good := read(t, "city.mmdb")
	for name, b := range map[string][]byte{"empty": nil, "text": []byte("not a database"), "half": good[:len(good)/2],
		"tail": good[len(good)/2:]} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ city, network, want string }{
		{"/nowhere/x.mmdb", "", "city: /nowhere/x.mmdb: no such file or directory"},
		{dir, "", "city: " + dir},
		{filepath.Join(dir, "empty"), "", "is damaged or in another format"},
		{filepath.Join(dir, "text"), "", "is damaged or in another format"},
		{filepath.Join(dir, "half"), "", "is damaged or in another format"},
		{filepath.Join(dir, "tail"), "", "is damaged or in another format"},
		{"testdata/network.mmdb", "", `city: testdata/network.mmdb is a file of type "Test-ASN", not one of cities`},
		{"", "testdata/city.mmdb", `network: testdata/city.mmdb is a file of type "Test-City", not one of networks`},
	} {
		cfg := Config{c.city, c.network}
		a := New(dir, nil)
		err := a.Use(cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %q in it", cfg, err, c.want)
		}
		if checked := Check(cfg, t.TempDir()); err != nil && strings.Join(checked, "\n") != err.Error() {
			t.Errorf("checked without being used: %q, used: %v", checked, err)
		}
		if wrong := a.Wrong(); err != nil && strings.Join(wrong, "\n") != err.Error() {
			t.Errorf("%+v: %v is wrong, and was said to be %q", cfg, err, wrong)
		}
	}
	a := New(dir, nil)
	if err := a.Use(Config{"/nowhere/a", "/nowhere/b"}); err == nil || strings.Count(err.Error(), "no such file") != 2 {
		t.Errorf("want both problems, got %v", err)
	}
	if err := a.Use(Config{"testdata/city.mmdb", "testdata/network.mmdb"}); err != nil || len(a.Wrong()) > 0 {
		t.Error(err, a.Wrong())
	}
}

func TestANewFileIsTakenOverWhileRunning(t *testing.T) {
	h := newHouse(t, "city.mmdb", "network.mmdb")
	h.Look()
	if got := h.place("81.2.69.1").City; got != "London" {
		t.Fatalf("got %q", got)
	}
	h.put("city.mmdb", read(t, "city-next.mmdb"))
	if got := h.place("81.2.69.1").City; got != "London" {
		t.Errorf("before it was looked for: got %q", got)
	}
	h.Look()
	if got := h.place("81.2.69.1").City; got != "Cambridge" {
		t.Errorf("got %q", got)
	}
	if got := h.place("81.2.69.1").Network; got != "Example Networks Ltd" {
		t.Errorf("the other file: got %q", got)
	}
	h.put("city.mmdb", read(t, "city.mmdb"))
	if err := h.Use(h.config); err != nil { // as SIGHUP
		t.Fatal(err)
	}
	if got := h.place("81.2.69.1").City; got != "London" {
		t.Errorf("after a reload: got %q", got)
	}
	if err := h.Use(Config{}); err != nil {
		t.Fatal(err)
	}
	if got, want := h.place("81.2.69.1"), (Place{Country: "GB"}); got != want {
		t.Errorf("without files: got %+v, want %+v", got, want)
	}
}

// TestAFileThatGoesBadChangesNothing writes over the file in place, which would change or end what a
// map of it reads.
func TestAFileThatGoesBadChangesNothing(t *testing.T) {
	h := newHouse(t, "city.mmdb", "network.mmdb")
	for name, b := range map[string][]byte{
		"empty": {}, "cut": read(t, "city.mmdb")[:100], "zeros": make([]byte, 5000), "kind": read(t, "network.mmdb"),
	} {
		h.log.Reset()
		h.put("city.mmdb", b)
		for range 3 {
			h.Look()
			if got := h.place("81.2.69.1").City; got != "London" {
				t.Errorf("%s: got %q", name, got)
			}
		}
		if n := strings.Count(h.log.String(), "not taken over"); n != 1 || !strings.Contains(h.log.String(), "geo.city") {
			t.Errorf("%s: said %d times: %s", name, n, h.log.String())
		}
		if err := h.Use(h.config); err == nil || !strings.Contains(err.Error(), "geo.city: ") {
			t.Errorf("%s: a reload says %v", name, err)
		}
	}
	h.log.Reset()
	if err := os.Remove(h.config.City); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		h.Look()
	}
	if n := strings.Count(h.log.String(), "no such file"); n != 1 || h.place("81.2.69.1").City != "London" {
		t.Errorf("gone: said %d times: %s", n, h.log.String())
	}
	h.put("city.mmdb", read(t, "city-next.mmdb"))
	if h.Look(); h.place("81.2.69.1").City != "Cambridge" {
		t.Error("a good file after bad ones is not taken over")
	}
}

func TestNoCopyStays(t *testing.T) {
	h := newHouse(t, "city.mmdb", "network.mmdb")
	left, err := os.ReadDir(h.Atlas.dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func BenchmarkPlace(b *testing.B) {
	a := New(b.TempDir(), nil)
	if err := a.Use(Config{City: "testdata/city.mmdb", Network: "testdata/network.mmdb"}); err != nil {
		b.Fatal(err)
	}
	addr := netip.MustParseAddr("81.2.69.142")
	b.ReportAllocs()
	for b.Loop() {
		if a.Place(addr).City != "London" {
			b.Fatal("wrong")
		}
	}
}

func TestNamesAreKeptWhole(t *testing.T) {
	for text, want := range map[string]string{
		"Köln": "Köln", strings.Repeat("ö", 100): strings.Repeat("ö", 64), "x" + strings.Repeat("ö", 100): "x" +
			strings.Repeat("ö", 63), "a\xffb": "ab",
	} {
		if got := kept(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
