package lake

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"analytics/engine/event"
)

// manifestPrefix begins the names of manifests that are being made.
const manifestPrefix = "manifest-"

// tidy removes what a crash left of files on their way into the archive: the events of somebody who was
// erased since may be in them. The caller holds run, so that nobody makes any.
func (l *Lake) tidy() error {
	dir, err := l.target.Staging()
	if err != nil {
		return err
	}
	list, err := os.ReadDir(dir)
	for _, e := range list {
		prefix, _, _ := strings.Cut(e.Name(), "-")
		_, ours := event.ParseKind(prefix)
		if e.Type().IsRegular() && (ours || prefix+"-" == manifestPrefix) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
