package accesslog

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/ingest/decode"
)

// FuzzLines wants of any text in any format that all that comes out is taken in, and that every line
// is counted once.
func FuzzLines(f *testing.F) {
	logs, _ := filepath.Glob("testdata/*.log")
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.TrimSuffix(filepath.Base(path), ".log"), string(text))
	}
	f.Fuzz(func(t *testing.T, from, text string) {
		if !Known(from) {
			from = Names()[len(from)%len(Names())]
		}
		out, sum := read(t, from, "", text)
		accepted(t, out, sum.Views)
		rest := sum.Views + sum.Assets + sum.Redirects + sum.Failed + sum.Other + sum.Malformed +
			sum.Notes + sum.Bad
		if rest != sum.Lines {
			t.Errorf("%d of %d lines are counted: %+v", rest, sum.Lines, sum)
		}
	})
}

// FuzzLayout reads lines in any format that a configuration may have.
func FuzzLayout(f *testing.F) {
	f.Add(`$remote_addr [$time_local] "$request" $status "$http_user_agent"`,
		`203.0.113.9 [21/Nov/2025:10:00:00 +0100] "GET / HTTP/1.1" 200 "Mozilla \"x\""`)
	f.Add(nicknames["vhost_combined"], "a.example:80 203.0.113.9 - - [")
	f.Add(`%h %{%Y-%m-%d}t %{%H:%M:%S}t|%m|%U%q|%>s`, "203.0.113.9 2025-11-21 10:00:00|GET|/a?b|200")
	f.Fuzz(func(t *testing.T, layoutText, text string) {
		format, err := NewFormat("nginx", layoutText)
		if err != nil {
			if fault.ExitCode(err) != 2 {
				t.Error(err)
			}
			return
		}
		out, sum := readAs(t, Options{Format: format, Now: now}, text)
		accepted(t, out, sum.Views)
	})
}

// accepted checks that the intake takes every event.
func accepted(t *testing.T, out string, want int) {
	t.Helper()
	var d decode.Decoder
	at := event.MicrosOf(now())
	d.Reset([]byte(out), true, decode.Window{Now: at, To: at + 6e8})
	var e event.Event
	got := 0
	for d.Next(&e) {
		if p := d.Problem(); p != nil {
			t.Fatalf("%d: %s", p.Index, p.Message())
		}
		if !e.Has(event.PageURL) || !e.Timed || !e.Named || e.Kind != event.PageView {
			t.Fatalf("event %d lacks something\n%s", got, out)
		}
		got++
		if got%decode.MaxEvents == 0 {
			return
		}
	}
	if d.Err() != nil && want > 0 || got != want || d.Dropped() > 0 {
		t.Errorf("got %d events, %d fields dropped, %v, want %d", got, d.Dropped(), d.Err(), want)
	}
}

func FuzzInstant(f *testing.F) {
	for _, text := range []string{
		"21/Nov/2025:10:00:00 +0100", "2025-11-21T10:00:00.123Z", "1763719200.123", "2025-11-21 10:00:00,5",
	} {
		f.Add(text)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := instant([]byte(text), berlin)
		if want, err := time.Parse(time.RFC3339Nano, text); err == nil && want.Year() > 1970 &&
			len(text) > 19 && text[10] == 'T' && (!ok || got != want.UnixMicro()) {
			t.Errorf("%s: got %d %v, want %d", text, got, ok, want.UnixMicro())
		}
	})
}

func TestTimesAreThoseOfTheLog(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := func(text, want string) {
		t.Helper()
		at, ok := instant([]byte(text), berlin)
		got := ""
		if ok {
			got = time.UnixMicro(at).UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	f("21/Nov/2025:10:00:00 +0100", "2025-11-21T09:00:00Z")
	f("21/Nov/2025:10:00:00 -0530", "2025-11-21T15:30:00Z")
	f("21/Nov/2025:10:00:00.125", "2025-11-21T09:00:00.125Z")
	f("21/Jul/2025:10:00:00", "2025-07-21T08:00:00Z") // summer time
	f("2025-11-21T10:00:00+01:00", "2025-11-21T09:00:00Z")
	f("2025-11-21T10:00:00+0100", "2025-11-21T09:00:00Z")
	f("2025-11-21 10:00:00,250", "2025-11-21T09:00:00.25Z")
	f("2025-11-21T10:00:00.123456789Z", "2025-11-21T10:00:00.123456Z")
	f("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z")
	f("1763715600", "2025-11-21T09:00:00Z")
	f("1763715600.25", "2025-11-21T09:00:00.25Z")
	f("1763715600250", "2025-11-21T09:00:00.25Z")
	f("1763715600250000", "2025-11-21T09:00:00.25Z")
	f("1763715600250000000", "2025-11-21T09:00:00.25Z")
	for _, text := range []string{
		"", "-", "21/Nov/2025", "21/Nox/2025:10:00:00 +0100", "21/Nov/2025:25:00:00 +0100",
		"2025-13-21T10:00:00Z", "NaN", "1e300", "21/Nov/2025:10:00:00 CET", "2025-11-21T10:00:00+01",
	} {
		f(text, "")
	}
}

func TestFilesOfAnySizeAndShapeEnd(t *testing.T) {
	const line = `203.0.113.9 - - [21/Nov/2025:10:00:00 +0100] "GET /a HTTP/1.1" 200 1 "-" "-"`
	f := func(text string, views, bad int) {
		t.Helper()
		out, sum := read(t, "nginx", "", text)
		if sum.Views != views || sum.Bad != bad || strings.Count(out, "\n") != views {
			t.Errorf("got %+v and %d events, want %d views and %d bad", sum, strings.Count(out, "\n"), views, bad)
		}
	}
	f("", 0, 0)
	f("\n\r\n\n", 0, 0)
	f("\xef\xbb\xbf"+line, 1, 0)
	f(strings.Repeat("x", 200_000)+"\n"+line+"\n"+strings.Repeat("y", 70_000), 1, 2)
	f(strings.Replace(line, "/a", "/"+strings.Repeat("\xff%", 10_000), 1), 1, 0)
	f(strings.Repeat(line+"\n", 20_000), 20_000, 0)
}

func TestFileThatBreaksOffKeepsWhatWasRead(t *testing.T) {
	f, err := NewFormat("nginx", "")
	if err != nil {
		t.Fatal(err)
	}
	const line = `203.0.113.9 - - [21/Nov/2025:10:00:00 +0100] "GET /a HTTP/1.1" 200 1 "-" "-"` + "\n"
	names := []string{"broken", "whole"}
	s := NewStream(names, func(name string) (io.ReadCloser, error) {
		if name == "broken" {
			return io.NopCloser(io.MultiReader(strings.NewReader(line), breaks{})), nil
		}
		return io.NopCloser(strings.NewReader(line + line)), nil
	}, Options{Format: f, Site: "a.example", Now: now})
	out, err := io.ReadAll(s)
	sum := s.Summary()
	if fault.Of(err).Code != CutFile || strings.Count(string(out), "\n") != 3 || sum.Bad != 1 || sum.Files != 2 {
		t.Errorf("got %s, %v, %+v", out, err, sum)
	}
	s = NewStream([]string{"none"}, func(string) (io.ReadCloser, error) { return nil, os.ErrNotExist }, s.reader.Options)
	if _, err := io.ReadAll(s); err == nil {
		t.Error("a file that is not there was no error")
	}
}

type breaks struct{}

func (breaks) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestNothingPrivateIsInTheSummary(t *testing.T) {
	for _, from := range Names() {
		_, sum := read(t, from, "", "203.0.113.9 secret\n{\"a\":\"secret\"\n")
		text, err := json.Marshal(sum)
		if err != nil || strings.Contains(fmt.Sprint(string(text)), "secret") ||
			strings.Contains(string(text), "203.0.113.9") {
			t.Errorf("%s: %s, %v", from, text, err)
		}
	}
}
