package funnels

import (
	"cmp"
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Door is the funnels over HTTP.
type Door struct {
	store *store.Store
	zone  *time.Location
	now   func() time.Time
}

// NewDoor makes a door; zone is the reporting time zone.
func NewDoor(s *store.Store, zone *time.Location, now func() time.Time) *Door {
	return &Door{s, zone, now}
}

// Routes adds GET and POST /v1/funnels, and GET and DELETE /v1/funnels/{name}. The list is also where the
// other lists are, at /v1/funnels/list.
func (d *Door) Routes(m *web.Mux) {
	m.Handle("GET /v1/funnels", auth.Query, d.list)
	m.Handle("GET /v1/funnels/list", auth.Query, d.list)
	m.Handle("POST /v1/funnels", auth.Admin, d.create)
	m.Handle("GET /v1/funnels/{name}", auth.Query, d.show)
	m.Handle("DELETE /v1/funnels/{name}", auth.Admin, d.delete)
}

func (d *Door) shelf(r *http.Request) Shelf { return Of(d.store, tenantOf(r)) }

func tenantOf(r *http.Request) store.Tenant { return web.Identity(r.Context()).Tenant }

func (d *Door) list(w http.ResponseWriter, r *http.Request) error {
	all, err := d.shelf(r).List()
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"funnels": all})
}

func (d *Door) create(w http.ResponseWriter, r *http.Request) error {
	var f Funnel
	if err := web.Read(w, r, &f); err != nil {
		return err
	}
	f, err := d.shelf(r).Create(r.Context(), f, d.now())
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, f)
}

func (d *Door) delete(w http.ResponseWriter, r *http.Request) error {
	if err := d.shelf(r).Delete(r.Context(), r.PathValue("name")); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]string{"deleted": r.PathValue("name")})
}

func (d *Door) show(w http.ResponseWriter, r *http.Request) error {
	started := d.now()
	format, err := web.Formats{"json", "csv"}.Of(r)
	if err != nil {
		return err
	}
	f, err := d.shelf(r).Get(r.PathValue("name"))
	if err != nil {
		return err
	}
	q, zone, err := d.question(r)
	if err != nil {
		return err
	}
	q.Tenant = tenantOf(r)
	result, err := Count(r.Context(), d.store, f, q)
	if err != nil {
		return err
	}
	table := result.table(zone, d.now().Sub(started))
	w.Header().Set("Cache-Control", "no-store")
	if format == "json" {
		return web.JSON(w, http.StatusOK, table)
	}
	w.Header().Set("Content-Type", web.ContentType(format))
	w.Header().Set("Content-Disposition", `attachment; filename="funnel-`+f.Name+`.csv"`)
	return table.writeCSV(w)
}

// question reads the parameters since, until, days, tz, by, limit, per and include_bots.
func (d *Door) question(r *http.Request) (q Question, zone *time.Location, err error) {
	values, err := web.Parameters(r, "since", "until", "days", "tz", "by", "limit", "per", "include_bots", "format")
	if err != nil {
		return q, nil, err
	}
	zone = d.zone
	if name := values.Get("tz"); name != "" {
		if zone, err = time.LoadLocation(name); err != nil || name == "Local" {
			return q, nil, fault.At(fault.Invalid, "invalid_timezone", "tz",
				"%q is not a time zone; use an IANA name such as UTC or Europe/Berlin", clip(name))
		}
	}
	if q.From, q.To, err = rangeOf(values, d.now(), zone); err != nil {
		return q, nil, err
	}
	q.By = values.Get("by")
	if text := values.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit == 0 {
			q.Limit = -1 // refused where it is counted
		}
	}
	if text := values.Get("include_bots"); text != "" {
		if q.Bots, err = strconv.ParseBool(text); err != nil {
			return q, nil, fault.At(fault.Invalid, "invalid_parameter", "include_bots",
				"include_bots must be true or false")
		}
	}
	switch values.Get("per") {
	case "", "visitor":
	case "session":
		q.Sessions = true
	default:
		return q, nil, fault.At(fault.Invalid, "invalid_parameter", "per", "per must be visitor or session")
	}
	return q, zone, nil
}

// rangeOf reads when: the last 30 days unless said.
func rangeOf(values url.Values, now time.Time, zone *time.Location) (from, to time.Time, err error) {
	to = now
	if text := values.Get("until"); text != "" {
		if to, err = moment("until", text, now, zone); err != nil {
			return from, to, err
		}
	}
	since := cmp.Or(values.Get("since"), "30d")
	if text := values.Get("days"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 4000 || values.Has("since") {
			return from, to, fault.At(fault.Invalid, "invalid_range", "days",
				"days must be a whole number from 1 to 4000, and without since")
		}
		y, m, day := to.Add(-time.Microsecond).In(zone).Date()
		return time.Date(y, m, day-n+1, 0, 0, 0, 0, zone), to, nil
	}
	from, err = moment("since", since, now, zone)
	return from, to, err
}

// moment reads 24h or 7d (before now), today, yesterday, a date or a moment.
func moment(field, text string, now time.Time, zone *time.Location) (time.Time, error) {
	y, m, day := now.In(zone).Date()
	switch text {
	case "now":
		return now, nil
	case "today":
		return time.Date(y, m, day, 0, 0, 0, 0, zone), nil
	case "yesterday":
		return time.Date(y, m, day-1, 0, 0, 0, 0, zone), nil
	}
	if before, ok := length(text); ok {
		return now.Add(-before), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, text, zone)
	}
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		return at, fault.At(fault.Invalid, "invalid_range", field,
			"%q is not a time; use a length such as 24h or 7d, today, yesterday, a date such as "+
				"2026-11-01, or a moment such as 2026-11-01T08:00:00Z", clip(text))
	}
	return at, nil
}

// writeCSV writes the rows. Text that a spreadsheet would take for a formula is made harmless.
func (t *Table) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	var line []string
	for _, c := range t.Columns {
		line = append(line, c.Name)
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range t.Rows {
		for i, c := range t.Columns {
			line[i] = cellText(row[c.Name])
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func cellText(cell any) string {
	switch v := cell.(type) {
	case string:
		if bare := strings.TrimLeft(v, " \ufeff\u00a0\u3000"); strings.IndexAny(bare, "=+-@\t\r\n\x00＝＋－＠") == 0 {
			return "'" + v
		}
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}
