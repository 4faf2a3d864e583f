package process

import (
	"os/exec"
	"strings"
	"testing"
)

// known stands for the program: what it says that may come next.
const known = `analytics() { printf 'help\nh\nmodel\nmonth\nagent\n'; }
`

// TestShellsCompleteTheLastWord runs the scripts in the shells that are here.
func TestShellsCompleteTheLastWord(t *testing.T) {
	f := func(shell, program, want string) {
		t.Helper()
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("there is no %s here", shell)
			return
		}
		quiet := map[string][]string{"bash": {"--norc", "--noprofile", "-c"}, "fish": {"--no-config", "-c"}}[shell]
		out, err := exec.CommandContext(t.Context(), path, append(quiet, program)...).CombinedOutput()
		if got := strings.Join(strings.Fields(string(out)), " "); err != nil || got != want {
			t.Errorf("%s completes %q, want %q: %v", shell, got, want, err)
		}
	}
	bash := func(last, want string) {
		t.Helper()
		f("bash", known+scripts["bash"]+"COMP_WORDS=(analytics costs --by '"+last+"') COMP_CWORD=3\n_analytics\n"+
			`echo "${COMPREPLY[@]}"`, want)
	}
	bash("", "model month agent")
	bash("mo", "model month")
	bash("model,a", "model,agent")
	bash("model,agent,mo", "model,agent,model model,agent,month")
	bash("x", "")
	fish := func(line, want string) {
		t.Helper()
		// "command" would look for a program of that name.
		script := strings.Replace(scripts["fish"], "command $given", "analytics", 1)
		f("fish", "function analytics; printf 'help\\nh\\nmodel\\nmonth\\nagent\\n'; end\n"+script+
			"complete -C '"+line+"'", want)
	}
	fish("analytics costs --by mo", "model month")
	fish("analytics costs --by model,a", "model,agent")
}
