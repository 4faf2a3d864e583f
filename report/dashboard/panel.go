package dashboard

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"analytics/query"
	"analytics/query/catalog"
)

// Page is what one looks at: an entry of the menu, and the cards on it.
type Page struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Area   Area    `json:"area"`
	Every  int     `json:"every,omitempty"` // seconds between two looks, if not the usual ones
	Panels []Panel `json:"panels"`
}

// Area is what a page or panel is about.
type Area string

// The areas.
const (
	AI    Area = "ai"
	Web   Area = "web"
	House Area = "house"
)

// Panel is a card: what it asks, and how the answer is shown.
type Panel struct {
	As       string            `json:"as"` // tiles, chart, table, trail, or a way of house.js
	Title    string            `json:"title"`
	Path     string            `json:"path"`
	Part     string            `json:"part,omitempty"` // which of several answers
	Takes    []string          `json:"takes"`          // parameters of the address that it is asked with
	Params   map[string]string `json:"params,omitempty"`
	Own      string            `json:"own,omitempty"`     // conditions besides the filter
	Metrics  []string          `json:"metrics,omitempty"` // lines of a chart
	By       string            `json:"by,omitempty"`      // dimension whose values are lines
	Compare  bool              `json:"compare,omitempty"` // shows a comparison
	Wide     bool              `json:"wide,omitempty"`
	Third    bool              `json:"third,omitempty"`    // of the width, where others have half
	Optional bool              `json:"optional,omitempty"` // goes where the path is not there
	Admin    bool              `json:"admin,omitempty"`    // for administrators
	area     Area              // if not that of its page
}

// tiles are single figures, compared.
func tiles(title, path, metrics string) Panel {
	p := Panel{As: "tiles", Title: title, Path: path, Compare: true, Wide: true}
	return p.with("metrics", metrics)
}

// chart is metrics over time.
func chart(title, path, metrics string) Panel {
	p := Panel{As: "chart", Title: title, Path: path, Metrics: strings.Split(metrics, ",")}
	return p.with("metrics", metrics)
}

// lines is a metric over time for each of the values of a dimension that have most of it.
func lines(title, path, metric, by string) Panel {
	p := chart(title, path, metric).broad().with("by", by).with("order", "-"+metric).with("limit", "5").with("other", "true")
	p.By = by
	return p
}

// table is rows; more are names and values of parameters.
func table(title, path string, more ...string) Panel {
	p := Panel{As: "table", Title: title, Path: path}
	for i := 0; i < len(more); i += 2 {
		p = p.with(more[i], more[i+1])
	}
	return p
}

// part is one of several answers, as a table.
func part(title, path, name string) Panel {
	return Panel{As: "table", Title: title, Path: path, Part: name}
}

// house is a panel about the house itself, which house.js shows.
func house(as, title, path string) Panel {
	return Panel{As: as, Title: title, Path: path, Wide: true}
}

// secret is one for administrators.
func secret(as, title, path string) Panel {
	p := house(as, title, path)
	p.Admin = true
	return p
}

func (p Panel) with(name, value string) Panel {
	if value == "" {
		return p
	}
	p.Params = maps.Clone(p.Params)
	if p.Params == nil {
		p.Params = map[string]string{}
	}
	p.Params[name] = value
	return p
}

func (p Panel) broad() Panel           { p.Wide = true; return p }
func (p Panel) half() Panel            { p.Wide = false; return p }
func (p Panel) third() Panel           { p.Third = true; return p }
func (p Panel) compared() Panel        { p.Compare = true; return p }
func (p Panel) optional() Panel        { p.Optional = true; return p }
func (p Panel) of(filter string) Panel { p.Own = filter; return p }
func (p Panel) in(a Area) Panel        { p.area = a; return p }
func (p Panel) as(way string) Panel    { p.As = way; return p }
func (p Panel) drawn(m string) Panel   { p.Metrics = strings.Split(m, ","); return p.as("chart") }

// menu is the table of pages, each panel with what it takes.
var menu = sync.OnceValue(func() []Page {
	all := slices.Clone(pages)
	for i := range all {
		all[i].Panels = slices.Clone(all[i].Panels)
		for n := range all[i].Panels {
			all[i].Panels[n].Takes = all[i].Panels[n].takes()
		}
	}
	return all
})

// ofAddress are the parameters of questions that the address of a page holds.
var ofAddress = []string{"since", "from", "until", "tz", "filter", "include_bots", "compare"}

// takes are those of them that the question of the panel has. What does not keep to a filter is not asked
// with one, though others of its page are.
func (p Panel) takes() []string {
	v := p.verb()
	if p.Path == funnelsPath {
		v = verbAt(funnelsPath + "/show")
	}
	taken := []string{}
	if v == nil || p.As == "trail" { // which is of its id
		return taken
	}
	form := p.form(v)
	for _, one := range v.Params() {
		loose := one.Name == "filter" && form != &v.Form && form.Table != nil && !form.Kept
		if slices.Contains(ofAddress, one.Name) && !loose && (one.Name != "compare" || p.Compare) {
			taken = append(taken, one.Name)
		}
	}
	return taken
}

// verb is the question that the panel asks, nil if it is none.
func (p Panel) verb() *query.Verb { return verbAt(p.Path) }

func verbAt(path string) *query.Verb {
	all := query.Verbs()
	for i := range all {
		if all[i].Path() == path {
			return &all[i]
		}
	}
	return nil
}

// form is how the answer is made that the panel shows.
func (p Panel) form(v *query.Verb) *query.Form {
	for i := range v.Panels {
		if v.Panels[i].Name == p.Part {
			return &v.Panels[i].Form
		}
	}
	return &v.Form
}

// fields are the names by which events can be filtered.
var fields = sync.OnceValue(func() (names []string) {
	for _, d := range catalog.New().Dimensions {
		if d.Group {
			names = append(names, d.Name)
		}
	}
	return names
})
