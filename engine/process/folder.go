package process

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"analytics/engine/store"
	"analytics/engine/web"
)

// begin are the commands that may begin a data folder, besides `serve` and `demo`: they bring in what has
// happened, or set up what a first start finds. All others ask about something, and there it is either a
// folder of that name or a mistake.
var begin = []string{
	"import", "keys create", "sites add", "dashboard users set", "budgets set", "alerts rules set", "pricing set",
	"funnels create",
}

// Begun opens the data folder for a command, whose words come first among words, where no server has
// it open. A folder without data is refused, untouched, and a new one told of, because its name may
// be mistyped.
func Begun(dir string, words []string, out io.Writer, open web.Opener) web.Opener {
	return func(ctx context.Context) (http.Handler, func() error, error) {
		missing := store.Missing(dir)
		if missing != nil && !begins(words) {
			return nil, nil, missing
		}
		h, end, err := open(ctx)
		if err == nil && missing != nil {
			fmt.Fprintf(out, "analytics: %s is a new data folder\n", dir)
		}
		return h, end, err
	}
}

// begins reports whether words begin with a command of that table.
func begins(words []string) bool {
	line := strings.Join(words, " ") + " "
	for _, command := range begin {
		if strings.HasPrefix(line, command+" ") {
			return true
		}
	}
	return false
}
