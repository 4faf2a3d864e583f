package web

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"analytics/engine/fault"
)

func TestStagesTellFaultsAsTheyAre(t *testing.T) {
	type report struct{ Bytes int }
	f := func(name string, work func(tell Tell) (*report, error)) (*report, error) {
		t.Helper()
		w := httptest.NewRecorder()
		if err := Stages(w, work); err != nil {
			return nil, err
		}
		if got := w.Header().Get("Content-Type"); !strings.Contains(got, "ndjson") {
			t.Errorf("%s: content type %q", name, got)
		}
		var out bytes.Buffer
		r, err := FollowStages[report](&out, w.Body)
		if out.Len() > 0 {
			t.Errorf("%s: a bar where no terminal is: %q", name, out.String())
		}
		return r, err
	}
	r, err := f("done", func(tell Tell) (*report, error) {
		tell("copying", 1, 2)
		tell("verifying", 2, 2)
		return &report{7}, nil
	})
	if err != nil || r.Bytes != 7 {
		t.Errorf("%+v, %v", r, err)
	}
	full := fault.New(fault.Full, "disk_full", "no room")
	for name, begun := range map[string]bool{"late": true, "early": false} {
		_, err := f(name, func(tell Tell) (*report, error) {
			if begun {
				tell("copying", 1, 2)
			}
			return nil, full
		})
		if got := fault.Of(err); got.Kind != fault.Full || got.Message != "no room" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := FollowStages[report](&bytes.Buffer{}, strings.NewReader(`{"stage":"x"}`)); err == nil ||
		errors.Is(err, full) {
		t.Errorf("cut short: %v", err)
	}
}
