// Package wire writes native events as text, one JSON object a line, for the doors that take in
// somebody else's format.
//
// It owns the spelling: field numbers of the schema become names, so a misspelt field does not
// compile, and a field that clients may not send is a panic in the first test. What a door writes
// goes through the native intake like everybody's events: limits, scrubbing, token buckets, prices
// and duplicates are decided there, once.
//
// Setting event.Event directly was the other way. It would have saved about 1 µs an event and cost
// each door its own copy of the rules.
package wire
