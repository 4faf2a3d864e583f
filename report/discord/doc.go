// Package discord puts letters into a Discord channel through a webhook.
//
// It owns the message (an embed within Discord's limits, strings of users made inert, pictures as files
// of a form that the embed shows) and the client: one POST or PATCH, guarded against talking to anybody
// else.
//
// It promises that every payload forbids mentions and that no error contains the webhook's token. It
// never follows redirects, never uses a proxy from the environment and never reaches a private
// address that the configuration does not allow.
//
// The client is our own because the libraries tried either fail on a fractional Retry-After or pull
// in a gateway connection that a webhook does not need.
package discord
