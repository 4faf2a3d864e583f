package retention

import (
	"net/http"
	"strconv"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// Routes adds GET /v1/retention/plan and POST /v1/retention/run?dry_run=&accept_clock=, and the
// routes of the archive: GET /v1/archive/plan, POST /v1/archive/run and /v1/archive/verify.
func (k *Keeper) Routes(mux *web.Mux) {
	mux.Handle("GET /v1/retention/plan", auth.Admin, k.getPlan)
	mux.Handle("POST /v1/retention/run", auth.Admin, k.postRun)
	mux.Handle("GET /v1/archive/plan", auth.Admin, k.getArchive)
	mux.Handle("POST /v1/archive/run", auth.Admin, k.postArchive)
	mux.Handle("POST /v1/archive/verify", auth.Admin, k.verifyArchive)
}

// reply is a plan or report as clients get it.
type reply struct {
	Days   int     `json:"retention_days"`
	Cutoff *string `json:"cutoff"` // null when everything is kept, but the types

	// Types has the days of types that are kept for others.
	Types map[string]int `json:"retention_by_type,omitempty"`

	Suspended string `json:"suspended,omitempty"`
	DryRun    bool   `json:"dry_run"`
	Done      bool   `json:"done"`           // events were deleted
	Disk      *disk  `json:"disk,omitempty"` // with a budget
	Drop      sums   `json:"drop"`
	Keep      sums   `json:"keep"`
	Hours     []line `json:"hours"`
	Cells     *cells `json:"cells,omitempty"` // of what has no events in the store

	Reports *papers `json:"reports,omitempty"`
}

type sums struct {
	Stretches int   `json:"stretches"`
	Rows      int64 `json:"rows"`
	Bytes     int64 `json:"bytes"`
}

// disk is the state of the disk budget.
type disk struct {
	Used    int64  `json:"used_bytes"`
	Budget  int64  `json:"budget_bytes"`
	Goes    int64  `json:"goes_bytes"` // for the budget alone, of all tenants
	Warning string `json:"warning,omitempty"`
}

// cells is the plan or report of counts.
type cells struct {
	Hourly int    `json:"hourly_keep_days"`
	Daily  int    `json:"daily_keep_days"`
	Drop   sums   `json:"drop"`
	Keep   sums   `json:"keep"`
	Freed  int64  `json:"freed_bytes"` // by a run
	Hours  []line `json:"hours"`
}

// papers is the plan or report of files of reports.
type papers struct {
	Days  int     `json:"keep_days"` // 0: for ever
	Drop  pile    `json:"drop"`
	Keep  pile    `json:"keep"`
	Files []paper `json:"files"`
}

type pile struct {
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
}

type paper struct {
	Name   string `json:"name"`
	Until  string `json:"until"` // the end of what the report is of
	Bytes  int64  `json:"bytes"`
	Action string `json:"action"` // keep or drop
	Reason string `json:"reason"`
}

// line is a decision.
type line struct {
	Type   string `json:"type"`
	From   string `json:"from"`
	To     string `json:"to"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	Action string `json:"action"` // keep, drop, or condense: counts by hour become counts by day
	Reason string `json:"reason"`
}

func (k *Keeper) getPlan(w http.ResponseWriter, r *http.Request) error {
	return k.answer(w, r, Options{DryRun: true})
}

func (k *Keeper) postRun(w http.ResponseWriter, r *http.Request) error {
	var o Options
	for name, values := range r.URL.Query() { // a misspelled dry_run must not delete
		on, err := strconv.ParseBool(values[0])
		if err != nil {
			return fault.At(fault.Invalid, "invalid_value", name, "%s must be true or false", name)
		}
		switch name {
		case "dry_run":
			o.DryRun = on
		case "accept_clock":
			o.AcceptClock = on
		default:
			return fault.At(fault.Invalid, "unknown_parameter", name,
				"unknown parameter %q; a run takes dry_run and accept_clock", name)
		}
	}
	return k.answer(w, r, o)
}

func (k *Keeper) answer(w http.ResponseWriter, r *http.Request, o Options) error {
	report, err := k.Run(r.Context(), web.Identity(r.Context()).Tenant, o)
	if err != nil {
		return err
	}
	out := report.reply()
	if d := report.Disk; d.Budget > 0 {
		out.Disk = &disk{Used: d.Used, Budget: d.Budget, Goes: d.Goes}
		if d.Short > 0 {
			out.Disk.Warning = d.text(report.Policy, k.lake != nil)
		}
	}
	return web.JSON(w, http.StatusOK, out)
}

func (r *Report) reply() *reply {
	out := &reply{Days: r.Policy.Days, Types: r.Policy.Types, Suspended: r.Suspended, DryRun: r.DryRun,
		Done: !r.DryRun && r.Suspended == ""}
	if !r.Cutoff.IsZero() {
		cutoff := r.Cutoff.Format(time.RFC3339)
		out.Cutoff = &cutoff
	}
	out.Hours = linesOf(r.Decisions, &out.Drop, &out.Keep)
	if len(r.Cells) > 0 {
		terms := r.Policy.own(r.Policy.Block.cells())
		c := &cells{Hourly: terms.hourly, Daily: terms.daily, Freed: r.Faded.Freed}
		c.Hours = linesOf(r.Cells, &c.Drop, &c.Keep)
		out.Cells = c
	}
	if len(r.Reports) > 0 {
		out.Reports = papersOf(r.Reports, r.Policy.ReportsKeepDays)
	}
	return out
}

func papersOf(files []File, days int) *papers {
	out := &papers{Days: days}
	for _, f := range files {
		p := paper{Name: f.Name, Until: f.End.UTC().Format(time.RFC3339), Bytes: f.Bytes, Action: "keep", Reason: f.Reason}
		sum := &out.Keep
		if f.Drop {
			p.Action, sum = "drop", &out.Drop
		}
		sum.Files++
		sum.Bytes += f.Bytes
		out.Files = append(out.Files, p)
	}
	return out
}

// linesOf are decisions as lines, added up.
func linesOf(decisions []Decision, drop, keep *sums) []line {
	out := []line{}
	for _, d := range decisions {
		l := line{Type: d.Kind.String(), From: d.From.Start().Time().Format(time.RFC3339),
			To: d.To.Start().Time().Format(time.RFC3339), Rows: d.Rows, Bytes: d.Bytes,
			Action: "keep", Reason: d.Reason}
		sum := keep
		if d.Drop {
			l.Action, sum = "drop", drop
			if d.What == Hours {
				l.Action = "condense"
			}
		}
		sum.Stretches++
		sum.Rows += d.Rows
		sum.Bytes += d.Bytes
		out = append(out, l)
	}
	return out
}
