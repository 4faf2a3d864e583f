package audit

import (
	"net/http"

	"analytics/engine/auth"
	"analytics/engine/web"
)

// Routes adds GET /v1/audit/chain, which verifies the trail and tells its newest hash.
func (t *Trail) Routes(mux *web.Mux) {
	mux.Handle("GET /v1/audit/chain", auth.Admin, func(w http.ResponseWriter, r *http.Request) error {
		report, err := t.Verify(r.Context())
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, report)
	})
}
