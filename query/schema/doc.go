// Package schema says what answers look like, in JSON Schema 2020-12: made of the table of verbs and
// of the catalog, for OpenAPI and for MCP. A test holds it against answers that were really given.
//
// It owns no shapes: answer and trail do, and what they write is what counts.
package schema
