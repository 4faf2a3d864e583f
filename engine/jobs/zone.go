package jobs

import "time"

// moment is when a local clock first shows hour:minute on a date, or has jumped over it; the day
// may be out of its month's range. time.Date promises nothing for a time that does not exist or
// exists twice: it gives 23:00 of the day before for the midnight that São Paulo skipped in 2018.
// Hence the walk over the zone's periods of constant offset.
func moment(year int, month time.Month, day, hour, minute int, zone *time.Location) time.Time {
	local := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	t := local.Add(-36 * time.Hour).In(zone)
	for {
		_, end := t.ZoneBounds()
		_, offset := t.Zone()
		at := local.Add(-time.Duration(offset) * time.Second).In(zone)
		switch {
		case at.Before(t): // this offset began after it: the zone jumped over it
			return t
		case end.IsZero() || at.Before(end):
			return at
		}
		t = end
	}
}

// period is the local day with that date. It is empty where a zone left a day out.
func (s Schedule) period(date time.Time) Period {
	y, m, d := date.Date()
	return Period{
		Key:  time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		From: moment(y, m, d, 0, 0, s.zone),
		To:   moment(y, m, d+1, 0, 0, s.zone),
	}
}

// newest is the last local day whose run is due at now: yesterday after the time of day, the day
// before yesterday until then.
func (s Schedule) newest(now time.Time) Period {
	y, m, d := now.In(s.zone).Date()
	if now.Before(moment(y, m, d, s.hour, s.minute, s.zone)) {
		d--
	}
	p := s.period(time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC))
	if p.From.Equal(p.To) {
		p = s.period(time.Date(y, m, d-2, 0, 0, 0, 0, time.UTC))
	}
	return p
}

// due lists the periods that are due at now and come after the one that was done last, oldest
// first. With an empty key nothing was done yet, and only what ends after the beginning counts.
func (s Schedule) due(last string, beginning, now time.Time) []Period {
	newest := s.newest(now)
	date, err := time.Parse(time.DateOnly, last)
	if err != nil {
		y, m, d := beginning.In(s.zone).Date()
		date = time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC)
	}
	var out []Period
	for range maxMissed {
		date = date.AddDate(0, 0, 1)
		p := s.period(date)
		if p.Key > newest.Key {
			break
		}
		if p.From.Before(p.To) {
			out = append(out, p)
		}
	}
	if s.catchUp == Newest && len(out) > 1 {
		missed := len(out) - 1
		out = out[missed:]
		out[0].Missed = missed
	}
	return out
}

// maxMissed bounds how many days are caught up at a time; what is beyond comes with the next tick.
const maxMissed = 4000

// next is when a daily job is due next.
func (s Schedule) next(now time.Time) time.Time {
	y, m, d := now.In(s.zone).Date()
	at := moment(y, m, d, s.hour, s.minute, s.zone)
	if !at.After(now) {
		at = moment(y, m, d+1, s.hour, s.minute, s.zone)
	}
	return at
}
