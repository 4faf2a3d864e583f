package query

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"

	"analytics/query/catalog"
)

// Routes hangs the doors of this room into the mux.
func (d *Desk) Routes(m *web.Mux) {
	for i := range verbs {
		v := &verbs[i]
		m.HandleBound("GET "+v.Path(), auth.Query, d.serve(v))
		if v.ByID() != "" {
			m.HandleBound("GET "+v.ByID(), auth.Query, d.serve(v))
		}
		if v.Group == "events" {
			m.HandleBound("GET /v1/events", auth.Query, d.serve(v))
		}
	}
	m.HandleBound("GET /v1/catalog", auth.Query, d.serveCatalog)
	d.routiium(m)
	d.promptOps(m)
}

// formats are the formats of an answer. A page is several answers: where a format has a place for one table,
// it is a line for each number, or the panel that is asked for.
var formats = web.Formats{"json", "csv", "ndjson", "arrow", "parquet"}

// serve is the handler of a verb.
func (d *Desk) serve(v *Verb) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		format, err := formats.Of(r)
		if err != nil {
			return err
		}
		live := web.WantsEvents(r)
		if live {
			format = "json"
		}
		values, err := valuesIn(r)
		if err != nil {
			return err
		}
		id := r.PathValue("id")
		if id != "" {
			values["id"] = append(values["id"], id)
		}
		bound := web.Identity(r.Context()).Bound
		if err := Narrow(v, values, bound); err != nil {
			return err
		}
		reply := func() (document, error) {
			a, err := d.respond(r.Context(), tenantOf(r), v, values, format)
			if err != nil {
				return nil, v.astray(id, refused(err, bound))
			}
			if !bound.Free() {
				unseen(a)
			}
			return a, nil
		}
		if live { // not shared: it follows the store's version, which an answer made before would miss
			return d.stream(w, r, values, reply)
		}
		tag, err := d.tag(r, v, values, format)
		if err != nil {
			return refused(err, bound)
		}
		if unchanged(w, r, tag) {
			return nil
		}
		a, err := d.shared(r.Context(), shareKey(tenantOf(r), bound, v, values, format), reply)
		if err != nil {
			return err
		}
		head(w, format, v)
		if t, ok := a.(*Answer); ok && t.Meta.Next != "" {
			w.Header().Set(NextHeader, t.Meta.Next) // files have no place for meta
		}
		if format == "json" {
			return a.WriteJSON(w)
		}
		return tableOf(a, format).Write(w, format)
	}
}

// astray says of an id in a path that nothing has which question of the group its asker may have meant.
func (v *Verb) astray(id string, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == "not_found" && f.Field != "filter" && id != "" {
		var paths []string
		for _, name := range catalog.Nearest(id, namesIn(v.Group)) {
			paths = append(paths, "/v1/"+v.Group+"/"+name)
		}
		if len(paths) > 0 {
			told := *f
			told.Message += "; the question is at " + catalog.Choices(paths)
			return &told
		}
	}
	return err
}

// namesIn are the names of a group's questions.
func namesIn(group string) (names []string) {
	for i := range verbs {
		if verbs[i].Group == group && verbs[i].Name != "" {
			names = append(names, verbs[i].Name)
		}
	}
	return names
}

// document is what answers a verb: an answer, a page of answers or a trail.
type document interface {
	WriteJSON(w io.Writer) error
	Flat() *Answer // as one table
}

// tableOf is a document as one table that a format has a place for.
func tableOf(a document, format string) *Answer {
	if p, ok := a.(Page); ok && (format == "arrow" || format == "parquet") {
		return p.typed()
	}
	return a.Flat()
}

// respond answers a verb. All formats but json are written while they are made.
func (d *Desk) respond(
	ctx context.Context, tenant store.Tenant, v *Verb, values url.Values, format string,
) (document, error) {
	streamed := format != "json"
	switch {
	case v.Trail:
		return d.Trail(ctx, tenant, v, values)
	case len(v.Panels) > 0 && streamed && values.Get("panel") != "":
		return d.panel(ctx, tenant, v, values)
	case len(v.Panels) > 0:
		return d.Page(ctx, tenant, v, values)
	}
	return d.ask(ctx, tenant, v, values, streamed)
}

// valuesIn reads the parameters of a URL. The library drops, silently, every parameter with a
// semicolon in it, and filters are joined by semicolons: one of two conditions would be lost.
func valuesIn(r *http.Request) (url.Values, error) {
	values, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		return nil, fault.New(fault.Invalid, "invalid_query",
			"the parameters after ? cannot be read; %% must be written %%25")
	}
	return values, nil
}

func tenantOf(r *http.Request) store.Tenant { return web.Identity(r.Context()).Tenant }

// NextHeader is the answer's header with the cursor where a list goes on that was cut by its limit.
const NextHeader = "Analytics-Next"

// head sets the headers of an answer. Answers are of one caller and one moment: nobody keeps them but
// by the tag of a past that is over (etag.go).
func head(w http.ResponseWriter, format string, v *Verb) {
	h := w.Header()
	h.Set("Content-Type", web.ContentType(format))
	if format != "json" {
		name := strings.TrimSuffix(v.Group+"-"+v.Name, "-") + "." + format
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
}

// catalogBody is the catalog as clients get it.
type catalogBody struct {
	Metrics    []metricBody    `json:"metrics"`
	Dimensions []dimensionBody `json:"dimensions"`
	Questions  []verbBody      `json:"questions"`
}

type metricBody struct {
	Name   string       `json:"name"`
	Type   catalog.Type `json:"type"`
	Unit   string       `json:"unit,omitempty"`
	Help   string       `json:"help"`
	Events []string     `json:"events"`
}

type dimensionBody struct {
	Name   string       `json:"name"`
	Type   catalog.Type `json:"type"`
	Unit   string       `json:"unit,omitempty"`
	Help   string       `json:"help,omitempty"`
	Events []string     `json:"events"`
	Group  bool         `json:"by"`
}

type verbBody struct {
	Path    string   `json:"path"`
	Command string   `json:"command"`
	Help    string   `json:"help"`
	Params  []string `json:"parameters"`
}

func (d *Desk) serveCatalog(w http.ResponseWriter, r *http.Request) error {
	if err := onlyParams(r); err != nil {
		return err
	}
	var body catalogBody
	for _, m := range d.catalog.Metrics {
		body.Metrics = append(body.Metrics, metricBody{
			m.Name, m.Type, m.Unit, m.Help, typeNames(m.Kinds()),
		})
	}
	for _, dim := range d.catalog.Dimensions {
		body.Dimensions = append(body.Dimensions, dimensionBody{
			dim.Name, dim.Type, dim.Unit, dim.Help, typeNames(dim.Kinds), dim.Group,
		})
	}
	for i := range verbs {
		v := &verbs[i]
		var params []string
		for _, p := range v.Params() {
			params = append(params, p.Name)
		}
		body.Questions = append(body.Questions, verbBody{
			cmp.Or(strings.Replace(v.ByID(), "...", "", 1), v.Path()), v.Command(), v.Help, params,
		})
	}
	return web.JSON(w, http.StatusOK, body)
}

// onlyParams refuses parameters that a route does not have.
func onlyParams(r *http.Request, known ...Param) error {
	values, err := valuesIn(r)
	if err != nil {
		return err
	}
	_, err = readParams(values, append(known, hidden...), time.Time{}, time.UTC)
	return err
}
