package doctor

import (
	"net/http"
	"time"

	"analytics/engine/audit"
	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Door is the doctor over HTTP, and by the clock.
type Door struct {
	store *store.Store
	trail *audit.Trail
	now   func() time.Time
}

// NewDoor makes the door to a store.
func NewDoor(s *store.Store, now func() time.Time) *Door {
	return &Door{s, audit.Open(s, store.Default, now), now}
}

// Routes adds POST /v1/doctor: it reads the whole store, so it is not a GET that anything may try.
func (d *Door) Routes(mux *web.Mux) {
	d.trail.Routes(mux)
	mux.Handle("POST /v1/doctor", auth.Admin, func(w http.ResponseWriter, r *http.Request) error {
		report, err := Examine(r.Context(), d.store, d.now, nil)
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, report)
	})
}
