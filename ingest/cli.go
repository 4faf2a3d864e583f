package ingest

import (
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"analytics/engine/budget"
	"analytics/engine/web"
	importer "analytics/ingest/import"
	"analytics/ingest/pricing/register"
	"analytics/ingest/sites"
	"analytics/ingest/throttle"
)

// Commands are the room's verbs.
func Commands(client *web.Client, now func() time.Time) []*cli.Command {
	return slices.Concat(importer.Commands(client, now), register.Commands(client),
		sites.Commands(client), throttle.Commands(client), budget.Commands(client))
}
