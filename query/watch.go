package query

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// watchEvery is how often a watched answer is asked for: an answer takes milliseconds, and people
// read no faster.
const watchEvery = 2 * time.Second

// What a terminal is told: home takes the cursor to its first line, and the rest clears what was there
// before, behind each line and below the last. It is never cleared first, which would flicker.
const (
	home     = "\x1b[H"
	lineEnd  = "\x1b[K\n"
	clearEnd = "\x1b[J"
)

// frame is a drawing that is not shown yet. It says which terminal it is for, so that it gets the width and
// the colours of that.
type frame struct {
	bytes.Buffer
	fd uintptr
}

func (f *frame) Fd() uintptr { return f.fd }

func (f *frame) Close() error { return nil }

// watch draws at once and with each tick until the context ends, which is no error: so one stops
// watching. Where there is a height, of a terminal, each drawing takes the place of the one before, and what
// has no room is counted; plain ones follow each other, an empty line between.
func watch(
	ctx context.Context, w io.Writer, height func() int, tick <-chan time.Time, draw func(io.Writer) error,
) error {
	for first := true; ; first = false {
		var err error
		switch {
		case height != nil:
			err = replace(w, height(), draw)
		case !first:
			_, err = io.WriteString(w, "\n")
			fallthrough
		default:
			err = errors.Join(err, draw(w))
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}

// replace draws over what is on a terminal of so many lines; 0 is as many as there are.
func replace(w io.Writer, height int, draw func(io.Writer) error) error {
	f := &frame{fd: descriptor(w)}
	if err := draw(f); err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(f.String(), "\n"), "\n")
	if most := height - 1; height > 1 && len(lines) > most { // the cursor stands on the last line
		lines = append(lines[:most-1], fmt.Sprintf("… %d more lines, in a taller window", len(lines)-most+1))
	}
	_, err := io.WriteString(w, home+strings.Join(lines, lineEnd)+lineEnd+clearEnd)
	return err
}

// descriptor is the file that an output is; one that there is not where it is none.
func descriptor(w io.Writer) uintptr {
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}
