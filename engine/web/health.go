package web

import (
	"context"
	"net/http"
	"sync"

	"analytics/engine/fault"
)

// Health says whether the program is alive and whether it should be sent requests.
type Health struct {
	mu     sync.Mutex
	reason string // why not ready; "" is ready
	checks []check
}

type check struct {
	name string
	run  func(context.Context) error
}

// NewHealth is not ready: it is starting.
func NewHealth() *Health { return &Health{reason: "starting"} }

// Ready says that requests can be answered.
func (h *Health) Ready() { h.set("") }

// Drain says that the program is about to stop, so that load balancers look elsewhere.
func (h *Health) Drain() { h.set("draining") }

func (h *Health) set(reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reason = reason
}

// Check adds a condition of being ready, such as "storage": it is asked on every GET /readyz, and
// an error means not ready. The error's fault code is the reason that is shown.
func (h *Health) Check(name string, run func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, check{name, run})
}

// state is what both routes answer.
type state struct {
	Status  string `json:"status"` // "ok" or "unavailable"
	Reason  string `json:"reason,omitempty"`
	Check   string `json:"check,omitempty"`
	Message string `json:"message,omitempty"`
}

func (h *Health) state(ctx context.Context) state {
	h.mu.Lock()
	reason, checks := h.reason, h.checks
	h.mu.Unlock()
	if reason != "" {
		return state{Status: "unavailable", Reason: reason}
	}
	for _, c := range checks {
		if err := c.run(ctx); err != nil {
			f := fault.Of(err)
			return state{Status: "unavailable", Reason: f.Code, Check: c.name, Message: f.Message}
		}
	}
	return state{Status: "ok"}
}

// Routes adds GET /healthz, which is 200 while the process answers at all, and GET /readyz, which
// is 503 with the reason while it should not be sent requests.
func (h *Health) Routes(m *Mux) {
	m.HandleQuietly("GET /healthz", "", func(w http.ResponseWriter, _ *http.Request) error {
		return JSON(w, http.StatusOK, state{Status: "ok"})
	})
	m.HandleQuietly("GET /readyz", "", func(w http.ResponseWriter, r *http.Request) error {
		s := h.state(r.Context())
		if s.Status == "ok" {
			return JSON(w, http.StatusOK, s)
		}
		w.Header().Set("Retry-After", "1")
		return JSON(w, http.StatusServiceUnavailable, s)
	})
}
