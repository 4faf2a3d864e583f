package alerts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"analytics/engine/budget"
	"analytics/engine/store"
)

// Budget is the type of an incident about a budget; its rule is the budget, the group and the
// percentage.
const Budget Type = "budget"

// Guard has budgets watched as well, and rules that ask for a pause made into budgets. It is called
// before Use.
func (w *Watch) Guard(l *budget.Ledger) { w.ledger = l }

// fromRules has the ledger pause requests where rules ask for it. Their incidents are the rules' own.
func (w *Watch) fromRules(rules []Rule) {
	if w.ledger == nil {
		return
	}
	var all []budget.Definition
	for _, r := range rules {
		if r.Action != PauseRequests {
			continue
		}
		d := budget.Definition{Name: r.ID, Limit: budget.USD(r.Threshold), Period: "day", Quiet: true,
			Action: budget.Pause, Timezone: w.desk.Zone().String(), Source: "alerts"}
		if r.Type == MonthlyCost {
			d.Period = "month"
		}
		all = append(all, d)
	}
	w.ledger.Rule(all)
}

// checkBudgets opens an incident for each threshold that a budget has passed in its period, once.
func (w *Watch) checkBudgets(ctx context.Context, now time.Time) error {
	if w.ledger == nil {
		return nil
	}
	all, err := w.ledger.Standings(ctx, store.Default, "")
	if err != nil {
		return err
	}
	for i := range all {
		s := &all[i]
		if s.Quiet || s.State == budget.Counting {
			continue
		}
		for _, percent := range s.At {
			if passed(s, percent) {
				if err := w.openBudget(ctx, s, percent, now); err != nil {
					return fmt.Errorf("budget %s: %w", s.Name, err)
				}
			}
		}
	}
	return nil
}

// threshold is a percentage of the limit.
func threshold(s *budget.Standing, percent int) budget.USD {
	p := budget.USD(percent)
	return s.Limit/100*p + s.Limit%100*p/100
}

func passed(s *budget.Standing, percent int) bool { return s.Spent >= threshold(s, percent) }

func (w *Watch) openBudget(ctx context.Context, s *budget.Standing, percent int, now time.Time) error {
	rule := fmt.Sprintf("budget-%s-%d", s.Name, percent)
	if len(s.Group) > 0 { // values may be anything, and an id is a part of a path
		sum := sha256.Sum256([]byte(strings.Join(s.Group, "\x00")))
		rule += "-" + hex.EncodeToString(sum[:6])
	}
	period, from, to := s.Key, s.From, s.To
	if s.Rolling { // told again after its whole length, if it is still passed then
		period, to = now.UTC().Format("2006-01-02T15-04-05Z"), now.Add(s.To.Sub(s.From))
	}
	w.mu.Lock()
	known := w.known[rule+"-"+period] != nil
	for _, i := range w.known {
		known = known || i.Rule == rule && i.Active() && now.Before(i.To) && s.Rolling
	}
	w.mu.Unlock()
	if known {
		return nil
	}
	i := &Incident{
		ID: rule + "-" + period, Rule: rule, Type: Budget, Action: Action(s.Action),
		Threshold: USD(threshold(s, percent)), Value: USD(s.Spent), Period: period, From: from, To: to,
		State: Open, Opened: now, Message: budgetMessage(s, percent),
	}
	w.mu.Lock()
	err := w.makeRoom(ctx)
	if err == nil {
		err = w.save(ctx, i)
	}
	w.mu.Unlock()
	if err != nil {
		return err
	}
	w.log.Warn("budget passed", "incident", i.ID, "message", i.Message)
	return w.ledger.Audit(ctx, store.Default, "budget_threshold", s.Name, map[string]any{
		"percent": percent, "spent_usd": s.Spent.String(), "state": s.State})
}

// budgetMessage says what happened in one line.
func budgetMessage(s *budget.Standing, percent int) string {
	name := s.Name
	if len(s.Group) > 0 {
		var of []string
		for i, v := range s.Group {
			of = append(of, s.By[i]+" "+v)
		}
		name += " of " + strings.Join(of, ", ")
	}
	text := fmt.Sprintf("The budget %s has spent %s of %s: %d %% are passed.", name, s.Spent, s.Limit, percent)
	switch s.State {
	case budget.Paused:
		text += " Its requests through the gateway are paused"
		if !s.Resumes.IsZero() {
			text += " until " + s.Resumes.UTC().Format(time.RFC3339)
		}
		text += "; `analytics budgets unpause " + s.Name + "` lets them go on."
	case budget.Slowed:
		text += " Its requests through the gateway are slowed down."
	}
	return text
}
