package door

import (
	"slices"
	"strings"
	"time"

	"analytics/engine/auth"
)

func firstError(err error, or func() error) error {
	if err != nil {
		return err
	}
	return or()
}

func join(l auth.Scopes) string {
	names := make([]string, len(l))
	for i, s := range l {
		names[i] = string(s)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// shows says what a share shows.
func shows(s auth.Share) string {
	what := "the dashboard"
	switch len(s.Pages) {
	case 0:
	case 1:
		what = "the page " + s.Pages[0]
	default:
		what = "the pages " + strings.Join(s.Pages, ", ")
	}
	if !s.Bound.Free() {
		what += " of " + s.Bound.String()
	}
	return what
}

func date(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateOnly)
}

func minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04Z")
}
