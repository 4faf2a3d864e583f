package alerts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query"
	"analytics/query/answer"
	"analytics/report/outbox"
)

// letterName is what messages about incidents are called in the outbox and in footers.
const letterName = "alert"

// message says what happened in one line, and honestly what does not. pauses says that requests can
// be paused.
func (i *Incident) message(pauses bool) string {
	period := "on " + i.Period
	if i.Type == MonthlyCost {
		period = "in " + i.From.Format("January 2006")
	}
	text := fmt.Sprintf("%s were spent %s: the threshold of %s is passed.", dollars(i.Value), period,
		dollars(i.Threshold))
	switch i.Action {
	case PauseRequests:
		if pauses {
			return text + " Requests through the gateway are paused until " + i.To.UTC().Format(time.RFC3339) + "."
		}
		text += " The rule asks to pause requests, which this version does not do: they go on."
	}
	return text
}

// dollars is exact where it has to be: a threshold is shown as it was set.
func dollars(u USD) string {
	text := string(answer.AppendMoney(nil, event.NanoUSD(u)))
	whole, part, _ := strings.Cut(text, ".")
	for len(part) < 2 {
		part += "0"
	}
	return "$" + whole + "." + part
}

// notify hands messages to the outbox, each once. Without a channel they wait: who sets one later
// wants to hear what goes on, not what was over yesterday (tell.go).
func (w *Watch) notify(ctx context.Context, now time.Time) error {
	if !w.outbox.Enabled() {
		return nil
	}
	list, err := w.due(ctx, now)
	if err != nil {
		return err
	}
	for _, b := range list {
		// A crash between the two writes comes here again, and finds the letter by its name.
		if _, handed := w.outbox.Find(letterName, b.name); !handed {
			i := b.all[0]
			l := outbox.Letter{
				Report: letterName, Period: b.name, Topic: outbox.Alerts, Severity: string(worst(b.all)),
			}
			if l.Note = w.note(ctx, i); len(b.all) > 1 || i.Reading != nil {
				l.Note = together(b.all)
			}
			w.address(&l, i)
			if _, err := w.outbox.Enqueue(ctx, l); err != nil {
				return err
			}
		}
		if err := w.told(ctx, b, now); err != nil {
			return err
		}
	}
	return nil
}

// address sends a letter where its rule says, if there is such a channel; otherwise it goes to all.
func (w *Watch) address(l *outbox.Letter, i Incident) {
	switch {
	case i.Action == Email:
		l.Kind = "email"
	case i.Action == ToDiscord:
		l.Kind = "discord"
	case (i.Type == DailyCost || i.Type == MonthlyCost) && w.outbox.Named(string(i.Action)):
		l.Channel = string(i.Action)
	}
}

// worst is the highest severity of incidents told together: a channel for critical ones hears of all.
func worst(all []Incident) Severity {
	top := all[0].Severity
	for _, i := range all {
		if i.Severity.rank() > top.rank() {
			top = i.Severity
		}
	}
	return top
}

// note is the incident in plain words; each channel gives them its form.
func (w *Watch) note(ctx context.Context, i Incident) outbox.Note {
	n := outbox.Note{
		Title: i.Title(), Mood: outbox.Alarming, At: i.Opened, Lines: []string{i.Message},
		Facts: []outbox.Fact{
			{Name: "Spent", Value: dollars(i.Value)}, {Name: "Threshold", Value: dollars(i.Threshold)},
			{Name: "Period", Value: i.Period},
		},
	}
	if i.Action == Email && !w.outbox.Has("email", outbox.Alerts) {
		n.Lines = append(n.Lines, "The rule asks for e-mail, and none is set: see report.email and report.notify.")
	}
	if rows := w.most(ctx, i); len(rows) > 0 {
		n.Tables = []outbox.Table{{
			Title: "Most of it", Rows: rows, Brief: len(rows),
			Columns: []outbox.Column{{Label: "Model", Brief: true}, {Label: "Cost", Right: true, Brief: true}},
		}}
	}
	return n
}

// most are the models that cost most in the period, with their cost. It is a help and no promise: a
// question that fails leaves it out.
func (w *Watch) most(ctx context.Context, i Incident) (rows [][]string) {
	if i.Type == Budget { // of a part of the spend, which the question would not know
		return nil
	}
	a, err := w.desk.Answer(ctx, store.Default, query.Question{
		Metrics: []string{"cost"}, By: []string{"model"}, Order: "-cost", Limit: 3,
		From: i.From, To: i.To, TZ: w.desk.Zone().String(),
	})
	if err != nil {
		return nil
	}
	name, cost := a.Column("model"), a.Column("cost")
	for _, row := range a.Rows {
		model, _ := row[name].(string)
		if spent, _ := row[cost].(event.NanoUSD); spent > 0 {
			rows = append(rows, []string{model, dollars(USD(spent))})
		}
	}
	return rows
}
