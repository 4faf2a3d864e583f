// Package discord puts messages into a Discord channel through a webhook, once each, and holds the
// outbox that all channels share.
//
// It owns four things: the note (what is said, in plain words, for any channel), the message (embeds
// within Discord's limits, strings of users made inert), the client (one POST or PATCH, guarded
// against talking to anybody else), and the outbox: a durable row per report, period and channel,
// retried until it is delivered or given up on after 72 hours. E-mail, Slack and signed webhooks are
// senders behind the same outbox, in report/email and report/notify.
//
// It promises that every payload forbids mentions, that no error or log line contains a secret, that
// a message whose delivery was answered is never posted again, that one is sent twice at most when
// the program is killed while sending (and says so), and that an outage of a channel blocks neither
// whoever enqueues nor another channel. It never follows redirects, never uses a proxy from the
// environment and never reaches a private address that the configuration does not allow.
//
// The client is our own because the libraries tried either fail on a fractional Retry-After or pull
// in a gateway connection that a webhook does not need.
package discord
