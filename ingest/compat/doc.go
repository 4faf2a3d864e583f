// Package compat is the doors for programs that report to another product already: LiteLLM's
// generic_api callback, Langfuse's ingestion API, Helicone's custom log and PromptOps' usage log.
// Point them here and they go on as before.
//
// It owns reading those formats and answering the way their clients expect. What it reads becomes
// native events that the native intake takes, so limits, prices and duplicates are decided there.
// It promises that one bad item never costs a good one, that what it acknowledged is stored or on
// a shelf of the store, and that a client's repeated request stores nothing twice. It never keeps
// message content, whatever the sender puts where, and never a key.
//
// What the counts mean: a proxy that answers from its own cache used no tokens, so such a request
// has none here, and costs what the proxy says (nothing). A cost of zero beside tokens is how these
// programs say that they know no price; it is not believed.
//
// Third-party: tidwall/gjson reads JSON that has a schema only most of the time.
package compat
