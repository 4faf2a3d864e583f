package process

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
)

// Commands are the verbs `serve`, `version` and `completion`.
func Commands(version string, serve cli.ActionFunc) []*cli.Command {
	return []*cli.Command{
		{
			Name: "serve", Usage: "take events in, answer questions, run the jobs",
			Description: "Listens on this machine until Ctrl-C or SIGTERM; SIGHUP reads the settings again.\n\n" +
				"Example: analytics serve --data ./data --listen 127.0.0.1:8088",
			Action: serve,
		},
		{
			Name: "version", Usage: "print the version", Description: "Example: analytics version",
			Action: func(c *cli.Context) error {
				_, err := fmt.Fprintln(c.App.Writer, "analytics "+version)
				return err
			},
		},
		{
			Name: "completion", Usage: "print a script that completes verbs in bash, zsh or fish",
			ArgsUsage: "bash|zsh|fish", Description: "Example: source <(analytics completion bash)",
			Action: complete,
		},
	}
}

// scripts ask the program itself, with the flag the library has for that. Of a list with commas the last name
// is completed. The help command, which every verb has, is not offered; where nothing is known, files are.
var scripts = map[string]string{
	"bash": `_analytics() {
  local cur="${COMP_WORDS[COMP_CWORD]}" said=("${COMP_WORDS[@]:0:COMP_CWORD}") list=""
  [[ "$cur" == -* ]] && said+=("$cur")
  [[ "$cur" == [^-]*,* ]] && list="${cur%,*},"
  local known="$("${said[@]}" --generate-bash-completion 2>/dev/null | grep -vxE 'help|h')"
  COMPREPLY=($(compgen -P "$list" -W "$known" -- "${cur#"$list"}"))
}
complete -o bashdefault -o default -F _analytics analytics
`,
	"zsh": `#compdef analytics
_analytics() {
  local -a known said
  said=("${(@)words[1,CURRENT-1]}")
  [[ "$PREFIX" == -* ]] && said+=("$PREFIX")
  known=("${(@f)$("${said[@]}" --generate-bash-completion 2>/dev/null)}")
  known=("${(@)known:#(help|h|)}")
  [[ "$PREFIX" == -* ]] || compset -P '*,'
  if (( $#known )); then _describe 'values' known; else _files; fi
}
compdef _analytics analytics
`,
	"fish": `function __analytics_words
  set -l given (commandline -opc)
  set -l cur (commandline -ct)
  string match -q -- '-*' $cur; and set given $given $cur
  set -l list (string match -r -- '^[^-].*,' $cur)
  set -l known (command $given --generate-bash-completion 2>/dev/null | string match -vr '^(help|h)$')
  if set -q known[1]
    printf '%s\n' "$list"$known
  else
    __fish_complete_path $cur
  end
end
complete -c analytics -f -a '(__analytics_words)'
`,
}

func complete(c *cli.Context) error {
	script, ok := scripts[c.Args().First()]
	if !ok {
		return fault.New(fault.Invalid, "unknown_shell", "name a shell: analytics completion bash|zsh|fish")
	}
	_, err := fmt.Fprint(c.App.Writer, script)
	return err
}

// Explain makes the program tell how it is used: a wrong flag is answered by one line on standard
// error, where the library prints all its help on standard output, which may be read as an answer;
// and a command of commands shows the example of its first one.
func Explain(app *cli.App) *cli.App {
	app.OnUsageError = misuse(app.Name, app.Flags, nil)
	app.Description = explain(app.Name, app.Flags, app.Commands)
	return app
}

// explain goes down the commands and gives the first example met.
func explain(path string, global []cli.Flag, commands []*cli.Command) (example string) {
	for _, c := range commands {
		here := path + " " + c.Name
		beside := commands
		if len(c.Subcommands) > 0 {
			beside = c.Subcommands
		}
		c.OnUsageError = misuse(here, slices.Concat(c.Flags, global), beside)
		first := explain(here, global, c.Subcommands)
		if c.Description == "" {
			c.Description = first
		}
		if at := strings.LastIndex(c.Description, "Example:"); at >= 0 && example == "" {
			example = c.Description[at:]
		}
	}
	return example
}

// misuse words what the library says of a flag. Beside are the commands that stand beside this one, or
// below it.
func misuse(path string, flags []cli.Flag, beside []*cli.Command) cli.OnUsageErrorFunc {
	return func(_ *cli.Context, err error, _ bool) error {
		text := err.Error()
		if name, ok := strings.CutPrefix(text, "flag provided but not defined: "); ok {
			name = strings.TrimLeft(name, "-")
			text = "there is no flag --" + name
			if others := having(beside, name); others != "" {
				text += "; " + others
			} else if near := nearest(flags, name); near != "" {
				text += "; did you mean --" + near + "?"
			}
		}
		if name, ok := strings.CutPrefix(text, "flag needs an argument: "); ok {
			text = "the flag --" + strings.TrimLeft(name, "-") + " needs a value"
		}
		return fault.New(fault.Invalid, "bad_flag", "%s (`%s --help` lists the flags)", text, path)
	}
}

// having says which of the commands have a flag.
func having(commands []*cli.Command, flag string) string {
	var names []string
	for _, c := range commands {
		if slices.ContainsFunc(c.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), flag) }) {
			names = append(names, c.Name)
		}
	}
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0] + " has it"
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1] + " have it"
	}
}

// nearest is the flag that was meant, if one begins alike: the library knows one for every word.
func nearest(flags []cli.Flag, name string) string {
	near := strings.TrimLeft(cli.SuggestFlag(flags, name, true), "-")
	if near == "" || near[0] != name[0] || 2*len(near) < len(name) {
		return ""
	}
	return near
}

// Arrange puts the words of a command line into the order in which the library reads all of them:
// the program's flags, the verb, the verb's flags, and then what they are applied to. As people
// write it, `analytics costs breakdown gpt-4o --json --data ./d` would lose both flags.
func Arrange(app *cli.App, args []string) []string {
	switch n := len(args); {
	case n == 0:
		return args
	case args[n-1] == "--generate-bash-completion": // must stay the last
		if n > 1 && args[n-2] == "--" { // a flag that begins; to the library it would end the flags
			return append(slices.Clone(args[:n-2]), "-", args[n-1])
		}
		return args
	}
	a := arranger{app: app, commands: app.Commands}
	rest := args[1:]
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		switch {
		case word == "--":
			a.operands = append(a.operands, rest...)
			rest = nil
		case len(word) > 1 && word[0] == '-':
			rest = a.flag(word, rest)
		default:
			a.word(word)
		}
	}
	out := append([]string{args[0]}, a.globals...)
	if a.cut { // it would take the verb for its value
		return out
	}
	out = append(out, a.path...)
	if !a.unknown() {
		out = append(out, a.flags...)
	}
	for _, o := range a.operands {
		if len(o) > 1 && o[0] == '-' {
			out = append(out, "--")
			break
		}
	}
	return append(out, a.operands...)
}

type arranger struct {
	app      *cli.App
	commands []*cli.Command // that may come next
	leaf     *cli.Command   // the verb so far

	globals, path, flags, operands []string

	cut bool // the last of globals has no value
}

// unknown reports whether the verb is none: its flags are nobody's, and it is the verb that is wrong.
func (a *arranger) unknown() bool {
	return len(a.operands) > 0 && len(a.commands) > 0 && (a.leaf == nil || a.leaf.Action == nil)
}

// word takes a word that is no flag: the next part of the verb, or an operand.
func (a *arranger) word(word string) {
	if len(a.operands) == 0 {
		for _, c := range a.commands {
			if c.HasName(word) {
				a.leaf, a.commands = c, c.Subcommands
				a.path = append(a.path, word)
				return
			}
		}
	}
	a.operands = append(a.operands, word)
}

// flag takes a flag with its value and gives what follows.
func (a *arranger) flag(word string, rest []string) []string {
	name, _, inline := strings.Cut(strings.TrimLeft(word, "-"), "=")
	var own []cli.Flag
	if a.leaf != nil {
		own = a.leaf.Flags
	}
	f := find(own, name)
	into := &a.flags
	if f == nil {
		if f = find(a.app.Flags, name); f != nil {
			into = &a.globals
		} else {
			f = anywhere(a.commands, name)
		}
	}
	*into = append(*into, word)
	switch {
	case f == nil || inline || !takesValue(f):
	case len(rest) > 0:
		*into = append(*into, rest[0])
		rest = rest[1:]
	case into == &a.globals:
		a.cut = true
	}
	return rest
}

func find(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		for _, n := range f.Names() {
			if n == name {
				return f
			}
		}
	}
	return nil
}

// anywhere looks for a flag that comes before the verb that has it.
func anywhere(commands []*cli.Command, name string) cli.Flag {
	for _, c := range commands {
		if f := find(c.Flags, name); f != nil {
			return f
		}
		if f := anywhere(c.Subcommands, name); f != nil {
			return f
		}
	}
	return nil
}

func takesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}
