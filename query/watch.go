package query

import (
	"context"
	"io"
	"time"
)

// watchEvery is how often a watched answer is asked for: an answer takes milliseconds, and people
// read no faster.
const watchEvery = 2 * time.Second

// home takes the cursor of a terminal to its first line and clears what is below.
const home = "\x1b[H\x1b[J"

// watch draws at once and with each tick until the context ends, which is no error: so one stops
// watching. On a terminal each drawing takes the place of the one before; plain ones follow each
// other, an empty line between.
func watch(
	ctx context.Context, w io.Writer, plain bool, tick <-chan time.Time, draw func(io.Writer) error,
) error {
	for first := true; ; first = false {
		lead := home
		if plain {
			lead = "\n"
		}
		if !plain || !first {
			if _, err := io.WriteString(w, lead); err != nil {
				return err
			}
		}
		if err := draw(w); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}
