package report

import (
	"path/filepath"
	"strings"
	"time"

	files "analytics/engine/whole"
)

// Written says of the name of a file in <data>/reports whether reports are kept under such a name, with their
// charts and what a crash left of either, and when the span ends that the report is of. Others put their own
// files there, which are nobody's business.
func (p *Press) Written(name string) (end time.Time, ok bool) {
	base := strings.TrimSuffix(name, files.Ending)
	ending := filepath.Ext(base)
	if ending != ".md" && ending != ".png" {
		return time.Time{}, false
	}
	base = strings.TrimSuffix(base, ending)
	for word, w := range words {
		key, of := strings.CutSuffix(base, "-"+word)
		if !of || w.unit == "" || len(w.subjects) != 1 {
			continue
		}
		span, err := ParseSpan(key, w.unit, p.desk.Now(), p.desk.Zone())
		return span.To, err == nil && span.Key == key
	}
	return time.Time{}, false
}
