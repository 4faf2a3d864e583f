package sessions

import "analytics/rollup/reading"

// pattern is how a visit read: by the time on all its pages and the deepest scroll. It is empty where
// nobody reported engagement: a server's log knows no scrolling.
func (s *Session) pattern() string {
	if s.Engagements == 0 {
		return ""
	}
	return reading.Pattern(float64(s.TimeOnPageMS)/1000, int(s.Scroll))
}
