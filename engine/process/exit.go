package process

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"analytics/engine/fault"
)

// coder is an error of the command line library with an exit code of its own.
type coder interface{ ExitCode() int }

// Exit tells an error to the person and gives the exit code: 0 done, 1 failed, 2 bad usage or
// config, 3 not found, 4 no access, 5 store damaged or newer.
func Exit(out io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if misused(err) && !isFault(err) {
		text := strings.Replace(err.Error(), "No help topic for", "there is no command", 1)
		if m := guessed.FindStringSubmatch(text); m != nil && m[2] != m[3] {
			text = m[1]
		}
		fmt.Fprintln(out, "analytics: "+text+" (`analytics --help` lists all)")
		return 2
	}
	var coded coder
	if errors.As(err, &coded) && !isFault(err) {
		if text := err.Error(); text != "" {
			fmt.Fprintln(out, "analytics: "+text)
		}
		return coded.ExitCode()
	}
	fmt.Fprintln(out, "analytics: "+err.Error())
	return fault.ExitCode(err)
}

// guessed is what the library says of a command that is none. It has a guess for every word, and the good
// ones begin as the word does.
var guessed = regexp.MustCompile(`^(.*'(.).*')\. Did you mean "(.).*"\?$`)

func isFault(err error) bool {
	_, ok := errors.AsType[*fault.Error](err)
	return ok
}

// misused recognises what the library says of a wrong command line: it has no type for that.
func misused(err error) bool {
	for _, begin := range []string{
		"flag provided but not defined", "Required flag", "invalid value", "flag needs an argument",
		"bad flag syntax", "No help topic for",
	} {
		if strings.HasPrefix(err.Error(), begin) {
			return true
		}
	}
	return false
}
