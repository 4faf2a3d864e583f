// Package events is the native door: POST /v1/events, and the intake behind it that turns a body
// into stored events: decode, enrich, price, append.
//
// It owns who may send what, the answer a sender gets, ids for events that have none, and sampling.
// It promises that a 200 is sent only after the store has synced every event it counts as accepted,
// that one bad event never costs a good one (unless the sender asks for all or nothing), and that a
// public key can forge neither costs, nor audit events, nor somebody else's address.
// It never stores what the schema does not name, and never answers with parts of the body beyond a
// quoted type.
package events
