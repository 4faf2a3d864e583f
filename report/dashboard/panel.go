package dashboard

import "strings"

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

// Takes says what of the address a question understands.
type Takes string

// What questions take.
const (
	Nothing    Takes = "none"
	Time       Takes = "time"
	Filter     Takes = "filter" // and time and bots
	Everything Takes = "all"    // and a comparison
)

// Panel is a card: what it asks, and how the answer is shown.
type Panel struct {
	As       string            `json:"as"` // tiles, chart, table, trail, or a way of house.js
	Title    string            `json:"title"`
	Path     string            `json:"path"`
	Part     string            `json:"part,omitempty"` // which of several answers
	Takes    Takes             `json:"takes"`
	Params   map[string]string `json:"params,omitempty"`
	Own      string            `json:"own,omitempty"`     // conditions besides the filter
	Metrics  []string          `json:"metrics,omitempty"` // lines of a chart
	By       string            `json:"by,omitempty"`      // dimension whose values are lines
	Compare  bool              `json:"compare,omitempty"` // asks for a comparison
	Wide     bool              `json:"wide,omitempty"`
	Third    bool              `json:"third,omitempty"`    // of the width, where others have half
	Optional bool              `json:"optional,omitempty"` // goes where the path is not there
	Admin    bool              `json:"admin,omitempty"`    // for administrators
	area     Area              // if not that of its page
}

// tiles are single figures, compared.
func tiles(title, path, metrics string) Panel {
	p := Panel{As: "tiles", Title: title, Path: path, Takes: Everything, Compare: true, Wide: true}
	return p.with("metrics", metrics)
}

// chart is metrics over time.
func chart(title, path, metrics string) Panel {
	p := Panel{As: "chart", Title: title, Path: path, Takes: Everything, Metrics: strings.Split(metrics, ",")}
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
	p := Panel{As: "table", Title: title, Path: path, Takes: Filter}
	for i := 0; i < len(more); i += 2 {
		p = p.with(more[i], more[i+1])
	}
	return p
}

// timed is a table of what takes no filter.
func timed(title, path string, more ...string) Panel {
	p := table(title, path, more...)
	p.Takes = Time
	return p
}

// part is one of several answers, as a table.
func part(title, path, name string) Panel {
	return Panel{As: "table", Title: title, Path: path, Takes: Filter, Part: name}
}

// house is a panel about the house itself, which house.js shows.
func house(as, title, path string) Panel {
	return Panel{As: as, Title: title, Path: path, Takes: Nothing, Wide: true}
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
	params := map[string]string{name: value}
	for n, v := range p.Params {
		params[n] = v
	}
	p.Params = params
	return p
}

func (p Panel) broad() Panel           { p.Wide = true; return p }
func (p Panel) half() Panel            { p.Wide = false; return p }
func (p Panel) third() Panel           { p.Third = true; return p }
func (p Panel) compared() Panel        { p.Compare = true; return p }
func (p Panel) optional() Panel        { p.Optional = true; return p }
func (p Panel) of(filter string) Panel { p.Own = filter; return p }
func (p Panel) in(a Area) Panel        { p.area = a; return p }
func (p Panel) taking(t Takes) Panel   { p.Takes = t; return p }
func (p Panel) as(way string) Panel    { p.As = way; return p }
func (p Panel) drawn(m string) Panel   { p.Metrics = strings.Split(m, ","); return p.as("chart") }
