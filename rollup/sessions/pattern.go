package sessions

// pattern is how a visit read: by the time on all its pages and the deepest scroll. It is empty where
// nothing could have been reported: a server's log knows no scrolling. Where several hold, the first
// counts.
func (s *Session) pattern() string {
	if s.Engagements == 0 && !s.bag.byTracker {
		return ""
	}
	ms, scroll := s.TimeOnPageMS, s.Scroll
	switch {
	case scroll > 75 && ms > 30_000:
		return "engaged"
	case scroll > 50 && ms > 15_000:
		return "reader"
	case scroll > 30 && ms < 20_000:
		return "scanner"
	case scroll < 25 && ms < 10_000:
		return "bounce"
	}
	return "skimmer"
}
