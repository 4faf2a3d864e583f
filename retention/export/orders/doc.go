// Package orders makes exports in the background: one orders a file, looks how far it is, and takes
// it away for a day. The endpoints are those of PromptOps.
//
// It owns the shelf "exports", which holds the orders of all tenants under "<tenant>/<id>", the folder
// <data>/exports with a file <id>.<format> for each completed one, the routes below
// /v1/analytics/exports and the command `analytics exports`.
//
// It promises that an id is made here and never taken from a request into a path, and that files are
// opened through an os.Root; that an order is seen, fetched and deleted only with a key of its tenant
// that has the scope export; that a file appears when it is whole and on disk (temporary name, sync,
// rename); that an order survives a restart: one that was under way is made again from the beginning,
// three times at most; that files go a day after they were made, and what no order names goes at the
// start; that one export runs at a time and all files together stay below a quota; and that ordering,
// fetching and deleting are told to the audit trail.
//
// An export is one consistent view of the moment its making began, as those of package export are.
package orders
