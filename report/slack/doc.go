// Package slack sends letters to a Slack-compatible incoming webhook: Slack itself, Mattermost,
// Rocket.Chat and others that took over its form.
//
// It owns the message: blocks for Slack, within its limits, and beside them the same in plain text,
// which Slack shows in notifications and the others, who know no blocks, show as a whole. It promises
// that strings of users ping nobody, link nowhere and format nothing, in Slack's markup and in
// Markdown. Such a webhook gives no id, so a message that was sent is never changed.
package slack
