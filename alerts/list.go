package alerts

import (
	"cmp"
	"context"
	"slices"

	"analytics/engine/event"
)

// List is the incidents, the newest first, of one state if it is given.
func (w *Watch) List(state State) []Incident {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := []Incident{}
	for _, i := range w.known {
		if state == "" || i.State == state {
			all = append(all, *i)
		}
	}
	slices.SortFunc(all, func(a, b Incident) int {
		return cmp.Or(b.Opened.Compare(a.Opened), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Active are the incidents whose period goes on, the newest first.
func (w *Watch) Active() []Incident {
	return slices.DeleteFunc(w.List(""), func(i Incident) bool { return !i.Active() })
}

// Standing is a rule and how far its period has come.
type Standing struct {
	ID        string `json:"id"`
	Type      Type   `json:"type"`
	Threshold USD    `json:"threshold"`
	Action    Action `json:"action"`
	Period    string `json:"period"`
	Spent     USD    `json:"spent"`
	Left      USD    `json:"left"` // 0 once it is passed
	Incident  string `json:"incident,omitempty"`
}

// Standings are the rules with what is spent now.
func (w *Watch) Standings(ctx context.Context) ([]Standing, error) {
	w.mu.Lock()
	rules := w.rules
	w.mu.Unlock()
	all := []Standing{}
	spent := map[string]event.NanoUSD{}
	for _, r := range rules {
		p := r.Type.period(w.desk.Now(), w.desk.Zone())
		if _, asked := spent[p.Key]; !asked {
			sum, err := w.spent(ctx, p)
			if err != nil {
				return nil, err
			}
			spent[p.Key] = sum
		}
		s := Standing{
			ID: r.ID, Type: r.Type, Threshold: USD(r.Threshold), Action: r.Action, Period: p.Key,
			Spent: USD(spent[p.Key]), Left: USD(max(0, r.Threshold-spent[p.Key])),
		}
		if i, known := w.find(r.ID + "-" + p.Key); known {
			s.Incident = i.ID
		}
		all = append(all, s)
	}
	return all, nil
}
