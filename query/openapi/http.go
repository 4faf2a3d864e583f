package openapi

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"

	"analytics/engine/auth"
	"analytics/engine/web"
)

//go:embed page.html
var pageText string

//go:embed style.css
var style []byte

// policy lets the page load its own style and nothing else.
const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// made is the document and the page, made when somebody first asks: then all routes are there.
type made struct{ document, page []byte }

// Routes adds
//
//	GET /openapi.json  the description for programs
//	GET /docs          the same for people
func Routes(mux *web.Mux, version string) {
	once := sync.OnceValues(func() (made, error) { return makeBoth(version, mux.Routes()) })
	serve := func(kind string, of func(made) []byte) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			m, err := once()
			if err != nil {
				return err
			}
			h := w.Header()
			h.Set("Content-Type", kind)
			h.Set("Content-Security-Policy", policy)
			h.Set("Cache-Control", "no-cache")
			_, err = w.Write(of(m))
			return err
		}
	}
	mux.Handle("GET /openapi.json", auth.None, serve("application/json", func(m made) []byte { return m.document }))
	mux.Handle("GET /docs", auth.None, serve("text/html; charset=utf-8", func(m made) []byte { return m.page }))
	mux.Handle("GET /docs/style.css", auth.None, serve("text/css; charset=utf-8", func(made) []byte { return style }))
}

func makeBoth(version string, routes map[string]auth.Scope) (m made, err error) {
	d := Document(version, routes)
	if m.document, err = json.MarshalIndent(d, "", " "); err != nil {
		return m, err
	}
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return m, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, viewOf(d))
	m.page = b.Bytes()
	return m, err
}

// view is the document as the page shows it.
type view struct {
	Version string
	Groups  []group
}

type group struct {
	Name       string
	Operations []operation
}

type operation struct {
	ID, Method, Path, Summary string
	// Text is in pieces: every second one is code.
	Text       []string
	Parameters []parameter
	Columns    []parameter
}

type parameter struct{ Name, Type, Help string }

func viewOf(d Object) view {
	v := view{Version: d["info"].(Object)["version"].(string)}
	paths := d["paths"].(Object)
	for _, path := range keys(paths) {
		item := paths[path].(Object)
		for _, method := range keys(item) {
			o := item[method].(Object)
			tag := o["tags"].([]string)[0]
			at := slices.IndexFunc(v.Groups, func(g group) bool { return g.Name == tag })
			if at < 0 {
				at = len(v.Groups)
				v.Groups = append(v.Groups, group{Name: tag})
			}
			text, _ := o["description"].(string)
			one := operation{ID: o["operationId"].(string), Method: strings.ToUpper(method), Path: path,
				Summary: o["summary"].(string), Text: strings.Split(text, "`"), Columns: columns(o)}
			params, _ := o["parameters"].([]any)
			for _, p := range params {
				one.Parameters = append(one.Parameters, cell(p.(Object)["name"].(string),
					p.(Object)["schema"].(Object), p.(Object)["description"]))
			}
			v.Groups[at].Operations = append(v.Groups[at].Operations, one)
		}
	}
	slices.SortFunc(v.Groups, func(a, b group) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// columns are the columns of an operation's answer, where they are known.
func columns(o Object) (all []parameter) {
	s := at(o, "responses", "200", "content", "application/json", "schema")
	parts, _ := s["allOf"].([]any)
	if len(parts) != 2 {
		return nil
	}
	row := at(parts[1].(Object), "properties", "rows", "items", "properties")
	for _, name := range keys(row) {
		c := row[name].(Object)
		all = append(all, cell(name, c, c["description"]))
	}
	return all
}

// at goes down a path of objects; it is empty where there is none.
func at(o Object, path ...string) Object {
	for _, name := range path {
		o, _ = o[name].(Object)
	}
	return o
}

func cell(name string, s Object, help any) parameter {
	p := parameter{Name: name}
	switch t := s["type"].(type) {
	case string:
		p.Type = t
	case []string:
		p.Type = t[0]
	}
	if values, ok := s["enum"].([]string); ok {
		p.Type = strings.Join(values, " | ")
	}
	p.Help, _ = help.(string)
	return p
}

func keys(o Object) []string {
	var all []string
	for name := range o {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
