package funnels

import (
	"net/http"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Door is the funnels over HTTP.
type Door struct {
	store *store.Store
	now   func() time.Time
}

// NewDoor makes a door.
func NewDoor(s *store.Store, now func() time.Time) *Door { return &Door{s, now} }

// Routes adds GET and POST /v1/funnels, and DELETE /v1/funnels/{id}. Counting one is a question, and where the
// other questions are, and so is the list as a table.
func (d *Door) Routes(m *web.Mux) {
	m.Handle("GET /v1/funnels", auth.Query, d.list)
	m.Handle("POST /v1/funnels", auth.Admin, d.create)
	m.Handle("DELETE /v1/funnels/{id}", auth.Admin, d.delete)
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
	if err := d.shelf(r).Delete(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]string{"deleted": r.PathValue("id")})
}
