package sessions

import "strings"

// shells are words in the user agents of what people run in a shell: tools that fetch, and coding
// agents. Kits such as "openai-python" are programs like any other: api.
var shells = []string{
	"curl/", "wget/", "httpie/", "xh/", "hurl/", "powershell/", "claude-cli", "claude-code",
	"claude code", "codex_cli", "codex-cli", "codex/", "gemini-cli", "geminicli", "qwen-code", "aider",
	"opencode", "cursor-cli", "cursor/", "copilot-cli", "githubcopilotcli", "crush/", "goose/",
	"amp-cli", "sourcegraph-cody", "cline/", "roo-code", "roocode", "continue-cli", "factory-cli",
	"droid/", "kilo-code", "llm/", "aichat/", "plandex", "analytics-cli",
}

// isShell reports whether a user agent is one of a shell or coding agent.
func isShell(agent string) bool {
	agent = strings.ToLower(agent)
	for _, word := range shells {
		if strings.Contains(agent, word) {
			return true
		}
	}
	return false
}
