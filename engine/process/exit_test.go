package process

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"analytics/engine/fault"
)

func TestExitCodesAreTheDocumentedOnes(t *testing.T) {
	f := func(err error, code int, says string) {
		t.Helper()
		var out bytes.Buffer
		if got := Exit(&out, err); got != code || !strings.Contains(out.String(), says) {
			t.Errorf("Exit(%v) = %d and says %q, want %d and %q", err, got, &out, code, says)
		}
	}
	f(nil, 0, "")
	f(errors.New("disk on fire"), 1, "disk on fire")
	f(errors.New("flag provided but not defined: -x"), 2, "not defined")
	f(cli.Exit("No help topic for 'cosst'", 3), 2, "there is no command 'cosst'")
	f(fault.New(fault.Invalid, "x", "bad"), 2, "bad")
	f(fmt.Errorf("keys: %w", fault.New(fault.NotFound, "x", "no such key")), 3, "no such key")
	f(fault.New(fault.Forbidden, "x", "not yours"), 4, "not yours")
	f(fault.New(fault.Newer, "x", "needs a newer version"), 5, "newer")
	f(cli.Exit("", 5), 5, "")
}
