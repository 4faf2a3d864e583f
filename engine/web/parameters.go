package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"analytics/engine/fault"
)

// Parameters are those of the URL, of which only the known ones may be there, and each once: with a
// misspelled dry_run, or one that cannot be read, a request must not change anything.
func Parameters(r *http.Request, known ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil { // r.URL.Query would only leave that one out
		return nil, fault.New(fault.Invalid, "bad_query", "the parameters in the URL cannot be read: write "+
			"a percent sign as %%25 and a semicolon as %%3B").Wrap(err)
	}
	for _, name := range slices.Sorted(maps.Keys(q)) { // so that of several the same is told each time
		if !slices.Contains(known, name) {
			return nil, fault.At(fault.Invalid, "unknown_parameter", Clean(name),
				"there is no parameter %q here; %s", Clean(name), there(known))
		}
		if len(q[name]) > 1 {
			return nil, fault.At(fault.Invalid, "invalid_parameter", name, "%s is given twice", name)
		}
	}
	return q, nil
}

// there says what there is.
func there(known []string) string {
	switch n := len(known); n {
	case 0:
		return "there is none"
	case 1:
		return "there is " + known[0]
	default:
		return "there are " + strings.Join(known[:n-1], ", ") + " and " + known[n-1]
	}
}
