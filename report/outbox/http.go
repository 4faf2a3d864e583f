package outbox

import (
	"net/http"
	"strconv"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// Routes hangs the doors of the outbox into the mux.
func (o *Outbox) Routes(m *web.Mux) {
	m.Handle("GET /v1/outbox", auth.Admin, ours(o.serveList))
	m.Handle("POST /v1/outbox/retry", auth.Admin, ours(o.serveRetry))
	m.Handle("GET /v1/outbox/{id}", auth.Admin, ours(o.serveShow))
	m.Handle("POST /v1/outbox/{id}/retry", auth.Admin, ours(o.serveRetryOne))
	m.Handle("DELETE /v1/outbox/{id}", auth.Admin, ours(o.serveDrop))
	m.Handle("GET /v1/channels", auth.Admin, ours(o.serveChannels))
	m.Handle("POST /v1/channels/{name}/test", auth.Admin, ours(o.serveTest))
}

// ours lets only the default tenant in: channels belong to whoever runs the server, and what goes
// over them is of its events.
func ours(
	serve func(http.ResponseWriter, *http.Request) error,
) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if web.Identity(r.Context()).Tenant != store.Default {
			return fault.New(fault.Forbidden, "not_yours", "the channels belong to the default tenant")
		}
		return serve(w, r)
	}
}

// maxListed is how many letters are listed at most.
const maxListed = 1000

func (o *Outbox) serveList(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "state", "channel", "limit")
	if err != nil {
		return err
	}
	state, channel, limit := State(q.Get("state")), q.Get("channel"), 100
	switch state {
	case "", Pending, Delivered, Dead:
	default:
		return fault.At(fault.Invalid, "invalid_parameter", "state", "state must be pending, delivered or dead")
	}
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxListed {
			return fault.At(fault.Invalid, "invalid_parameter", "limit", "limit must be a whole number from 1 to %d",
				maxListed)
		}
	}
	all := o.Entries(state, channel)
	return web.JSON(w, http.StatusOK, map[string]any{
		"status": o.Status(), "letters": all[:min(limit, len(all))], "total": len(all),
	})
}

func (o *Outbox) serveShow(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	e, err := o.Show(r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, e)
}

// serveRetry sends everything that is not delivered, and says how it stands after one try.
func (o *Outbox) serveRetry(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	n, err := o.Retry(r.Context())
	if err != nil {
		return err
	}
	if _, err := o.Flush(r.Context()); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"retried": n, "status": o.Status()})
}

func (o *Outbox) serveRetryOne(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	e, err := o.RetryOne(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := o.Flush(r.Context()); err != nil {
		return err
	}
	now, err := o.Show(e.ID)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, now.Entry)
}

func (o *Outbox) serveDrop(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	e, err := o.Drop(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, e)
}

func (o *Outbox) serveChannels(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"channels": o.Status().Channels})
}

func (o *Outbox) serveTest(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	t, err := o.Test(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, t)
}
