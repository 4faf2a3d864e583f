// Package hook makes the requests of webhooks, of whatever kind: one guarded request, and what its
// answer means for the message.
//
// It owns which addresses a webhook may have, the client that reaches them and nothing else, and the
// meaning of statuses and of Retry-After. It promises that a redirect is never followed, that no
// proxy of the environment is used, that no more than 1 MiB of an answer is read, that a request ends
// after ten seconds, and that the secret parts of an address are in no error. What is sent is the
// business of report/discord, report/slack and report/webhook.
package hook
