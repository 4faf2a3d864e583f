package paths

import (
	"analytics/engine/event"
	"analytics/rollup/sessions"
)

// Other is where things are counted that there are too many different ones of.
const Other = "(other)"

// Entry and Exit stand for what was before the first page of a session and after its last.
const (
	Entry = "(entry)"
	Exit  = "(exit)"
)

// counts says whether a session is a person's on a site. A ghost may be one.
func counts(s *sessions.Session) bool {
	switch s.Bot.Class {
	case "", "human", "ghost":
		return s.Site != ""
	}
	return false
}

// pagesOf are the paths of a session's page views in order. One that is reloaded counts once.
func pagesOf(s *sessions.Session) []string {
	tracked := false
	for i := range s.Steps {
		tracked = tracked || s.Steps[i].Kind == event.PageView && s.Steps[i].Via == "tracker"
	}
	var pages []string
	for i := range s.Steps {
		p := &s.Steps[i]
		if p.Kind != event.PageView || tracked && p.Via != "tracker" && p.Via != "" {
			continue
		}
		if n := len(pages); n == 0 || pages[n-1] != p.Path {
			pages = append(pages, p.Path)
		}
	}
	return pages
}

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
