package query

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/show"
)

// Section is one answer of a page.
type Section struct {
	Name   string
	Title  string
	Answer *Answer
	// One says that the answer is of one thing.
	One bool
}

// Page is several answers under their names.
type Page []Section

// onePanel is the parameter that asks for one panel of a page.
var onePanel = []Param{{Name: "panel", Help: "only this part of the page, as a table of its own in files"}}

// chosen are the panels that the parameters ask for: one by its name, or all.
func (v *Verb) chosen(name string) ([]Panel, error) {
	if name == "" {
		return v.Panels, nil
	}
	for i := range v.Panels {
		if v.Panels[i].Name == name {
			return v.Panels[i : i+1], nil
		}
	}
	return nil, fault.At(fault.Invalid, "unknown_panel", "panel", "there is no panel %q here; there are %s",
		clip(name), v.panelNames())
}

func (v *Verb) panelNames() string {
	var names []string
	for _, p := range v.Panels {
		names = append(names, p.Name)
	}
	return catalog.Choices(names)
}

// panel answers one panel of a page as a table.
func (d *Desk) panel(ctx context.Context, tenant store.Tenant, v *Verb, values url.Values) (*Answer, error) {
	page, err := d.page(ctx, tenant, v, values, true)
	if err != nil {
		return nil, err
	}
	return page[0].Answer, nil
}

// Page answers all panels of a verb for one range. A filter applies to the panels whose events have
// what it names; the others are left out. What is shown by its id and nowhere found is an error.
func (d *Desk) Page(
	ctx context.Context, tenant store.Tenant, v *Verb, values url.Values,
) (Page, error) {
	return d.page(ctx, tenant, v, values, false)
}

func (d *Desk) page(
	ctx context.Context, tenant store.Tenant, v *Verb, values url.Values, streamed bool,
) (Page, error) {
	p, err := d.read(v, values)
	if err != nil {
		return nil, err
	}
	p.streamed = streamed
	panels, err := v.chosen(p.get("panel"))
	if err != nil {
		return nil, err
	}
	var all Page
	var refused error
	found := false
	for _, panel := range panels {
		own, err := p.of(&panel.Form)
		if err != nil {
			return nil, err
		}
		a, err := d.fill(ctx, tenant, own, v.Since, panel.Form)
		if err != nil && fault.Of(err).Code == "invalid_combination" {
			refused = err
			continue
		}
		if err != nil {
			return nil, err
		}
		found = found || a.More != nil || !show.Empty(a)
		all = append(all, Section{panel.Name, panel.Title, a, panel.One})
	}
	if len(all) == 0 {
		return nil, refused
	}
	if v.Operand != "id" || found {
		return all, nil
	}
	if len(panels) < len(v.Panels) { // the others may have something
		rest := maps.Clone(values)
		rest.Del("panel")
		_, err := d.page(ctx, tenant, v, rest, false)
		return all, err
	}
	return nil, d.missing(ctx, tenant, v, p)
}

// missing says that there is no such thing, and what there is whose name is like it.
func (d *Desk) missing(ctx context.Context, tenant store.Tenant, v *Verb, p Params) error {
	name, hint := p.get(v.Operand), "--since reaches further back"
	noun := strings.TrimSuffix(v.Group, "s")
	if list := listOf(v.Group); list != nil && len(list.Question.By) > 0 {
		q, err := p.question(Question{Metrics: list.Question.Metrics[:1], By: list.Question.By}, v.Since)
		if err != nil {
			return err
		}
		q.Filter = strings.Trim(list.Question.Filter+";"+p.get("filter"), ";") // no name the asker filters out
		if a, err := d.Answer(ctx, tenant, q); err == nil {
			var names []string
			for _, row := range a.Rows {
				names = append(names, spelled(row[0]))
			}
			if near := catalog.Nearest(name, names); len(near) > 0 {
				hint = "did you mean " + catalog.Choices(near) + "?"
			}
		}
	}
	return fault.At(fault.NotFound, "not_found", v.Operand, "there is no %s %q in this range; %s",
		noun, clip(name), hint)
}

// listOf is the verb that lists a group's things.
func listOf(group string) *Verb {
	i := slices.IndexFunc(verbs, func(v Verb) bool { return v.Group == group && v.Name == "list" })
	if i < 0 {
		return nil
	}
	return &verbs[i]
}

// spelled is a cell as text, and nothing more.
func spelled(cell any) string {
	if s, ok := cell.(string); ok {
		return s
	}
	return string(answer.AppendCell(nil, cell))
}

// MarshalJSON writes an object of answers in the order of the sections.
func (p Page) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, s := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(append(answer.AppendString(nil, s.Name), ':'))
		if err := s.Answer.WriteJSON(&b); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// WriteJSON writes the page as MarshalJSON does.
func (p Page) WriteJSON(w io.Writer) error {
	b, err := p.MarshalJSON()
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

// Flat is the page as one table, for formats that have no place for several: a line for each
// number, and for each field of what there is one of. Lists of events and what is over time have tables
// of their own, by panel.
func (p Page) Flat() *Answer {
	flat := &Answer{Columns: []Column{
		dimension("section"), dimension("item"), dimension("metric"),
		{Name: "value", Kind: answer.KindMetric, Type: catalog.Number},
	}}
	for _, s := range p {
		if s.Answer.Meta.Interval != "" {
			continue
		}
		for _, row := range s.Answer.Rows {
			item := itemOf(s.Answer, row)
			for i, c := range s.Answer.Columns {
				if c.Kind == answer.KindMetric || c.Kind == answer.KindField && s.One {
					flat.Rows = append(flat.Rows, []any{s.Name, item, c.Name, row[i]})
				}
			}
		}
		flat.Meta = s.Answer.Meta
	}
	return flat
}

// itemOf is what a row is about: its dimensions, as far as they stand together. A word that stands behind a
// number says something of it.
func itemOf(a *Answer, row []any) any {
	var items []string
	for i, c := range a.Columns {
		if c.Kind != answer.KindDimension {
			break
		}
		if row[i] != nil {
			items = append(items, spelled(row[i]))
		}
	}
	if len(items) == 0 {
		return nil
	}
	return strings.Join(items, " ")
}

// typed is Flat where a column has one type: value is what is a number, text is each value as it is written,
// money to the last digit.
func (p Page) typed() *Answer {
	flat := p.Flat()
	flat.Columns = append(flat.Columns, dimension("text"))
	for i, row := range flat.Rows {
		number, text := any(nil), any(nil)
		if n, ok := amount(row[3]); ok {
			number = n
		}
		if row[3] != nil {
			text = answer.Plain(row[3])
		}
		flat.Rows[i] = append(row[:3:3], number, text)
	}
	return flat
}
