package orders

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
)

const path = "/v1/analytics/exports"

// Routes hangs the doors into the mux.
func (f *Office) Routes(m *web.Mux) {
	m.Handle("POST "+path, auth.Export, f.post)
	m.Handle("GET "+path, auth.Export, f.getAll)
	m.Handle("GET "+path+"/{id}", auth.Export, f.get)
	m.Handle("GET "+path+"/{id}/download", auth.Export, f.download)
	m.Handle("DELETE "+path+"/{id}", auth.Export, f.delete)
}

// body is an order as clients get it. ExportType is the form of the file and Format what is in it, as
// PromptOps has them.
type body struct {
	ID         string  `json:"export_id"`
	State      State   `json:"status"`
	ExportType string  `json:"export_type"`
	Format     string  `json:"format"`
	Type       string  `json:"type"`
	Start      string  `json:"start_date"`
	End        string  `json:"end_date"`
	Created    string  `json:"created_at"`
	Completed  *string `json:"completed_at"`
	Expires    string  `json:"expires_at"`
	Progress   float64 `json:"progress"` // 0 to 1
	Total      int64   `json:"record_count"`
	Done       int64   `json:"records_done"`
	Bytes      int64   `json:"file_size_bytes"`
	Download   *string `json:"download_url"`
	Error      string  `json:"error_message,omitempty"`
}

func (f *Office) show(o *Order) body {
	b := body{
		ID: o.ID, State: o.State, ExportType: o.File, Format: o.Content, Type: o.Kind,
		Start: f.text(o.From), End: f.text(o.To), Created: f.text(o.Created), Expires: f.text(o.Expires),
		Total: o.Total, Done: o.Rows, Bytes: o.Bytes, Error: o.Error,
	}
	switch o.State {
	case Completed:
		done, url := f.text(o.Completed), path+"/"+o.ID+"/download"
		b.Completed, b.Download, b.Progress = &done, &url, 1
	case Processing:
		f.mu.Lock()
		if f.current == o.ID {
			b.Done = f.rows.Load()
		}
		f.mu.Unlock()
		if b.Total > 0 {
			b.Progress = float64(b.Done*1000/b.Total) / 1000
		}
	}
	return b
}

func (f *Office) text(t time.Time) string { return t.In(f.cfg.Zone).Format(time.RFC3339) }

func (f *Office) post(w http.ResponseWriter, r *http.Request) error {
	r, err := said(w, r)
	if err != nil {
		return err
	}
	o, err := f.read(r)
	if err != nil {
		return err
	}
	if err := f.take(r.Context(), o); err != nil {
		return err
	}
	if err := f.tell(r.Context(), "export_ordered", o); err != nil {
		return err
	}
	w.Header().Set("Location", path+"/"+o.ID)
	return web.JSON(w, http.StatusAccepted, f.show(o))
}

func (f *Office) getAll(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	all, err := f.list(web.Identity(r.Context()).Tenant)
	if err != nil {
		return err
	}
	answer := struct {
		Exports []body `json:"exports"`
		Total   int    `json:"total"`
	}{[]body{}, len(all)}
	for _, o := range all {
		answer.Exports = append(answer.Exports, f.show(o))
	}
	return web.JSON(w, http.StatusOK, answer)
}

// asked is the order that the path names, for the caller's tenant.
func (f *Office) asked(r *http.Request) (*Order, error) {
	if _, err := web.Parameters(r); err != nil {
		return nil, err
	}
	o, err := f.find(web.Identity(r.Context()).Tenant, r.PathValue("id"))
	if err == nil && !f.cfg.Now().Before(o.Expires) {
		err = fault.At(fault.NotFound, "export_expired", "id",
			"this export expired at %s; order it again", f.text(o.Expires))
	}
	return o, err
}

func (f *Office) get(w http.ResponseWriter, r *http.Request) error {
	o, err := f.asked(r)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, f.show(o))
}

func (f *Office) download(w http.ResponseWriter, r *http.Request) error {
	o, err := f.asked(r)
	if err != nil {
		return err
	}
	if o.State != Completed {
		return fault.At(fault.Conflict, "export_not_ready", "id",
			"this export is %s; GET %s/%s says how far it is", o.State, path, o.ID)
	}
	file, err := f.root.Open(o.name())
	if err != nil {
		return fault.At(fault.NotFound, "export_lost", "id",
			"the file of this export is gone; order it again").Wrap(err)
	}
	defer file.Close()
	if r.Header.Get("Range") == "" { // the rest of a download is not another one
		if err := f.tell(r.Context(), "export_fetched", o); err != nil {
			return err
		}
	}
	h := w.Header()
	h.Set("Content-Type", web.ContentType(o.File))
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s-%s.%s"`, o.Kind,
		o.From.Format("20060102"), o.To.Format("20060102"), o.File))
	h.Set("Etag", `"`+o.ID+`"`)
	http.ServeContent(w, r, "", o.Completed, file)
	return nil
}

func (f *Office) delete(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	o, err := f.find(web.Identity(r.Context()).Tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := f.remove(r.Context(), o); err != nil {
		return err
	}
	if err := f.tell(r.Context(), "export_deleted", o); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// tell tells the audit trail who did what to an order.
func (f *Office) tell(ctx context.Context, action string, o *Order) error {
	if f.cfg.Record == nil {
		return nil
	}
	who := web.Identity(ctx)
	actor := who.KeyID
	if actor == "" {
		actor = "local"
	}
	text, err := json.Marshal(map[string]any{
		"type": event.Activity.String(), "category": "data_access", "action": action, "actor": actor,
		"target": "export " + o.ID, "outcome": "success", "severity": "medium",
		"properties": map[string]any{"events": o.Kind, "file": o.File,
			"from": o.From.UTC().Format(time.RFC3339), "to": o.To.UTC().Format(time.RFC3339)},
	})
	if err != nil {
		return err
	}
	return f.cfg.Record(ctx, who.Tenant, text)
}

func clip(s string) string {
	if len(s) > 64 {
		s = s[:64] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
