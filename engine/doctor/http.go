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
	store    *store.Store
	Trail    *audit.Trail // of the default tenant
	now      func() time.Time
	warnings []func() []string
}

// NewDoor makes the door to a store.
func NewDoor(s *store.Store, now func() time.Time) *Door {
	return &Door{store: s, Trail: audit.Open(s, store.Default, now), now: now}
}

// Warn adds rooms that say what a person should know besides; it makes the store no less sound.
func (d *Door) Warn(rooms ...func() []string) { d.warnings = append(d.warnings, rooms...) }

// Routes adds POST /v1/doctor: it reads the whole store, so it is not a GET that anything may try.
func (d *Door) Routes(mux *web.Mux) {
	d.Trail.Routes(mux)
	mux.Handle("POST /v1/doctor", auth.Admin, func(w http.ResponseWriter, r *http.Request) error {
		report, err := Examine(r.Context(), d.store, d.now, nil)
		if err != nil {
			return err
		}
		for _, room := range d.warnings {
			report.Warnings = append(report.Warnings, room()...)
		}
		return web.JSON(w, http.StatusOK, report)
	})
}
