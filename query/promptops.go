package query

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// The endpoints that users of PromptOps know, with its JSON: dates instead of moments, both included,
// and money as a decimal in a string. Its tokens_requested are those of all requests, its tokens_used
// those of the requests that succeeded.

func (d *Desk) promptOps(m *web.Mux) {
	m.Handle("GET /v1/analytics/usage/overview", auth.Query, d.usageOverview)
	m.Handle("GET /v1/analytics/performance/metrics", auth.Query, d.performanceMetrics)
}

// dates is a range of days as PromptOps has them.
type dates struct {
	Start   string `json:"start"`
	End     string `json:"end"`
	GroupBy string `json:"group_by"`

	from, to time.Time
}

// datesOf reads start_date, end_date and group_by: the last thirty days by day, unless said.
func (d *Desk) datesOf(r *http.Request) (s dates, err error) {
	q, err := web.Parameters(r, "start_date", "end_date", "group_by")
	if err != nil {
		return s, err
	}
	y, month, day := d.now().In(d.zone).Date()
	last := time.Date(y, month, day, 0, 0, 0, 0, d.zone)
	if last, err = d.dateOf(q.Get("end_date"), "end_date", last); err != nil {
		return s, err
	}
	if s.from, err = d.dateOf(q.Get("start_date"), "start_date", last.AddDate(0, 0, -29)); err != nil {
		return s, err
	}
	if s.from.After(last) {
		return s, fault.At(fault.Invalid, "invalid_range", "start_date", "start_date is after end_date")
	}
	s.to = last.AddDate(0, 0, 1)
	s.GroupBy = strings.ToLower(q.Get("group_by"))
	switch s.GroupBy {
	case "":
		s.GroupBy = "day"
	case "hour", "day", "week", "month":
	default:
		return s, fault.At(fault.Invalid, "invalid_interval", "group_by",
			"%q is not an interval; use hour, day, week or month", clip(s.GroupBy))
	}
	s.Start, s.End = s.from.Format(time.RFC3339), s.to.Add(-time.Second).Format(time.RFC3339)
	return s, nil
}

// dateOf reads a date of the reporting zone, or a moment, whose day is meant.
func (d *Desk) dateOf(text, field string, standard time.Time) (time.Time, error) {
	if text == "" {
		return standard, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, d.zone)
	if err != nil {
		if at, err = time.Parse(time.RFC3339, text); err != nil || at.Year() < 1970 || at.Year() > 2200 {
			return at, fault.At(fault.Invalid, "invalid_time", field,
				"%s must be a date such as 2026-11-20, not %q", field, clip(text))
		}
	}
	y, month, day := at.In(d.zone).Date()
	return time.Date(y, month, day, 0, 0, 0, 0, d.zone), nil
}

// usage is what PromptOps tells of a range, a bucket or a prompt.
type usage struct {
	Timestamp       string  `json:"timestamp,omitempty"`
	PromptID        string  `json:"prompt_id,omitempty"`
	Requests        int64   `json:"total_requests"`
	TokensRequested int64   `json:"total_tokens_requested"`
	TokensUsed      int64   `json:"total_tokens_used"`
	Cost            string  `json:"total_cost_usd"`
	Duration        float64 `json:"average_response_time_ms"`
	SuccessRate     float64 `json:"success_rate"`
	Period          *dates  `json:"period,omitempty"`
}

var usageMetrics = []string{"requests", "total_tokens", "cost", "avg_duration_ms", "success_rate"}

// usageOf reads the metrics by their names.
func usageOf(get func(metric string) any) (u usage) {
	u.Requests, _ = get("requests").(int64)
	u.TokensRequested, _ = get("total_tokens").(int64)
	cost, _ := get("cost").(event.NanoUSD)
	u.Cost = decimal(cost)
	u.Duration, _ = get("avg_duration_ms").(float64)
	u.SuccessRate, _ = get("success_rate").(float64)
	return u
}

// decimal is money with three decimals or as many as it has.
func decimal(n event.NanoUSD) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	part := strings.TrimRight(fmt.Sprintf("%09d", n%1e9), "0")
	return fmt.Sprintf("%s%d.%s%s", sign, n/1e9, part, strings.Repeat("0", max(0, 3-len(part))))
}

// topPrompts is how many prompts are told.
const topPrompts = 10

func (d *Desk) usageOverview(w http.ResponseWriter, r *http.Request) error {
	s, err := d.datesOf(r)
	if err != nil {
		return err
	}
	ask := func(q Question) (*Answer, error) {
		q.Metrics, q.From, q.To = usageMetrics, s.from, s.to
		return d.Answer(r.Context(), tenantOf(r), q)
	}
	series, err := ask(Question{Interval: s.GroupBy})
	if err != nil {
		return err
	}
	prompts, err := ask(Question{By: []string{"prompt_id"}, Filter: `prompt_id!=""`, Limit: topPrompts})
	if err != nil {
		return err
	}
	usedSeries, err := ask(Question{Interval: s.GroupBy, Filter: "success==true"})
	if err != nil {
		return err
	}
	usedPrompts, err := ask(Question{By: []string{"prompt_id"}, Filter: `prompt_id!="";success==true`})
	if err != nil {
		return err
	}
	var body struct {
		Summary    usage   `json:"summary"`
		TimeSeries []usage `json:"time_series"`
		TopPrompts []usage `json:"top_prompts"`
	}
	body.Summary = usageOf(func(metric string) any { return series.Totals[metric] })
	body.Summary.TokensUsed, _ = usedSeries.Totals["total_tokens"].(int64)
	body.Summary.Period = &s
	body.TimeSeries, body.TopPrompts = []usage{}, []usage{}
	used := tokensBy(usedSeries)
	for _, row := range series.Rows {
		u := usageOf(cellOf(series, row))
		at, _ := row[0].(time.Time)
		u.Timestamp, u.TokensUsed = at.In(d.zone).Format(time.RFC3339), used[fmt.Sprint(row[0])]
		body.TimeSeries = append(body.TimeSeries, u)
	}
	used = tokensBy(usedPrompts)
	for _, row := range prompts.Rows {
		u := usageOf(cellOf(prompts, row))
		u.PromptID, _ = row[0].(string)
		u.TokensUsed = used[fmt.Sprint(row[0])]
		body.TopPrompts = append(body.TopPrompts, u)
	}
	return web.JSON(w, http.StatusOK, body)
}

// cellOf reads a row's cells by the names of their columns.
func cellOf(a *Answer, row []any) func(string) any {
	return func(name string) any { return row[a.Column(name)] }
}

// tokensBy are the tokens of each row by what it is a row of.
func tokensBy(a *Answer) map[string]int64 {
	all := map[string]int64{}
	for _, row := range a.Rows {
		all[fmt.Sprint(row[0])], _ = row[a.Column("total_tokens")].(int64)
	}
	return all
}

// responseTimes is what PromptOps tells of how fast and how sound a range or a bucket was.
type responseTimes struct {
	Timestamp string   `json:"timestamp,omitempty"`
	Requests  int64    `json:"total_requests"`
	Average   *float64 `json:"average_response_time_ms"`
	P50       *float64 `json:"p50_response_time_ms"`
	P95       *float64 `json:"p95_response_time_ms"`
	P99       *float64 `json:"p99_response_time_ms"`
	ErrorRate *float64 `json:"error_rate"`
	HitRate   *float64 `json:"cache_hit_rate"`
	Period    *dates   `json:"period,omitempty"`
}

var responseMetrics = []string{"requests", "avg_duration_ms", "p50_duration_ms", "p95_duration_ms",
	"p99_duration_ms", "error_rate", "cache_hit_rate"}

func responseOf(get func(metric string) any) (t responseTimes) {
	t.Requests, _ = get("requests").(int64)
	for name, to := range map[string]**float64{"avg_duration_ms": &t.Average, "p50_duration_ms": &t.P50,
		"p95_duration_ms": &t.P95, "p99_duration_ms": &t.P99, "error_rate": &t.ErrorRate,
		"cache_hit_rate": &t.HitRate} {
		if v, ok := get(name).(float64); ok {
			*to = &v
		}
	}
	return t
}

func (d *Desk) performanceMetrics(w http.ResponseWriter, r *http.Request) error {
	s, err := d.datesOf(r)
	if err != nil {
		return err
	}
	a, err := d.Answer(r.Context(), tenantOf(r), Question{
		Metrics: responseMetrics, From: s.from, To: s.to, Interval: s.GroupBy})
	if err != nil {
		return err
	}
	host, err := d.Answer(r.Context(), tenantOf(r), Question{Metrics: []string{"avg_value", "max_value"},
		By: []string{"name"}, From: s.from, To: s.to})
	if err != nil {
		return err
	}
	type extent struct {
		Average any `json:"average"`
		Max     any `json:"max"`
	}
	var body struct {
		Summary    responseTimes     `json:"summary"`
		TimeSeries []responseTimes   `json:"time_series"`
		System     map[string]extent `json:"system"`
		Score      any               `json:"health_score"`
		Status     string            `json:"health_status"`
	}
	body.Summary = responseOf(func(metric string) any { return a.Totals[metric] })
	body.Summary.Period, body.TimeSeries = &s, []responseTimes{}
	for _, row := range a.Rows {
		t := responseOf(cellOf(a, row))
		at, _ := row[0].(time.Time)
		t.Timestamp = at.In(d.zone).Format(time.RFC3339)
		body.TimeSeries = append(body.TimeSeries, t)
	}
	body.System = map[string]extent{}
	for _, row := range host.Rows {
		if name, ok := row[0].(string); ok {
			get := cellOf(host, row)
			body.System[name] = extent{get("avg_value"), get("max_value")}
		}
	}
	p, err := readParams(url.Values{"from": {s.from.Format(time.RFC3339)}, "until": {s.to.Format(time.RFC3339)}},
		within, d.now(), d.zone)
	if err != nil {
		return err
	}
	scored, err := health(r.Context(), d, tenantOf(r), p, "30d")
	if err != nil {
		return err
	}
	body.Score, body.Status = scored.Totals["score"], healthStatus(scored.Totals["score"])
	return web.JSON(w, http.StatusOK, body)
}

// healthStatus is the health score in a word.
func healthStatus(score any) string {
	switch s, ok := score.(float64); {
	case !ok:
		return "unknown"
	case s >= 90:
		return "healthy"
	case s >= 70:
		return "degraded"
	}
	return "unhealthy"
}
