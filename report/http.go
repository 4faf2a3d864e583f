package report

import (
	"net/http"
	"net/url"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/report/outbox"
)

// formats a report can be had in.
var formats = web.Formats{"json", "markdown"}

// Routes hangs the doors of this room into the mux.
func (p *Press) Routes(m *web.Mux) {
	m.Handle("GET /v1/reports/{name}", auth.Query, p.serveReport)
	m.Handle("GET /v1/reports/{name}/chart", auth.Query, p.serveChart)
	m.Handle("POST /v1/reports/{name}/send", auth.Admin, p.serveSend)
	p.outbox.Routes(m)
}

// asked is which reports of which span a request is about.
func (p *Press) asked(r *http.Request) ([]Subject, Span, error) {
	q, err := web.Parameters(r, "date", "period", "format", "charts")
	if err != nil {
		return nil, Span{}, err
	}
	return p.meant(r.PathValue("name"), q)
}

// meant is which reports a word and parameters mean.
func (p *Press) meant(word string, q url.Values) ([]Subject, Span, error) {
	w, err := named(word, q.Get("period"))
	if err != nil {
		return nil, Span{}, err
	}
	span, err := ParseSpan(q.Get("date"), w.unit, p.desk.Now(), p.desk.Zone())
	return w.subjects, span, err
}

func (p *Press) serveReport(w http.ResponseWriter, r *http.Request) error {
	format, err := formats.Of(r)
	if err != nil {
		return err
	}
	subjects, span, err := p.asked(r)
	if err != nil {
		return err
	}
	var all []*Report
	for _, about := range subjects {
		one, err := p.Write(r.Context(), web.Identity(r.Context()).Tenant, about, span)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	if format == "markdown" {
		w.Header().Set("Content-Type", web.ContentType(format))
		for i, one := range all {
			if i > 0 {
				if _, err := w.Write([]byte("\n")); err != nil {
					return err
				}
			}
			if _, err := w.Write(one.Markdown(one.place(r.URL.Query().Get("charts")))); err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 1 {
		return web.JSON(w, http.StatusOK, all[0])
	}
	return web.JSON(w, http.StatusOK, map[string]any{"reports": all})
}

// serveSend publishes. Files and channel belong to whoever runs the server, so another tenant's
// report does not go there.
func (p *Press) serveSend(w http.ResponseWriter, r *http.Request) error {
	if web.Identity(r.Context()).Tenant != store.Default {
		return fault.New(fault.Forbidden, "not_yours", "the channel belongs to the default tenant")
	}
	subjects, span, err := p.asked(r)
	if err != nil {
		return err
	}
	var sent []outbox.Entry
	for _, about := range subjects {
		e, err := p.Send(r.Context(), about, span)
		if err != nil {
			return err
		}
		sent = append(sent, e)
	}
	return web.JSON(w, http.StatusOK, map[string]any{"letters": sent})
}
