package mcp

import (
	"context"
	"net/url"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"analytics/engine/fault"
	"analytics/query/schema"
	"analytics/rollup/funnels"
)

// The tool for funnels lists them as well as it counts one. They take no filter, so who is bound to an agent,
// project or site does not have it.

func funnelsTool() *sdk.Tool {
	closed := false
	text := func(help string) schema.Object { return schema.Object{"type": "string", "description": help} }
	return &sdk.Tool{
		Name: "analytics_funnels",
		Description: "How many people go through steps in an order. Without a name it lists the funnels that are " +
			"defined; with one it counts it: who got how far, where they drop off, the median time between " +
			"(of the last 30d unless a range is given).",
		InputSchema: schema.Object{"type": "object", "required": []string{}, "additionalProperties": false,
			"properties": schema.Object{
				"name":  text("which funnel is counted; the list unless given"),
				"since": text("first steps from then on: 24h, 7d, a date or a moment"),
				"until": text("and until then; now by default"),
				"days": schema.Object{"type": "integer", "minimum": 1,
					"description": "the last N whole days of the zone, in place of since"},
				"by": schema.Object{"type": "string", "enum": funnels.Dimensions(),
					"description": "a dimension to count by"},
				"limit": schema.Object{"type": "integer", "minimum": 1, "description": "how many values of it"},
				"per": schema.Object{"type": "string", "enum": []string{"visitor", "session"},
					"description": "who goes through the steps"},
				"compare": schema.Object{"type": "string", "enum": []string{"previous", "year"},
					"description": "add the numbers of that range"},
				"tz":           text("time zone of days, such as Europe/Berlin"),
				"include_bots": schema.Object{"type": "boolean", "description": "count bots, too"},
			}},
		OutputSchema: schema.Object{"type": "object"},
		Annotations: &sdk.ToolAnnotations{Title: "Analytics: funnels", ReadOnlyHint: true, IdempotentHint: true,
			OpenWorldHint: &closed},
	}
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
