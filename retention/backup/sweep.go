package backup

import (
	"context"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"analytics/retention/depot"
)

// staleAfter is how old a draft must be before it is taken for one that a crash left: another server
// may be making a backup in the same place.
const staleAfter = 24 * time.Hour

// sweep removes what crashes left long ago. It is no reason not to make a backup if it fails.
func sweep(ctx context.Context, d depot.Depot, now time.Time, log *slog.Logger) {
	_, folders, err := d.List(ctx, "")
	for _, name := range folders {
		id := name
		if draft := d.Draft(""); draft != "" {
			var ok bool
			if id, ok = strings.CutSuffix(name, draft); !ok {
				continue
			}
		}
		begun, _, _ := strings.Cut(id, "-")
		at, terr := time.Parse(idTime, begun)
		if !isID(id) || terr != nil || now.Sub(at) < staleAfter {
			continue
		}
		if _, whole, serr := d.Size(ctx, path.Join(name, sumsName)); serr != nil || whole && name == id {
			continue
		}
		if rerr := d.RemoveAll(ctx, name); rerr != nil {
			err = rerr
		} else {
			log.Info("backup: removed what a crash left", "folder", name)
		}
	}
	if serr := sweepStaging(d, now); err == nil {
		err = serr
	}
	if err != nil {
		log.Warn("backup: what crashes left could not be removed", "error", err)
	}
}

// sweepStaging removes files that were on their way into a backup when a crash came.
func sweepStaging(d depot.Depot, now time.Time) error {
	dir, err := d.Staging()
	if err != nil {
		return err
	}
	list, err := os.ReadDir(dir)
	for _, e := range list {
		info, ierr := e.Info()
		if ierr != nil || !strings.HasPrefix(e.Name(), stagedPrefix) || now.Sub(info.ModTime()) < staleAfter {
			continue
		}
		if rerr := os.Remove(filepath.Join(dir, e.Name())); rerr != nil {
			err = rerr
		}
	}
	return err
}
