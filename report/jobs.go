package report

import (
	"context"

	"analytics/engine/jobs"
)

// Jobs are the daily reports, due at the configured time for the day before. After a downtime only
// the newest is written and sent, and says how many were missed.
func (p *Press) Jobs() []jobs.Job {
	daily := func(name, about string) jobs.Job {
		return jobs.Job{
			Name: name, About: about,
			When: jobs.Daily(p.hour, p.minute, p.desk.Zone(), jobs.Newest),
			Run: func(ctx context.Context, period jobs.Period) error {
				day, err := p.dayOf(period.Key)
				if err != nil {
					return err
				}
				_, err = p.Publish(ctx, name, day, period.Missed)
				return err
			},
		}
	}
	return []jobs.Job{
		daily(CostsName, "write yesterday's cost report and send it"),
		daily(TrafficName, "write yesterday's traffic report and send it"),
	}
}
