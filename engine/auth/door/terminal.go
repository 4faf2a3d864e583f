package door

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"analytics/engine/fault"
)

// readPassword asks for a password twice where a person types it, without showing it, and takes the
// first line of piped where none does.
func readPassword(stdin *os.File, piped io.Reader, prompt io.Writer) (string, error) {
	if piped != io.Reader(stdin) || !term.IsTerminal(int(stdin.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(piped, 4<<10)).ReadString('\n')
		if err != nil && err != io.EOF {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, text := range [2]string{"Password: ", "Once more: "} {
		fmt.Fprint(prompt, text)
		b, err := term.ReadPassword(int(stdin.Fd()))
		fmt.Fprintln(prompt)
		if err != nil {
			return "", err
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", fault.New(fault.Invalid, "bad_password", "the two passwords are not the same")
	}
	return typed[0], nil
}
