// Package outbox brings messages to people, each once, over channels of any kind.
//
// It owns the note (what is said, in plain words), the channel (a place letters go to, and which of
// them) and the outbox: a durable row per report, period and channel, retried with growing pauses
// until it is delivered or given up on after 72 hours. How a note looks in a place, and how it gets
// there, is the sender's: report/discord, report/email, report/slack and report/webhook.
//
// It promises that a message whose delivery was answered is never sent again, that one is sent twice
// at most when the program is killed while sending (and says so), that no error, log line or answer
// contains a secret, and that an outage of a channel blocks neither whoever enqueues nor another
// channel. It never forgets a message that waits, unless it names somebody who is erased (forget.go).
package outbox
