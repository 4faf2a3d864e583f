// Package mcp lets models ask: the Model Context Protocol over standard input and output
// (`analytics mcp`) and over HTTP (POST /mcp).
//
// It owns a tool for each subject, made of the table of verbs, and one for funnels; prompts and resources that help to
// ask well; and the fence around the protocol's SDK, which its authors keep in step with the
// specification. A tool call is the same request that a shell or program would send, by the same
// route and with the same key, so it cannot see or say anything else. It never changes anything.
package mcp
