package schema

import (
	"cmp"
	"slices"
	"strings"

	"analytics/engine/event"
	"analytics/query"
	"analytics/query/catalog"
)

// Object is a JSON object.
type Object = map[string]any

// Of is the schema of what answers a verb, whatever parameters it is asked with.
func Of(c *catalog.Catalog, v *query.Verb) Object {
	switch {
	case v.Trail:
		return Trail()
	case len(v.Panels) > 0:
		panels := Object{} // none is required: a filter leaves out those whose events have no such field
		for i := range v.Panels {
			p := &v.Panels[i]
			panel := Answer(Row(c, &p.Form))
			panel["description"] = p.Title
			panels[p.Name] = panel
		}
		return Object{"type": "object", "properties": panels}
	}
	return Answer(Row(c, &v.Form))
}

// Row is the cells that a form's rows have by themselves.
func Row(c *catalog.Catalog, f *query.Form) Object {
	names := slices.Concat(f.Question.By, f.Question.Metrics, f.Fields)
	if f.Trend || f.Question.Interval != "" {
		names = append(names, "time")
	}
	if f.List && len(f.Fields) == 0 {
		for _, k := range f.Kinds {
			for _, field := range k.Fields() {
				if !field.Transient {
					names = append(names, field.Name)
				}
			}
		}
	}
	row := Object{}
	for _, name := range names {
		row[name] = column(c, name)
	}
	return row
}

// column is the schema of one cell. Every cell may be null: nobody knows, or there was nothing.
func column(c *catalog.Catalog, name string) Object {
	if name == "time" {
		return cell(catalog.Time, "", "start of the bucket")
	}
	for i := range c.Metrics {
		if m := &c.Metrics[i]; m.Name == name {
			return cell(m.Type, m.Unit, m.Help)
		}
	}
	for i := range c.Dimensions {
		if d := &c.Dimensions[i]; d.Name == name {
			return cell(d.Type, d.Unit, d.Help)
		}
	}
	return Object{}
}

// kinds are the JSON types of the catalog's; a decimal is an exact number.
var kinds = map[catalog.Type]string{
	catalog.Integer: "integer", catalog.Decimal: "number", catalog.Number: "number",
	catalog.String: "string", catalog.Boolean: "boolean", catalog.Time: "string",
}

func cell(t catalog.Type, unit, help string) Object {
	s := Object{"type": []string{kinds[t], "null"}}
	if t == catalog.Time {
		s["format"] = "date-time"
	}
	if unit != "" {
		help = strings.TrimPrefix(help+", in "+unit, ", ")
	}
	if help != "" {
		s["description"] = help
	}
	return s
}

// Answer is the schema of an answer whose rows have at least such cells by default.
func Answer(row Object) Object {
	var types []string
	for t := range kinds {
		types = append(types, string(t))
	}
	slices.Sort(types)
	return Object{
		"type": "object", "required": []string{"columns", "rows", "totals", "meta"},
		"properties": Object{
			"columns": Object{"type": "array", "items": Object{
				"type": "object", "required": []string{"name", "kind", "type"},
				"properties": Object{
					"name": Object{"type": "string"},
					"kind": Object{"enum": []string{"time", "dimension", "metric", "field"}},
					"type": Object{"enum": types},
					"unit": Object{"type": "string"},
				},
			}},
			"rows": Object{"type": "array", "items": Object{"type": "object", "properties": row}},
			"totals": Object{"type": []string{"object", "null"},
				"description": "the metrics over everything the question covers; null for lists"},
			"meta": Meta(),
		},
	}
}

// Meta is the schema of what an answer says of itself.
func Meta() Object {
	moment := Object{"type": []string{"string", "null"}, "format": "date-time"}
	text := Object{"type": "string"}
	whole := Object{"type": "integer"}
	names := Object{"type": "array", "items": text}
	return Object{
		"type": "object",
		"required": []string{"from", "to", "tz", "interval", "exact", "sources", "watermark",
			"elapsed_ms"},
		"properties": Object{
			"from": moment, "to": moment, "tz": text,
			"interval": Object{"type": []string{"string", "null"}},
			"compared": Object{"type": "object", "properties": Object{"from": moment, "to": moment}},
			"exact": Object{"type": "boolean",
				"description": "false where a number is an estimate, or events that were needed are gone"},
			"relative_error": Object{"type": "object", "additionalProperties": Object{"type": "number"}},
			"sampled": Object{"type": "object", "properties": Object{
				"kept": whole, "stand_for": whole, "rate": Object{"type": "number"},
				"scaled": names, "unscaled": names,
			}},
			"notes":  Object{"type": "array", "items": text, "description": "what limits the answer"},
			"groups": Object{"type": "integer", "description": "how many there are, with those not shown"},
			"next":   Object{"type": "string", "description": "the cursor of the next page"},
			"funnel": Object{"type": "object", "description": "the funnel that was counted"},
			"sources": Object{"type": "object", "properties": Object{
				"cube":  Object{"type": []string{"string", "null"}},
				"cells": whole, "raw_rows": whole, "head_rows": whole,
			}},
			"watermark":  moment,
			"elapsed_ms": Object{"type": "number"},
		},
	}
}

// Trail is the schema of what belongs together, in order.
func Trail() Object {
	number, text := Object{"type": "number"}, Object{"type": "string"}
	moment := Object{"type": "string", "format": "date-time"}
	step := Object{
		"type": "object", "required": []string{"type", "id", "timestamp", "offset_ms", "what"},
		"properties": Object{
			"type": text, "id": text, "timestamp": moment, "offset_ms": number,
			"duration_ms": Object{"type": []string{"number", "null"}},
			"what":        text, "who": text, "agent": text, "outcome": text, "severity": text, "error": text,
			"cost": number, "total_tokens": Object{"type": "integer"},
			"fields":   Object{"type": "object", "description": "every field, where full asks for it"},
			"children": Object{"type": "array", "items": Object{"type": "object"}, "description": "steps inside it"},
		},
	}
	return Object{
		"type": "object",
		"required": []string{"id", "found_by", "start", "duration_ms", "events", "errors", "cost",
			"total_tokens", "steps"},
		"properties": Object{
			"id":       text,
			"found_by": Object{"type": "string", "description": "the field in which the id was found"},
			"start":    moment, "duration_ms": number, "events": Object{"type": "integer"},
			"errors": Object{"type": "integer"}, "cost": number, "total_tokens": Object{"type": "integer"},
			"steps": Object{"type": "array", "items": step},
			"notes": Object{"type": "array", "items": text},
		},
	}
}

// whole are the parameters that are whole numbers.
var whole = []string{"limit", "days", "smooth", "depth"}

// choices are the parameters with few values.
var choices = map[string][]string{
	"interval": {"hour", "day", "week", "month"}, "compare": {"previous", "year"},
	"trend": {"up", "down", "stable"}, "per": {"visitor", "session"},
}

// Parameter is the schema of a parameter's value.
func Parameter(p *query.Param) Object {
	s := Object{"type": "string"}
	switch {
	case p.Bool:
		s["type"] = "boolean"
	case slices.Contains(whole, p.Name):
		s["type"], s["minimum"] = "integer", 1
	case p.Name == "type":
		var names []string
		for _, k := range event.Kinds() {
			names = append(names, k.String())
		}
		s["enum"] = names
	case choices[p.Name] != nil:
		s["enum"] = choices[p.Name]
	}
	s["description"] = cmp.Or(p.Help, p.Name)
	return s
}

// Fault is the schema of an error.
func Fault() Object {
	return Object{"type": "object", "required": []string{"error"}, "properties": Object{
		"error": Object{"type": "object", "required": []string{"code", "message"}, "properties": Object{
			"code":    Object{"type": "string", "description": "for programs"},
			"message": Object{"type": "string", "description": "what happened and what to do"},
			"field":   Object{"type": "string", "description": "the parameter or field at fault"},
		}},
	}}
}
