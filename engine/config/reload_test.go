package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
)

// Door is a part that is embedded in the whole.
type Door struct {
	Listen string `yaml:"listen" restart:"true"`
	Inner  struct {
		Cert string `yaml:"cert" restart:"true"`
		Free string `yaml:"free"`
	} `yaml:"tls"`
}

func (d Door) Validate() error {
	if d.Listen == "" {
		return errors.New("listen is missing")
	}
	return nil
}

// ownVoice embeds a part and has a Validate of its own; promoted has the part's.
type ownVoice struct {
	Door  `yaml:",inline"`
	Texts map[string]Secret `yaml:"texts"`
}

func (*ownVoice) Validate() error { return errors.New("the whole says no") }

type promoted struct {
	Door `yaml:",inline"`
}

// named has a part that stands beside its own settings and has a name in Go.
type named struct {
	Part Door `yaml:",inline"`
}

func TestEmbeddedPartsAreValidatedOnce(t *testing.T) {
	f := func(root any, want string) {
		t.Helper()
		err := Load("", nil, root)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f(&ownVoice{}, "2 problems in the environment:\n  the whole says no\n  listen is missing")
	f(&promoted{}, "1 problem in the environment:\n  listen is missing")
	f(&named{}, "1 problem in the environment:\n  listen is missing")
	n := named{}
	if err := Load("", []string{"ANALYTICS_LISTEN=x"}, &n); err != nil || n.Part.Listen != "x" {
		t.Errorf("a named part: %+v, %v", n, err)
	}
}

func TestWhatNeedsARestartIsRefused(t *testing.T) {
	var a, b promoted
	a.Listen, b.Listen = "x", "x"
	b.Inner.Free = "changed"
	if err := Fixed(&a, &b); err != nil {
		t.Errorf("a free setting: %v", err)
	}
	b.Listen, b.Inner.Cert = "y", "z"
	err := Fixed(&a, &b)
	if fault.Of(err).Code != "restart_needed" || !strings.HasPrefix(err.Error(), "listen, tls.cert cannot") {
		t.Errorf("got %v", err)
	}
}

func TestVariablesThatAreNoSettings(t *testing.T) {
	got := Unread([]string{"ANALYTICS_LISTEN=a", "ANALYTICS_TLS_CRT=b", "ANALYTICS_PORT=tcp://1.2.3.4",
		"ANALYTICS_CONFIG=c", "HOME=/", "ANALYTICS_TLS_FREE=d"}, &promoted{}, "ANALYTICS_CONFIG")
	want := "[ANALYTICS_TLS_CRT is no setting; did you mean ANALYTICS_TLS_CERT? ANALYTICS_PORT is no setting"
	if !strings.HasPrefix(fmt.Sprint(got), want) || len(got) != 2 {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}

// Who checks his settings hears of a variable that looks like one and is none.
func TestCheckTellsOfVariablesThatAreNotRead(t *testing.T) {
	t.Setenv("ANALYTICS_TLS_CRT", "b")
	var out, warned strings.Builder
	app := &cli.App{Writer: &out, ErrWriter: &warned, Commands: Commands(func() any { return &promoted{} })}
	if err := app.Run([]string{"analytics", "config", "check"}); err != nil {
		t.Fatal(err)
	}
	want := "Warning: ANALYTICS_TLS_CRT is no setting; did you mean ANALYTICS_TLS_CERT?\n"
	if out.String() != "The settings are right.\n" || !strings.Contains(warned.String(), want) {
		t.Errorf("got %q and %q", out.String(), warned.String())
	}
}

func TestSecretsSurviveNoVerb(t *testing.T) {
	s := Secret("canary")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%10s"} {
		if got := fmt.Sprintf(verb, s); got != redacted {
			t.Errorf("%s prints %s", verb, got)
		}
		if got := fmt.Sprintf(verb, struct{ S Secret }{s}); strings.Contains(got, "canary") {
			t.Errorf("%s in a struct prints %s", verb, got)
		}
	}
	if got := Secret("").String(); got != "" {
		t.Errorf("an empty secret prints %q", got)
	}
}

func TestOnlyBracedVariablesAreReplaced(t *testing.T) {
	r, err := load(t, "data: \"pa$s$HOME-${A_1}-${A_1}$$\"\nallow: [\"${B}\"]\n", "A_1=x", "B=y", "HOME=/h")
	if err != nil || r.Data != "pa$s$HOME-x-x$$" || r.Allow[0] != "y" {
		t.Errorf("got %q %q, %v", r.Data, r.Allow, err)
	}
	o := ownVoice{Texts: map[string]Secret{"a": "${A_1}"}}
	var found problems
	expandAll(&o, []string{"A_1=x"}, &found)
	if o.Texts["a"] != "x" || len(found) != 0 {
		t.Errorf("in a map: %q, %v", string(o.Texts["a"]), found)
	}
}

func expandAll(o *ownVoice, environ []string, found *problems) {
	expand(reflect.ValueOf(o).Elem(), "", lookup(environ), found)
}
