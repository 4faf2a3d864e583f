package report

import (
	"context"
	"os"

	"analytics/engine/jobs"
	"analytics/engine/store"
)

// Jobs are the reports, due at the configured time for the day before. After a downtime only the newest
// is written and sent, and says how many were missed. Those of weeks and months are looked for each day:
// one that is over and was not written is.
func (p *Press) Jobs() []jobs.Job {
	daily := func(name, about string, run func(context.Context, Span, int) error) jobs.Job {
		return jobs.Job{
			Name: name, About: about,
			When: jobs.Daily(p.hour, p.minute, p.desk.Zone(), jobs.Newest),
			Run: func(ctx context.Context, period jobs.Period) error {
				day, err := p.dayOf(period.Key)
				if err != nil {
					return err
				}
				return run(ctx, day, period.Missed)
			},
		}
	}
	of := func(about Subject) func(context.Context, Span, int) error {
		return func(ctx context.Context, day Span, missed int) error {
			_, err := p.Publish(ctx, about, day, missed)
			return err
		}
	}
	all := []jobs.Job{
		daily(CostsName, "write yesterday's cost report and send it", of(Costs)),
		daily(TrafficName, "write yesterday's traffic report and send it", of(Traffic)),
	}
	if p.weekly {
		all = append(all, daily("weekly_reports", "write the reports of the last week and send them",
			func(ctx context.Context, day Span, _ int) error { return p.rest(ctx, Weekly, day) }))
	}
	if p.monthly {
		all = append(all, daily("monthly_reports", "write the reports of the last month and send them",
			func(ctx context.Context, day Span, _ int) error { return p.rest(ctx, Monthly, day) }))
	}
	return all
}

// rest publishes the reports of the newest week or month that was over with the day, unless they are
// there or nothing happened.
func (p *Press) rest(ctx context.Context, unit Unit, day Span) error {
	span := day.In(unit)
	if day.To.Before(span.To) {
		first := span.From.In(span.Zone)
		span = DayOf(first.Year(), first.Month(), first.Day()-1, span.Zone).In(unit)
	}
	for _, about := range []Subject{Costs, Traffic} {
		r, err := p.Write(ctx, store.Default, about, span)
		if err != nil {
			return err
		}
		if _, err := os.Stat(p.path(r)); err == nil || r.Empty {
			continue
		}
		if _, err := p.Publish(ctx, about, span, 0); err != nil {
			return err
		}
	}
	return nil
}
