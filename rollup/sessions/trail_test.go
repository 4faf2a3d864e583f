package sessions

import (
	"fmt"
	"strings"
	"testing"
)

// TestJourneyIsInOrderAndBounded: a page that is loaded again is there once, and a crawler's journey ends.
func TestJourneyIsInOrderAndBounded(t *testing.T) {
	f := func(want string, paths ...string) {
		t.Helper()
		var j trail
		for _, p := range paths {
			j.add([]byte(p))
		}
		if got := strings.ReplaceAll(string(j.text), "\n", " "); got != want {
			t.Errorf("%q give %q, want %q", paths, got, want)
		}
	}
	f("")
	f("/", "/")
	f("/a /b /a", "/a", "/b", "/b", "/a")
	f("/a b", "/a\nb", "/a\nb")
	f("(other)", strings.Repeat("x", 5000), "/a")
	f("/a (other)", "/a", strings.Repeat("x", 4095), "/b", "/c")
	var j trail
	for i := range 1000 {
		j.add(fmt.Appendf(nil, "/%d", i))
	}
	lines := strings.Split(string(j.text), "\n")
	if len(lines) != maxStops+1 || lines[maxStops-1] != "/99" || lines[maxStops] != Other {
		t.Errorf("%d lines, the last are %q", len(lines), lines[len(lines)-2:])
	}
	for i := range 1000 {
		var j trail
		for range 20 {
			j.add([]byte("/" + strings.Repeat("y", i)))
			j.add([]byte("/z"))
		}
		if len(j.text) > 4096 {
			t.Fatalf("%d bytes of paths of %d bytes", len(j.text), i)
		}
	}
}

func TestNamesAreASetAndBounded(t *testing.T) {
	var n names
	for _, name := range []string{"signup", "", "sign", "signup", "a\nb", "up"} {
		n.add([]byte(name))
	}
	if got := string(n.text); got != "signup\nsign\nup" {
		t.Errorf("names are %q", got)
	}
	for i := range 1000 {
		n.add(fmt.Appendf(nil, "event-%d", i))
	}
	if len(n.text) > maxNames || !strings.HasPrefix(string(n.text), "signup\nsign\nup\nevent-0\n") {
		t.Errorf("%d bytes of names", len(n.text))
	}
}
