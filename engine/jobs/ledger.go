package jobs

import (
	"context"
	"encoding/json"
	"time"

	"analytics/engine/store"
)

// Row is one line of the ledger: what became of a period. It is kept as JSON on the shelf "jobs":
// under "<job>" the newest, under "<job>/<period>" each period of a daily job.
type Row struct {
	Job      string    `json:"job"`
	Period   string    `json:"period,omitempty"`
	State    State     `json:"state"`
	Attempt  int       `json:"attempt"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	Missed   int       `json:"missed,omitempty"`
	Error    string    `json:"error,omitempty"`
	// Last is the newest period that was done, of a daily job.
	Last string `json:"last,omitempty"`
	// Beginning is when the ledger first saw the job; earlier days are not caught up.
	Beginning time.Time `json:"beginning,omitzero"`
}

// State is how far a period is.
type State string

// The states. A row that still says running after a crash is run again.
const (
	Waiting State = "waiting"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// keptPeriods is how many periods of a job the ledger keeps.
const keptPeriods = 400

// ledger is the rows on the shelf.
type ledger struct{ shelf *store.Shelf }

// load reads the newest row of a job.
func (l ledger) load(job string) (row Row, ok bool, err error) {
	v, ok, err := l.shelf.Get(job)
	if err != nil || !ok {
		return Row{Job: job, State: Waiting}, false, err
	}
	return row, true, json.Unmarshal(v, &row)
}

// save writes a row, as the newest and, for a daily job, under its period.
func (l ledger) save(ctx context.Context, row Row) error {
	v, err := json.Marshal(row)
	if err != nil {
		return err
	}
	changes := []store.Change{{Key: row.Job, Value: v}}
	if row.Period != "" {
		changes = append(changes, store.Change{Key: row.Job + "/" + row.Period, Value: v})
		if old, err := time.Parse(time.DateOnly, row.Period); err == nil {
			gone := old.AddDate(0, 0, -keptPeriods).Format(time.DateOnly)
			changes = append(changes, store.Change{Key: row.Job + "/" + gone, Delete: true})
		}
	}
	return l.shelf.Apply(ctx, changes...)
}

// History lists the periods of a daily job that the ledger keeps, oldest first.
func (l ledger) history(job string) ([]Row, error) {
	var rows []Row
	err := l.shelf.Each(job+"/", func(_ string, v []byte) error {
		var row Row
		if err := json.Unmarshal(v, &row); err != nil {
			return err
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}
