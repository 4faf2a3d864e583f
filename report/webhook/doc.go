// Package webhook sends letters as signed JSON to a program of one's own.
//
// It owns the body, its signature and what its receiver may rely on, which is Standard Webhooks
// (standardwebhooks.com), so that its libraries verify it:
//
//   - webhook-id names the message. It is the same each time the same message is tried, and another for
//     any other: who remembers ids for a day acts once on what came twice.
//   - webhook-timestamp is the time of the attempt, in unix seconds. Who refuses what is older, or newer,
//     than five minutes cannot be sent an old message again by somebody who recorded it.
//   - webhook-signature is "v1," and the base64 of HMAC-SHA256(secret, id + "." + timestamp + "." + body).
//     While secrets are changed there are several, with spaces between: one that fits is enough.
//
// The body is {"type":"alert|report|test","timestamp":…,"data":{channel, report, period, severity, title,
// mood, lines, facts, tables, notes, place}}: strings as they are, for programs. A template of the
// channel makes another body of it, which must be JSON.
//
// An answer of 2xx is delivery. 429 and Retry-After are obeyed, 408, 5xx, 401, 403, 404 and no answer
// are tried again for three days, 410 and redirects close the channel, other answers are final.
package webhook
