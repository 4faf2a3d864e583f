package completion

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
)

// scripts are what a shell runs once. Each asks the program for the words that may come next, with
// the words so far and --generate-bash-completion behind them; a word may be followed by a colon and
// what it means.
var scripts = map[string]string{
	"bash": `# analytics completion for bash: source <(analytics completion bash)
_analytics() {
  local cur words IFS=$'\n'
  cur="${COMP_WORDS[COMP_CWORD]}"
  words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ "$cur" == -* ]] && words+=("$cur")
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur"))
}
complete -o default -F _analytics analytics
`,
	"zsh": `#compdef analytics
# analytics completion for zsh: source <(analytics completion zsh)
_analytics() {
  local -a given list
  given=("${(@)words[1,CURRENT-1]}")
  [[ "${words[CURRENT]}" == -* ]] && given+=("${words[CURRENT]}")
  list=("${(@f)$(_CLI_ZSH_AUTOCOMPLETE_HACK=1 "${given[@]}" --generate-bash-completion 2>/dev/null)}")
  if [[ -n "${list[1]}" ]]; then
    _describe -V 'analytics' list
  else
    _files
  fi
}
if [[ "$funcstack[1]" = "_analytics" ]]; then _analytics "$@"; else compdef _analytics analytics; fi
`,
	"fish": `# analytics completion for fish: analytics completion fish | source
function __analytics_words
  set -l given (commandline -opc)
  set -l cur (commandline -ct)
  string match -q -- '-*' $cur; and set given $given $cur
  command $given --generate-bash-completion 2>/dev/null
end
complete -c analytics -a '(__analytics_words)'
`,
}

// Commands is the verb that prints a script.
func Commands() []*cli.Command {
	return []*cli.Command{{
		Name: "completion", Usage: "prints what makes a shell complete words: bash, zsh or fish",
		ArgsUsage:   "bash|zsh|fish",
		Description: "Example:\n  source <(analytics completion bash)",
		BashComplete: func(c *cli.Context) {
			_, _ = fmt.Fprintln(c.App.Writer, "bash\nzsh\nfish")
		},
		Action: func(c *cli.Context) error {
			script, ok := scripts[c.Args().First()]
			if !ok || c.NArg() != 1 {
				return fault.At(fault.Invalid, "unknown_shell", "shell",
					"completion is for bash, zsh or fish, as in: source <(analytics completion bash)")
			}
			_, err := fmt.Fprint(c.App.Writer, script)
			return err
		},
	}}
}
