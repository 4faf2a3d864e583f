package completion

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
)

func script(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	app := &cli.App{Name: "analytics", Writer: &out, ErrWriter: &out, Commands: Commands(),
		ExitErrHandler: func(*cli.Context, error) {}}
	err := app.Run(append([]string{"analytics", "completion"}, args...))
	return out.String(), err
}

func TestEachShellHasAScript(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, err := script(t, shell)
		if err != nil || !strings.Contains(out, "--generate-bash-completion") {
			t.Errorf("%s: %v %s", shell, err, out)
		}
		path, err := exec.LookPath(shell)
		if err != nil {
			continue // not here: the script is still there for who has it
		}
		file := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := exec.Command(path, "-n", file).CombinedOutput(); err != nil {
			t.Errorf("%s cannot read its script: %v %s", shell, err, said)
		}
	}
	if _, err := script(t, "tcsh"); fault.Of(err).Code != "unknown_shell" {
		t.Errorf("tcsh: %v", err)
	}
}

func TestBashOffersWhatTheProgramSays(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	dir := t.TempDir()
	program := "#!/bin/sh\necho \"$@\" >\"" + dir + "/asked\"\nprintf 'model\\nproject\\nagent\\n'\n"
	if err := os.WriteFile(filepath.Join(dir, "analytics"), []byte(program), 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := script(t, "bash")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "-c", out+`
COMP_WORDS=(analytics costs breakdown --by m)
COMP_CWORD=4
_analytics
echo "${COMPREPLY[@]}"`)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	said, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(said)) != "model" {
		t.Errorf("%v %s", err, said)
	}
	asked, _ := os.ReadFile(filepath.Join(dir, "asked"))
	if got := strings.TrimSpace(string(asked)); got != "costs breakdown --by --generate-bash-completion" {
		t.Errorf("the program is asked %q", got)
	}
}
