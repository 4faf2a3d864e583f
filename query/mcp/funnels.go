package mcp

import (
	"context"
	"net/url"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"analytics/engine/fault"
	"analytics/query"
	"analytics/query/catalog"
	"analytics/query/schema"
	"analytics/rollup/funnels"
)

// The tool for funnels lists them as well as it counts one. Their list is everybody's, so who is bound to an
// agent, project or site does not have it.

func funnelsTool() *sdk.Tool {
	v := showFunnel()
	properties := schema.Object{}
	for _, p := range v.Params() {
		properties[p.Name] = schema.Parameter(&p)
	}
	delete(properties, v.Operand)
	properties["name"] = schema.Object{"type": "string", "description": "which funnel is counted; the list unless given"}
	properties["by"].(schema.Object)["enum"] = funnels.Dimensions()
	closed := false
	return &sdk.Tool{
		Name: "analytics_funnels",
		Description: "How many people go through steps in an order. Without a name it lists the funnels that are " +
			"defined; with one it counts it: who got how far, where they drop off, the median time between " +
			"(of the last " + v.Since + " unless a range is given).",
		InputSchema: schema.Object{"type": "object", "required": []string{}, "additionalProperties": false,
			"properties": properties},
		OutputSchema: either([]schema.Object{schema.Of(catalog.New(), v), listOfFunnels()}),
		Annotations: &sdk.ToolAnnotations{Title: "Analytics: funnels", ReadOnlyHint: true, IdempotentHint: true,
			OpenWorldHint: &closed},
	}
}

// showFunnel is the verb that counts a funnel.
func showFunnel() *query.Verb {
	table := query.Verbs()
	return &table[slices.IndexFunc(table, func(v query.Verb) bool { return v.Group == "funnels" && v.Name == "show" })]
}

// listOfFunnels is the schema of the list.
func listOfFunnels() schema.Object {
	text := schema.Object{"type": "string"}
	return schema.Object{"type": "object", "required": []string{"funnels"}, "title": "funnels list",
		"properties": schema.Object{"funnels": schema.Object{"type": "array", "items": schema.Object{
			"type": "object", "required": []string{"name", "steps"},
			"properties": schema.Object{"name": text, "steps": schema.Object{"type": "array", "items": text}},
		}}}}
}

func funnelsHandler(ask Ask) sdk.ToolHandler {
	return func(ctx context.Context, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		given, err := object(r.Params.Arguments)
		var values url.Values
		if err == nil {
			values, err = parameters(given)
		}
		if err != nil {
			return failed(err), nil
		}
		name := values.Get("name")
		values.Del("name")
		switch {
		case name == "" && len(values) > 0:
			err = fault.At(fault.Invalid, "missing_parameter", "name", "say which funnel; without arguments they are listed")
		case url.PathEscape(name) != name || strings.Contains(name, "."): // no name that a funnel can have
			err = fault.At(fault.NotFound, "not_found", "name", "there is no funnel of that name")
		}
		if err != nil {
			return failed(err), nil
		}
		path := "/v1/funnels"
		if name != "" {
			path += "/" + name
		}
		answer, err := ask(ctx, path, values)
		return result(answer, err), nil
	}
}
