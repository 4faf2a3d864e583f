package web

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"analytics/engine/auth"
	"analytics/engine/fault"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err := firstOf(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstded(t testing.TB, b []byte, opts ...zstd.EOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, opts...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(b)
	if err := firstOf(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func echoMux() *Mux {
	m := bare(&lines{})
	m.Handle("POST /echo", auth.None, echo)
	return m
}

func TestBodiesComeInflated(t *testing.T) {
	m := echoMux()
	text := []byte(strings.Repeat("an event a line\n", 10_000))
	f := func(encoding string, body []byte) {
		t.Helper()
		for range 3 { // the same decoder again
			w := ask(m, "POST", "/echo", bytes.NewReader(body), "Content-Encoding", encoding)
			if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), text) {
				t.Errorf("%s: got %d with %d bytes, want %d bytes", encoding, w.Code, w.Body.Len(), len(text))
			}
		}
	}
	f("", text)
	f("identity", text)
	f("gzip", gzipped(t, text))
	f("GZIP", gzipped(t, text))
	f("zstd", zstded(t, text))
	f("gzip", append(gzipped(t, text[:1000]), gzipped(t, text[1000:])...))
	f("zstd", append(zstded(t, text[:1000]), zstded(t, text[1000:])...))
}

func TestBodiesThatAreRefused(t *testing.T) {
	m := echoMux()
	f := func(encoding string, body []byte, status int, code string) {
		t.Helper()
		w := ask(m, "POST", "/echo", bytes.NewReader(body), "Content-Encoding", encoding)
		wantError(t, w, status, code)
		// The length is not always known beforehand.
		w = ask(m, "POST", "/echo", iotest.OneByteReader(bytes.NewReader(body[:min(len(body), 1<<16)])),
			"Content-Encoding", encoding)
		if w.Code >= 500 {
			t.Errorf("byte by byte: got %d", w.Code)
		}
	}
	text := bytes.Repeat([]byte("0123456789abcdef"), 1000)
	zip, zst := gzipped(t, text), zstded(t, text)
	f("br", text, 415, "unsupported_encoding")
	f("gzip, gzip", zip, 415, "unsupported_encoding")
	f("deflate", text, 415, "unsupported_encoding")
	f("gzip", text, 400, "bad_encoding")
	f("zstd", text, 400, "bad_encoding")
	f("gzip", zip[:len(zip)-1], 400, "bad_encoding")
	f("zstd", zst[:len(zst)-1], 400, "bad_encoding")
	flipped := bytes.Clone(zip)
	flipped[len(flipped)-6] ^= 1
	f("gzip", flipped, 400, "bad_encoding")
	f("", make([]byte, MaxWire+1), 413, "body_too_large")
	w := ask(m, "POST", "/echo", struct{ io.Reader }{bytes.NewReader(make([]byte, MaxWire+1))})
	wantError(t, w, 413, "body_too_large")
	w = ask(m, "POST", "/echo", struct{ io.Reader }{bytes.NewReader(make([]byte, MaxWire))})
	if w.Code != 200 || w.Body.Len() != MaxWire {
		t.Errorf("a body of just the limit: got %d with %d bytes", w.Code, w.Body.Len())
	}
}

// A client that reads nothing before it has sent everything hears why it was refused, and no reset.
func TestRefusalsReachWhoSendsFirst(t *testing.T) {
	m := echoMux()
	m.Handle("POST /picky", auth.None, func(w http.ResponseWriter, r *http.Request) error {
		body, err := Body(w, r)
		if err != nil {
			return err
		}
		_, err = io.ReadFull(body, make([]byte, 10))
		return firstOf(err, fault.New(fault.TooLarge, "too_many_events", "one is enough"))
	})
	s := serve(t, t.TempDir(), m)
	f := func(path string, size int, headers, want string) {
		t.Helper()
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%s\r\n", path, size, headers)
		if err == nil && headers == "" {
			_, err = c.Write(make([]byte, size))
		}
		if err != nil {
			t.Fatalf("%s with %d bytes: %v", path, size, err)
		}
		answer := make([]byte, len(want))
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != want {
			t.Errorf("%s with %d bytes: got %q, %v, want %q", path, size, answer, err, want)
		}
	}
	f("/echo", MaxWire+1<<20, "", "HTTP/1.1 413 ")
	f("/echo", maxSwallowed, "", "HTTP/1.1 413 ")
	f("/picky", MaxWire, "", "HTTP/1.1 413 ")
	f("/echo", MaxWire+1, "Expect: 100-continue\r\n", "HTTP/1.1 413 ") // told before it sends
}

func TestBombsStopAtTheLimit(t *testing.T) {
	m := bare(&lines{})
	m.Handle("POST /count", auth.None, func(w http.ResponseWriter, r *http.Request) error {
		body, err := Body(w, r)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, body)
		if n > MaxInflated {
			t.Errorf("%d bytes came through", n)
		}
		return err
	})
	zeros := make([]byte, 64<<20)
	bombs := map[string][]byte{"gzip": gzipped(t, zeros), "zstd": zstded(t, zeros)}
	window := zstded(t, zeros, zstd.WithWindowSize(32<<20), zstd.WithSingleSegment(false))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 20 {
		for encoding, bomb := range bombs {
			w := ask(m, "POST", "/count", bytes.NewReader(bomb), "Content-Encoding", encoding)
			wantError(t, w, 413, "body_too_large")
		}
		w := ask(m, "POST", "/count", bytes.NewReader(window), "Content-Encoding", "zstd")
		wantError(t, w, 413, "window_too_large")
	}
	runtime.ReadMemStats(&after)
	if grown := after.Sys - before.Sys; grown > 64<<20 {
		t.Errorf("60 bombs made the process grow by %d MiB", grown>>20)
	}
	if got := m.inFlight.Load(); got != 0 {
		t.Errorf("%d bytes are still in flight", got)
	}
}

func TestTooMuchAtOnceIsBusy(t *testing.T) {
	m := echoMux()
	m.inFlight.Store(maxInFlight - 10)
	w := ask(m, "POST", "/echo", strings.NewReader("12345678901"))
	wantError(t, w, http.StatusServiceUnavailable, "too_busy")
	if w := ask(m, "POST", "/echo", strings.NewReader("1234567890")); w.Code != http.StatusOK {
		t.Errorf("within the budget: got %d", w.Code)
	}
	if got := m.inFlight.Load(); got != maxInFlight-10 {
		t.Errorf("the budget is %d, want what it was", got)
	}
}

func TestReadIsStrict(t *testing.T) {
	m := bare(&lines{})
	m.Handle("POST /read", auth.None, func(w http.ResponseWriter, r *http.Request) error {
		var v struct {
			Name string `json:"name"`
		}
		if err := Read(w, r, &v); err != nil {
			return err
		}
		return JSON(w, 200, v)
	})
	f := func(body string, status int, code string) {
		t.Helper()
		wantError(t, ask(m, "POST", "/read", strings.NewReader(body)), status, code)
	}
	f(``, 400, "missing_body")
	f(`{"name":1}`, 400, "bad_json")
	f(`{"nam":"x"}`, 400, "bad_json")
	f(`{"name":"x"} {}`, 400, "bad_json")
	f(`{"name":"x"`, 400, "bad_json")
	f(`{"name":"`+strings.Repeat("x", maxControl)+`"}`, 413, "body_too_large")
	if w := ask(m, "POST", "/read", strings.NewReader(`{"name":"<x>"}`)); w.Body.String() !=
		`{"name":"\u003cx\u003e"}`+"\n" {
		t.Errorf("got %s", w.Body)
	}
}

func FuzzBody(f *testing.F) {
	m := echoMux()
	f.Add("gzip", gzipped(f, []byte("hello")))
	f.Add("zstd", zstded(f, []byte("hello")))
	f.Add("", []byte("hello"))
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		r := httptest.NewRequest("POST", "/echo", bytes.NewReader(body))
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != 503 {
			t.Errorf("%q with %d bytes: got %d", encoding, len(body), w.Code)
		}
	})
}
