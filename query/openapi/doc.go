// Package openapi describes the HTTP interface for programs (GET /openapi.json, OpenAPI 3.1) and for
// people (GET /docs).
//
// It owns no facts: questions come from the table of verbs, their answers from the catalog, what may
// be sent from the schema of events, and all other routes from the mux as it is when somebody first
// asks. So a route cannot be forgotten; one that nobody has put into words is there with its path,
// its parameters and the scope it needs.
//
// Both pages are open to everybody and the same in every installation of a version: they hold
// nothing of anybody's data. The page loads nothing from elsewhere and runs no script.
package openapi
