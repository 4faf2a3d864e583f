package retention

import (
	"net/http"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/retention/lake"
)

// archived is what the routes of the archive answer.
type archived struct {
	Days  []lake.Day    `json:"days,omitempty"`
	Files int           `json:"files,omitempty"` // that were read
	Bad   []lake.Damage `json:"damaged,omitempty"`
}

// open gives the archive, or says that there is none.
func (k *Keeper) open() (*lake.Lake, error) {
	if k.err != nil {
		return nil, k.err
	}
	if k.lake == nil {
		return nil, fault.New(fault.Conflict, "no_archive",
			"there is no archive; name a folder under archive.folder in the settings")
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
