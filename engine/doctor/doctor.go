package doctor

import (
	"context"
	"fmt"
	"io"
	"time"

	"analytics/engine/audit"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/store"
)

// Report is what an examination found.
type Report struct {
	Sound    bool             `json:"sound"`
	Problems []string         `json:"problems"`
	Warnings []string         `json:"warnings"` // about what is not of the store
	Events   map[string]int64 `json:"events"`   // readable events by kind
	Segments int              `json:"segments"`
	HeadRows int64            `json:"head_rows"`  // not sealed yet
	Bytes    int64            `json:"disk_bytes"` // of the data folder
	Audit    audit.Report     `json:"audit"`      // the chain of the audit trail
	Seconds  float64          `json:"seconds"`
}

// Examine reads and checks everything in a store. The error is of an examination that could not be
// finished; problems are in the report.
func Examine(
	ctx context.Context, s *store.Store, now func() time.Time, progress func(done, total int),
) (Report, error) {
	begin := now()
	problems, err := s.Verify(ctx, progress)
	if err != nil {
		return Report{}, err
	}
	trail, err := audit.Open(s, store.Default, now).Verify(ctx)
	if err != nil { // of damaged events, which are among the problems if so
		trail.Problems = append(trail.Problems, "the audit trail cannot be read: "+err.Error())
	}
	stats := s.Stats()
	r := Report{
		Problems: []string{}, Warnings: []string{}, Events: map[string]int64{}, Segments: stats.Segments,
		HeadRows: stats.HeadRows, Bytes: stats.DiskBytes, Audit: trail,
	}
	older := 0
	for _, p := range problems {
		if p.Older {
			older++
			continue
		}
		r.Problems = append(r.Problems, p.String())
	}
	if older > 0 {
		r.Warnings = append(r.Warnings, plural.Of(older, "block")+" of cells were made by older definitions, or for "+
			"another time zone. They are right; a running server makes them again, or `analytics rollup rebuild` does")
	}
	r.Problems = append(r.Problems, trail.Problems...)
	r.Sound, r.Seconds = len(r.Problems) == 0, now().Sub(begin).Seconds()
	for _, k := range event.Kinds() {
		r.Events[k.String()] = stats.Events[k]
	}
	return r, nil
}

// Fault is the report as an error: nil for a sound store.
func (r Report) Fault() error {
	if r.Sound {
		return nil
	}
	return fault.New(fault.Damaged, "store_damaged", "%d problems found", len(r.Problems))
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) {
	total := int64(0)
	for _, n := range r.Events {
		total += n
	}
	fmt.Fprintf(w, "%s in %s, %d of them not sealed yet, %.1f MiB on disk; checked in %.1f s\n",
		plural.Of(total, "event"), plural.Of(r.Segments, "segment"), r.HeadRows, float64(r.Bytes)/(1<<20), r.Seconds)
	if r.Audit.Links > 0 {
		fmt.Fprintf(w, "The audit trail has %s; the newest is %s\n", plural.Of(r.Audit.Links, "link"), r.Audit.Head)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "Warning: %s\n", warning)
	}
	if r.Sound {
		fmt.Fprintln(w, "The store is sound.")
		return
	}
	fmt.Fprintf(w, "%s:\n", plural.Of(len(r.Problems), "problem"))
	for _, p := range r.Problems {
		fmt.Fprintf(w, "  - %s\n", p)
	}
}
