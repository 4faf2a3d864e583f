package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"time"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/report/chart"
	"analytics/report/outbox"
)

// The chart of a report as a picture: beside its file, in messages and over HTTP it is the same bytes.

// base is the name of the files of a report, without their endings.
func (r *Report) base() string { return r.Span.Key + "-" + r.Name }

// picture draws the report's chart; ok is false if there is none. A picture that cannot be drawn is no
// reason for no report.
func (p *Press) picture(r *Report) (drawn chart.Picture, ok bool) {
	if r.Chart == nil {
		return drawn, false
	}
	drawn, err := r.Chart.Picture(r.base())
	if err != nil {
		p.log.Error("the chart of a report cannot be drawn; it goes out without", "report", r.Name, "date", r.Span.Key,
			"err", err)
	}
	return drawn, err == nil
}

// images is the picture as messages carry it.
func images(drawn chart.Picture, ok bool) []outbox.Image {
	if !ok {
		return nil
	}
	return []outbox.Image{{Name: drawn.Name, Alt: drawn.Alt, PNG: drawn.PNG}}
}

// keep writes the picture beside the report's file, or takes away one that the report had before. It
// says where the file finds it.
func (p *Press) keep(r *Report, drawn chart.Picture, ok bool) (name string, err error) {
	if ok {
		return drawn.Name, writeFile(filepath.Join(p.dir, drawn.Name), drawn.PNG)
	}
	err = os.Remove(filepath.Join(p.dir, r.base()+".png"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return "", err
}

// place is where the picture of a report lies in a folder, as Markdown that lies elsewhere says it; "" if
// no folder was named.
func (r *Report) place(folder string) string {
	if folder == "" {
		return ""
	}
	return path.Join(folder, r.base()+".png")
}

// Picture is where a report's chart can be had, and what it shows.
type Picture struct {
	Title string `json:"title"`
	Alt   string `json:"alt"`
	Path  string `json:"path"`
}

// shown is the chart of the report in its JSON, nil if it has none.
func (r *Report) shown() *Picture {
	if r.Chart == nil {
		return nil
	}
	where := "/v1/reports/" + r.Name + "/chart"
	return &Picture{r.Chart.Title, r.Chart.Alt(), where + "?" + url.Values{"date": {r.Span.Key}}.Encode()}
}

// serveChart is the picture of one report. Who keeps it asks before each use whether it is still so: late
// events change what was.
func (p *Press) serveChart(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "date", "period")
	if err != nil {
		return err
	}
	subjects, span, err := p.meant(r.PathValue("name"), q)
	if err != nil {
		return err
	}
	if len(subjects) != 1 {
		return fault.At(fault.Invalid, "one_report", "name",
			"a picture is of one report: ask for costs or traffic with period=%s", span.Unit)
	}
	report, err := p.Write(r.Context(), web.Identity(r.Context()).Tenant, subjects[0], span)
	if err != nil {
		return err
	}
	drawn, ok := p.picture(report)
	if !ok {
		return fault.New(fault.NotFound, noChart, "the report %s of %s has no figures to draw", report.Name, span.Key)
	}
	sum := sha256.Sum256(drawn.PNG)
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Content-Disposition", `inline; filename="`+drawn.Name+`"`)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Authorization, X-Analytics-Key, Cookie")
	h.Set("Etag", `"`+base64.RawURLEncoding.EncodeToString(sum[:16])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(drawn.PNG))
	return nil
}

// noChart is the code of the answer where a report has nothing to draw.
const noChart = "no_chart"
