package web

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
)

type tally struct {
	Sum int `json:"sum"`
}

// days is work of three days that may break off after some.
func days(until int) func(func(int, int)) (*tally, error) {
	return func(progress func(int, int)) (*tally, error) {
		for done := range 4 {
			if done == until {
				return nil, fault.New(fault.Unavailable, "stopped", "the server stops")
			}
			progress(done, 3)
		}
		return &tally{6}, nil
	}
}

// TestStepsAreFollowedToTheReport lets both sides speak with each other.
func TestStepsAreFollowedToTheReport(t *testing.T) {
	f := func(until int, tell bool, status int, body string) (got string) {
		t.Helper()
		m := bare(&lines{})
		m.Handle("POST /work", auth.None, func(w http.ResponseWriter, _ *http.Request) error {
			return Steps(w, tell, days(until))
		})
		w := ask(m, "POST", "/work", nil)
		if got = w.Body.String(); w.Code != status || !strings.Contains(got, body) {
			t.Errorf("until %d: got %d %s, want %d %s", until, w.Code, got, status, body)
		}
		return got
	}
	f(-1, false, 200, `{"sum":6}`)
	f(2, false, 503, `"code":"stopped"`)
	f(0, true, 503, `"code":"stopped"`)
	whole := f(-1, true, 200, `{"done":0,"days":3}`+"\n"+`{"done":1,"days":3}`+"\n")
	broken := f(2, true, 200, `"error":"the server stops"`)

	report, err := Follow[tally](io.Discard, strings.NewReader(whole))
	if err != nil || report.Sum != 6 {
		t.Errorf("got %v and %v", report, err)
	}
	g := func(answer, message string) {
		t.Helper()
		_, err := Follow[tally](io.Discard, strings.NewReader(answer))
		if e := fault.Of(err); e.Code != "cut_short" || e.Message != message {
			t.Errorf("got %s: %s, want %s", e.Code, e.Message, message)
		}
	}
	g(broken, "the server stops; the same command finishes the rest")
	cut, _, _ := strings.Cut(whole, `{"done":2`)
	g(cut, "it broke off; the same command finishes the rest")
	g("", "it broke off; the same command finishes the rest")
	if _, err := Follow[tally](io.Discard, strings.NewReader(cut+"<html>")); err == nil ||
		errors.Is(err, io.EOF) {
		t.Errorf("a line that is no step: got %v", err)
	}
}
