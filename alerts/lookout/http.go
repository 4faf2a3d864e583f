package lookout

import (
	"net/http"
	"slices"
	"time"

	"analytics/alerts/anomaly"
	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Routes hangs the door of this room into the mux.
func (l *Lookout) Routes(m *web.Mux) {
	m.Handle("GET /v1/alerts/anomalies", auth.Query, l.serve)
}

// anomalies is what is watched for anomalies, and how it stands.
type anomalies struct {
	At        time.Time       `json:"at"`
	Enabled   bool            `json:"enabled"`
	Total     int             `json:"total"`
	Series    []Standing      `json:"series"`
	Loops     []Circling      `json:"loops"`
	Checks    []anomaly.Check `json:"checks"`
	Questions int             `json:"questions"`
	TookMS    float64         `json:"took_ms"`
}

// serve shows the last check, or makes one if that is long ago. It changes nothing.
func (l *Lookout) serve(rw http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "metric", "dimension", "value", "state")
	if err != nil {
		return err
	}
	list := anomalies{Series: []Standing{}, Loops: []Circling{}, Checks: []anomaly.Check{}}
	if web.Identity(r.Context()).Tenant != store.Default { // others have none
		return web.JSON(rw, http.StatusOK, list)
	}
	got, err := l.Latest(r.Context())
	if err != nil {
		return err
	}
	list.At, list.Enabled, list.Questions = got.At, got.Enabled, got.Questions
	list.TookMS = float64(got.Took.Microseconds()) / 1e3
	list.Loops, list.Checks = append(list.Loops, got.Loops...), append(list.Checks, got.Checks...)
	is := func(name, value string) bool { return !q.Has(name) || q.Get(name) == value }
	list.Series = append(list.Series, slices.DeleteFunc(slices.Clone(got.Standings), func(s Standing) bool {
		return !is("metric", s.Metric) || !is("dimension", s.Dimension) || !is("value", s.Value) ||
			!is("state", string(s.State))
	})...)
	list.Total = len(got.Standings)
	return web.JSON(rw, http.StatusOK, list)
}
