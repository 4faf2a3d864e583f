package jobs

import (
	"net/http"
	"time"

	"analytics/engine/auth"
	"analytics/engine/web"
)

// Status is a job as people see it.
type Status struct {
	Name     string `json:"name"`
	About    string `json:"about"`
	Schedule string `json:"schedule"`
	Running  bool   `json:"running"`
	Last     Row    `json:"last"`
	Periods  []Row  `json:"periods,omitempty"`
	// Next is when it is due; zero where that is when a server starts.
	Next time.Time `json:"next,omitzero"`
}

// List says how each job is doing, in the order of the table.
func (s *Scheduler) List() ([]Status, error) {
	var out []Status
	for _, r := range s.jobs {
		row, _, err := r.ledger.load(r.Name)
		if err != nil {
			return nil, err
		}
		if newer := r.last.Load(); newer != nil {
			row = *newer
		}
		st := Status{
			Name: r.Name, About: r.About, Schedule: r.When.String(),
			Next: r.next(), Running: len(r.busy) > 0, Last: row,
		}
		if st.Periods, err = r.ledger.history(r.Name); err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

// next is when the job is due next. What is due every so often is due at the start, and from then on
// when its clock says: a run that somebody asks for in between changes nothing.
func (r *runner) next() time.Time {
	if r.When.every == 0 {
		return r.When.next(r.of.now()).UTC()
	}
	if clock := r.clock.Load(); clock != nil && r.of.ctx.Err() == nil {
		if at, err := (*clock).NextRun(); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// Routes adds GET /v1/jobs and POST /v1/jobs/{name}/run.
func (s *Scheduler) Routes(mux *web.Mux) {
	mux.Handle("GET /v1/jobs", auth.Admin, func(w http.ResponseWriter, _ *http.Request) error {
		list, err := s.List()
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, map[string]any{"jobs": list})
	})
	mux.Handle("POST /v1/jobs/{name}/run", auth.Admin,
		func(w http.ResponseWriter, r *http.Request) error {
			begin := s.now()
			if err := s.Run(r.Context(), r.PathValue("name")); err != nil {
				return err
			}
			return web.JSON(w, http.StatusOK, map[string]any{
				"job": r.PathValue("name"), "state": Done,
				"elapsed_ms": float64(s.now().Sub(begin).Microseconds()) / 1000,
			})
		})
}
