package spelling

import (
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	f := func(a, b string, want int) {
		t.Helper()
		if got := Distance(a, b); got != want {
			t.Errorf("distance of %s and %s is %d, want %d", a, b, got, want)
		}
	}
	f("", "abc", 3)
	f("cost", "cost", 0)
	f("csot", "cost", 1)
	f("requets", "requests", 1)
	f("kitten", "sitting", 3)
}

func TestTheNearestNamesComeFirst(t *testing.T) {
	names := strings.Fields("cost requests request_bytes errors model p95_duration_ms by")
	f := func(name, want string) {
		t.Helper()
		if got := strings.Join(Nearest(name, names), " "); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	f("reqests", "requests")
	f("MODLE", "model")
	f("request", "requests request_bytes")
	f("p95", "p95_duration_ms")
	f("xy", "by")
	f("zzzz", "")
	f(strings.Repeat("cost", 20), "")
}
