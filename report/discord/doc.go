// Package discord puts messages into a Discord channel through a webhook, once each.
//
// It owns three things: the message (embeds within Discord's limits, strings of users made inert),
// the client (one POST or PATCH, guarded against talking to anybody else), and the outbox (a
// durable row per report, period and channel, retried until it is delivered or given up on after 72
// hours).
//
// It promises that every payload forbids mentions, that no error or log line contains the webhook's
// token, that a message whose delivery was answered is never posted again, and that an outage of
// Discord never blocks whoever enqueues. It never follows redirects, never uses a proxy from the
// environment and never reaches a private address that the configuration does not allow.
//
// The client is our own because the libraries tried either fail on a fractional Retry-After or pull
// in a gateway connection that a webhook does not need.
package discord
