package hook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"analytics/report/outbox"
)

const key = "canary-Key_that-must-never-be-seen"

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func at(t *testing.T, address string, allow []netip.Prefix) *Hook {
	t.Helper()
	u, guard, err := Address(address, allow)
	if err != nil {
		t.Fatal(err)
	}
	return New("the webhook", u, guard)
}

func post(t *testing.T, h *Hook) (*Answer, error) {
	u := h.URL()
	return h.Send(t.Context(), http.MethodPost, u.String(), nil, []byte("{}"))
}

func TestAddresses(t *testing.T) {
	f := func(address string, allow []netip.Prefix, ok bool) {
		t.Helper()
		_, guard, err := Address(address, allow)
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), key) {
			t.Errorf("%q: %v", address, err)
		}
		if err == nil && guard.Public == strings.HasPrefix(address, "http:") {
			t.Errorf("%q: guard %+v", address, guard)
		}
	}
	f("https://hooks.example.com/services/"+key, nil, true)
	f(" https://hooks.example.com/x ", loopback, true)
	f("http://127.0.0.1:8065/hooks/"+key, loopback, true)
	f("http://127.0.0.1:8065/hooks/"+key, nil, false)
	f("ftp://h/"+key, loopback, false)
	f("https:///"+key, nil, false)
	f("https://u:"+key+"@h/x", nil, false)
	f("https://h/x#"+key, nil, false)
	f("https://h/%zz"+key, nil, false)
	f("", nil, false)
}

func TestARedirectIsNotFollowed(t *testing.T) {
	inner := 0
	to := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inner++ }))
	defer to.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(to.URL, status))
		h := at(t, s.URL+"/"+key, loopback)
		a, err := post(t, h)
		if err != nil {
			t.Fatal(err)
		}
		if r := h.Judge(a, "", false, time.Time{}); r == nil || r.Fate != outbox.Closed {
			t.Errorf("%d: %+v", status, r)
		}
		s.Close()
	}
	if inner > 0 {
		t.Errorf("followed %d times", inner)
	}
}

func TestPrivateAddressesAreNotReached(t *testing.T) {
	hits := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer s.Close()
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	for _, host := range []string{
		"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "[::1]", "[::ffff:7f00:1]", "[::]",
	} {
		_, err := post(t, at(t, "https://"+host+port+"/"+key, nil))
		r, ok := errors.AsType[*outbox.Refusal](err)
		if !ok || r.Fate != outbox.Again || strings.Contains(r.Error()+r.Do, key) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if hits > 0 {
		t.Errorf("%d requests", hits)
	}
}

func TestAnAnswerIsBoundedAndSaysNoSecret(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, r.URL.String()+" ")
		io.Copy(w, io.LimitReader(endless{}, 5<<20))
	}))
	defer s.Close()
	h := at(t, s.URL+"/hooks/"+key+"?token="+key, loopback)
	a, err := post(t, h)
	if err != nil || len(a.Body) != maxAnswer {
		t.Fatalf("%d bytes, %v", len(a.Body), err)
	}
	r := h.Judge(a, string(a.Body), false, time.Time{})
	if strings.Contains(r.Error(), key) || len(r.Error()) > 400 || r.Fate != outbox.Bad {
		t.Errorf("got %v", r)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestWhatDoesNotAnswerIsTriedAgainAndSaysNoSecret(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}))
	h := at(t, s.URL+"/hooks/"+key, loopback)
	_, broken := post(t, h)
	s.Close()
	_, closed := post(t, h)
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	u := h.URL()
	_, late := h.Send(ctx, http.MethodPost, u.String(), nil, nil)
	for what, err := range map[string]error{"broken": broken, "closed": closed, "late": late} {
		r, ok := errors.AsType[*outbox.Refusal](err)
		if !ok || r.Fate != outbox.Again || r.Do == "" || strings.Contains(r.Error()+r.Do, key) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if strings.Contains(h.Mark(), key) {
		t.Error("the mark says the key")
	}
}

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	f := func(header string, want time.Duration, told ...float64) {
		t.Helper()
		h := http.Header{}
		if header != "" {
			h.Set("Retry-After", header)
		}
		if got := RetryAfter(h, now, told...); got != want {
			t.Errorf("RetryAfter(%q, %v) = %v, want %v", header, told, got, want)
		}
	}
	f("30", 30*time.Second)
	f("0", 0)
	f("0.3", 300*time.Millisecond)
	f("1", 1500*time.Millisecond, 1.5)
	f("Sat, 21 Nov 2026 08:02:00 GMT", 2*time.Minute)
	f("Sat, 21 Nov 2026 07:00:00 GMT", 0)
	f("", usualPause)
	f("soon", usualPause)
	f("-1", usualPause)
	f("NaN", usualPause)
	f("1e300", maxPause)
	f("99999999999", maxPause)
}

func TestStatusesDecideTheFate(t *testing.T) {
	h := at(t, "https://h.example/x", nil)
	f := func(status int, closes bool, want outbox.Fate) {
		t.Helper()
		r := h.Judge(&Answer{Status: status, Header: http.Header{}}, "", closes, time.Time{})
		if r == nil || r.Fate != want || r.Do == "" {
			t.Errorf("%d is %+v, want fate %d", status, r, want)
		}
	}
	for _, s := range []int{500, 502, 503, 504, 408, 425} {
		f(s, true, outbox.Again)
	}
	for _, s := range []int{401, 403, 404} {
		f(s, true, outbox.Closed)
		f(s, false, outbox.Again)
	}
	for _, s := range []int{400, 413, 422, 405} {
		f(s, true, outbox.Bad)
	}
	f(429, false, outbox.Wait)
	f(410, false, outbox.Closed)
	r := h.Judge(&Answer{Status: 503, Header: http.Header{"Retry-After": {"120"}}}, "", true, time.Time{})
	if r.Fate != outbox.Again || r.After != 2*time.Minute {
		t.Errorf("503 with Retry-After: %+v", r)
	}
}
