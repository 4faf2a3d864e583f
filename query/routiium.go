package query

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// The endpoints that users of Routiium know, with its JSON to the letter. They speak of AI requests
// only, and of time in unix seconds, both ends included.

func (d *Desk) routiium(m *web.Mux) {
	m.Handle("GET /analytics/stats", auth.Query, d.routiiumStats)
	m.Handle("GET /analytics/events", auth.Query, d.routiiumEvents)
	m.Handle("GET /analytics/aggregate", auth.Query, d.routiiumAggregate)
	m.Handle("GET /analytics/export", auth.Any(auth.Query, auth.Export), d.routiiumExport)
	m.Handle("POST /analytics/clear", auth.Admin, d.routiiumClear)
}

func (d *Desk) routiiumStats(w http.ResponseWriter, r *http.Request) error {
	hours, err := d.store.Ledger(tenantOf(r), event.AIRequest, 0, ^event.Hour(0))
	if err != nil {
		return err
	}
	var body struct {
		TotalEvents uint64  `json:"total_events"`
		BackendType string  `json:"backend_type"`
		TTLSeconds  *int    `json:"ttl_seconds"`
		MaxEvents   *uint64 `json:"max_events"`
	}
	body.BackendType = "badger"
	for _, h := range hours {
		body.TotalEvents += h.Head
		if !h.Dropped {
			body.TotalEvents += h.Sealed
		}
	}
	if days := d.cfg.RetentionDays; days > 0 {
		ttl := days * 86400
		body.TTLSeconds = &ttl
	}
	return web.JSON(w, http.StatusOK, body)
}

// seconds is a range in unix seconds, both ends included.
type seconds struct{ start, end int64 }

func (s seconds) from() time.Time { return time.Unix(s.start, 0).UTC() }
func (s seconds) to() time.Time   { return time.Unix(s.end+1, 0).UTC() }

// secondsOf reads start and end; length is how far back the start is where it is not given.
func (d *Desk) secondsOf(r *http.Request, length time.Duration) (s seconds, err error) {
	s.end = d.now().Unix()
	if s.end, err = second(r, "end", s.end); err != nil {
		return s, err
	}
	if s.start, err = second(r, "start", s.end-int64(length/time.Second)); err != nil {
		return s, err
	}
	if s.start > s.end {
		return s, fault.At(fault.Invalid, "invalid_range", "start", "start is after end")
	}
	return s, nil
}

func second(r *http.Request, name string, standard int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return max(0, standard), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > 7258118400 { // the year 2200
		return 0, fault.At(fault.Invalid, "invalid_range", name,
			"%s must be a time in unix seconds, not %q", name, clip(text))
	}
	return n, nil
}

func (d *Desk) routiiumAggregate(w http.ResponseWriter, r *http.Request) error {
	span, err := d.secondsOf(r, time.Hour)
	if err != nil {
		return err
	}
	ask := func(by ...string) (*Answer, error) {
		return d.Answer(r.Context(), tenantOf(r), Question{
			Metrics: []string{"requests", "errors", "input_tokens", "output_tokens", "avg_duration_ms"},
			By:      by, From: span.from(), To: span.to(),
		})
	}
	var body struct {
		Total        int64            `json:"total_requests"`
		Successful   int64            `json:"successful_requests"`
		Failed       int64            `json:"failed_requests"`
		InputTokens  int64            `json:"total_input_tokens"`
		OutputTokens int64            `json:"total_output_tokens"`
		Duration     float64          `json:"avg_duration_ms"`
		Models       map[string]int64 `json:"models_used"`
		Endpoints    map[string]int64 `json:"endpoints_hit"`
		Backends     map[string]int64 `json:"backends_used"`
		Start        int64            `json:"period_start"`
		End          int64            `json:"period_end"`
	}
	body.Start, body.End = span.start, span.end
	models, err := ask("model")
	if err != nil {
		return err
	}
	endpoints, err := ask("endpoint")
	if err != nil {
		return err
	}
	backends, err := ask("backend", "provider")
	if err != nil {
		return err
	}
	body.Models, body.Endpoints, body.Backends = used(models), used(endpoints), used(backends)
	body.Total, _ = models.Totals["requests"].(int64)
	body.Failed, _ = models.Totals["errors"].(int64)
	body.Successful = body.Total - body.Failed
	body.InputTokens, _ = models.Totals["input_tokens"].(int64)
	body.OutputTokens, _ = models.Totals["output_tokens"].(int64)
	body.Duration, _ = models.Totals["avg_duration_ms"].(float64)
	return web.JSON(w, http.StatusOK, body)
}

// used counts requests by the first dimension of a row that is known.
func used(a *Answer) map[string]int64 {
	counts := map[string]int64{}
	requests := a.Column("requests")
	for _, row := range a.Rows {
		name := "unknown"
		for _, cell := range row[:requests] {
			if s, ok := cell.(string); ok {
				name = s
				break
			}
		}
		n, _ := row[requests].(int64)
		counts[name] += n
	}
	return counts
}

func (d *Desk) routiiumEvents(w http.ResponseWriter, r *http.Request) error {
	span, err := d.secondsOf(r, time.Hour)
	if err != nil {
		return err
	}
	limit := d.limits.Rows
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return fault.At(fault.Invalid, "invalid_parameter", "limit",
				"limit must be a whole number, not %q", clip(text))
		}
		limit = min(n, limit)
	}
	var body struct {
		Events []nested `json:"events"`
		Count  int      `json:"count"`
		Start  int64    `json:"start"`
		End    int64    `json:"end"`
	}
	body.Events, body.Start, body.End = []nested{}, span.start, span.end
	if limit > 0 {
		page, _, err := d.nestedPage(r.Context(), tenantOf(r), span, limit, "")
		if err != nil {
			return err
		}
		body.Events = page
	}
	body.Count = len(body.Events)
	return web.JSON(w, http.StatusOK, body)
}

// exportPage is how many events of an export are in memory at once.
const exportPage = 10_000

func (d *Desk) routiiumExport(w http.ResponseWriter, r *http.Request) error {
	span, err := d.secondsOf(r, 24*time.Hour)
	if err != nil {
		return err
	}
	format := strings.ToLower(r.URL.Query().Get("format"))
	if format == "" {
		format = "json"
	}
	if format != "json" && format != "csv" {
		return fault.At(fault.Invalid, "unknown_format", "format",
			"%q is not a format here; use json or csv", clip(format))
	}
	page := func(cursor string) ([]nested, string, error) {
		return d.nestedPage(r.Context(), tenantOf(r), span, min(exportPage, d.limits.Rows), cursor)
	}
	first, next, err := page("") // an error can still be told
	if err != nil {
		return err
	}
	name := fmt.Sprintf("analytics-%d-%d.%s", span.start, span.end, format)
	w.Header().Set("Content-Type", map[string]string{
		"json": "application/json", "csv": "text/csv; charset=utf-8"}[format])
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	out := newExport(w, format)
	for {
		if err := out.write(first); err != nil {
			return err
		}
		if next == "" {
			return out.end()
		}
		if first, next, err = page(next); err != nil {
			return err
		}
	}
}

func (d *Desk) routiiumClear(w http.ResponseWriter, r *http.Request) error {
	clear := d.cfg.Clear
	if clear == nil {
		clear = func(ctx context.Context, t store.Tenant, _ string) error { return d.store.Erase(ctx, t) }
	}
	if err := clear(r.Context(), tenantOf(r), web.Identity(r.Context()).Label); err != nil {
		return err
	}
	web.Told(r.Context()) // the chain of the trail has it; an event would be the first one again
	d.log.Warn("all events were cleared", "key", web.Identity(r.Context()).KeyID)
	return web.JSON(w, http.StatusOK, struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
	}{true, "Analytics data cleared"})
}

// nestedPage lists AI requests in the nested shape, newest first.
func (d *Desk) nestedPage(
	ctx context.Context, tenant store.Tenant, span seconds, limit int, cursor string,
) ([]nested, string, error) {
	a, err := d.List(ctx, tenant, Listing{
		Kinds: []event.Kind{event.AIRequest}, From: span.from(), To: span.to(), TZ: "UTC",
		Fields: nestedFields, Limit: limit, Cursor: cursor,
	})
	if err != nil {
		return nil, "", err
	}
	page := make([]nested, len(a.Rows))
	for i, row := range a.Rows {
		page[i] = nest(row)
	}
	return page, a.Meta.Next, nil
}
