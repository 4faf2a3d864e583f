package retention

import (
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"

	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/web"
	"analytics/retention/lake"
)

// archived is what the routes of the archive answer.
type archived struct {
	Days  []lake.Day    `json:"days,omitempty"`
	Files int           `json:"files,omitempty"` // that were read
	Bad   []lake.Damage `json:"damaged,omitempty"`
}

// print writes the answer for people.
func (a *archived) print(w io.Writer, verified bool) error {
	if verified {
		for _, d := range a.Bad {
			_, _ = fmt.Fprintf(w, "%s: %s\n", d.File, d.Problem)
		}
		_, err := fmt.Fprintf(w, "%s read, %s damaged.\n", plural.Of(a.Files, "archived file was", "archived files were"),
			plural.Of(len(a.Bad), "is", "are"))
		return err
	}
	if len(a.Days) == 0 {
		_, err := fmt.Fprintln(w, "There is nothing to archive yet.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "TYPE\tDAY\tSTATE\tEVENTS\tFILES\tBYTES\tWHY")
	for _, d := range a.Days {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", d.Type, d.Date, d.State, d.Rows, d.Files, d.Bytes,
			d.Reason)
	}
	return t.Flush()
}

// fault is the answer as an error: nil if all is well.
func (a *archived) fault() error {
	failed := 0
	for _, d := range a.Days {
		if d.State == "failed" {
			failed++
		}
	}
	switch {
	case len(a.Bad) > 0:
		return fault.New(fault.Damaged, "archive_damaged", "%s damaged or missing",
			plural.Of(len(a.Bad), "archived file is", "archived files are"))
	case failed > 0:
		return fault.New(fault.Internal, "archive_failed", "%s not archived",
			plural.Of(failed, "day was", "days were"))
	}
	return nil
}

// open gives the archive, or says that there is none.
func (k *Keeper) open() (*lake.Lake, error) {
	if k.err != nil {
		return nil, k.err
	}
	if k.lake == nil {
		return nil, fault.New(fault.Conflict, "no_archive",
			"there is no archive; name a folder or a bucket under archive in the settings")
	}
	return k.lake, nil
}

func (k *Keeper) getArchive(w http.ResponseWriter, r *http.Request) error {
	l, err := k.open()
	if err != nil {
		return err
	}
	days, err := l.Plan(r.Context(), web.Identity(r.Context()).Tenant)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, archived{Days: days})
}

// postArchive answers with what was done with each day; a day that failed says why there.
func (k *Keeper) postArchive(w http.ResponseWriter, r *http.Request) error {
	l, err := k.open()
	if err != nil {
		return err
	}
	days, err := l.Run(r.Context(), web.Identity(r.Context()).Tenant)
	if err != nil && len(days) == 0 {
		return err
	}
	return web.JSON(w, http.StatusOK, archived{Days: days})
}

func (k *Keeper) verifyArchive(w http.ResponseWriter, r *http.Request) error {
	l, err := k.open()
	if err != nil {
		return err
	}
	files, bad, err := l.Verify(r.Context(), web.Identity(r.Context()).Tenant)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, archived{Files: files, Bad: bad})
}
