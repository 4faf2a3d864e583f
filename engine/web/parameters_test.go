package web

import (
	"net/http/httptest"
	"testing"

	"analytics/engine/fault"
)

// TestOnlyKnownParametersAreTaken spells them in all the ways that must not pass for silence.
func TestOnlyKnownParametersAreTaken(t *testing.T) {
	f := func(query, code, field, message string, known ...string) {
		t.Helper()
		q, err := Parameters(httptest.NewRequest("POST", "/x?"+query, nil), known...)
		if code == "" {
			if err != nil || q.Get("dry_run") != "true" {
				t.Errorf("%s: got %v and %v", query, q, err)
			}
			return
		}
		if e := fault.Of(err); e.Code != code || e.Field != field || message != "" && e.Message != message {
			t.Errorf("%s: got %s at %q: %s", query, e.Code, e.Field, e.Message)
		}
	}
	f("dry_run=true", "", "", "", "since", "dry_run")
	f("dry_run=true&since=", "", "", "", "since", "dry_run")
	f("dryrun=true", "unknown_parameter", "dryrun",
		`there is no parameter "dryrun" here; there are from, to and dry_run`, "from", "to", "dry_run")
	f("b=1&a=1&c=1", "unknown_parameter", "a", `there is no parameter "a" here; there is dry_run`, "dry_run")
	f("a", "unknown_parameter", "a", `there is no parameter "a" here; there is none`)
	f("%1B[2J=1", "unknown_parameter", `\x1b[2J`, "")
	f("dry_run=true&dry_run=false", "invalid_parameter", "dry_run", "dry_run is given twice", "dry_run")
	f("dry_run=%zz", "bad_query", "", "", "dry_run")
	f("since=1d;dry_run=true", "bad_query", "", "", "since", "dry_run")
}
