// Package agentlogs reads the session logs that coding agents keep on disk and makes native events of
// them: an ai_request for each answer of a model, a tool_call for each tool.
//
// It owns finding the files and what is in them: Claude Code's projects/**/*.jsonl and Codex'
// sessions/**/rollout-*.jsonl. It promises that an answer counts once, however often it is written:
// Claude Code writes a line for each part of an answer (the last has the final count), repeats the
// history when a session is resumed or a sub-agent starts, and Codex repeats its counters. Ids follow
// from the agent's own, so importing again stores nothing twice. It never keeps what was said, a
// tool's arguments or results, or the path of a folder: a project is the last name of its path.
//
// What the files do not say is left out: Claude Code's hold no durations, neither hold prices. An
// answer that is just being written is left for the next import.
//
// Third-party: tidwall/gjson, since each version of the agents writes other fields.
package agentlogs
