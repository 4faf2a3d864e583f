package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"analytics/query/when"
)

// Maintenance is a window that comes again each week, in which messages are kept back as by a silence.
type Maintenance struct {
	Name     string `json:"name" yaml:"name" doc:"What it is called in lists."`
	Scope    `yaml:",inline"`
	Days     []string `json:"days,omitempty" yaml:"days" doc:"mon to sun, on which it begins; all if empty."`
	From     string   `json:"from" yaml:"from" doc:"Local time, such as 22:00."`
	To       string   `json:"to" yaml:"to" doc:"Local time; on the next day if it is not after from."`
	Timezone string   `json:"timezone,omitempty" yaml:"timezone" doc:"IANA zone; the reports' if empty."`

	days     [7]bool
	from, to int // minutes of a day
	zone     *time.Location
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Complete says what is wrong with a window, and makes it ready.
func (m *Maintenance) Complete(standard *time.Location) error {
	var all []error
	add := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if !goodName.MatchString(m.Name) {
		add("name: it is made of letters, digits, dots, hyphens and underscores, 63 at most, not %.80q", m.Name)
	}
	m.days = [7]bool{}
	for _, d := range m.Days {
		at := -1
		if len(d) >= 3 {
			at = slices.Index(weekdays, strings.ToLower(d[:3]))
		}
		if at < 0 || !strings.HasPrefix(strings.ToLower(time.Weekday(at).String()), strings.ToLower(d)) {
			add("days: %.20q is not one of mon, tue, wed, thu, fri, sat, sun", d)
			continue
		}
		m.days[at] = true
	}
	if len(m.Days) == 0 {
		m.days = [7]bool{true, true, true, true, true, true, true}
	}
	var err error
	if m.from, err = minute(m.From); err != nil {
		add("from: %w", err)
	}
	if m.to, err = minute(m.To); err != nil {
		add("to: %w", err)
	}
	if m.zone, err = when.Zone(m.Timezone, standard); err != nil {
		add("timezone: %w", err)
	}
	if err := m.check(); err != nil {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// minute reads a time of day. 24:00 is the end of the day.
func minute(text string) (int, error) {
	t, err := time.Parse("15:04", text)
	if text == "24:00" {
		return 24 * 60, nil
	}
	if err != nil {
		return 0, fmt.Errorf("a local time is like 22:00, not %.20q", text)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// Active reports whether the window holds at a moment, and when it ends.
func (m *Maintenance) Active(at time.Time) (end time.Time, active bool) {
	y, mo, d := at.In(m.zone).Date()
	for back := range 3 { // of today, of yesterday over midnight, and of a day whose date was skipped
		from, to, begins := m.of(y, mo, d-back)
		if begins && !at.Before(from) && at.Before(to) {
			return to, true
		}
	}
	return time.Time{}, false
}

// Next is the window that holds at a moment, or the first one after it.
func (m *Maintenance) Next(at time.Time) (from, to time.Time, ok bool) {
	y, mo, d := at.In(m.zone).Date()
	for ahead := -2; ahead <= 8; ahead++ {
		if from, to, ok = m.of(y, mo, d+ahead); ok && to.After(at) {
			return from, to, true
		}
	}
	return from, to, false
}

// of is the window that begins on a local day. Where clocks are put back and the time of its beginning
// comes twice, it begins the first time, and it ends the second time: it is as long as the wall clock
// says at least. A time that is skipped is the moment after the gap, and a window in the gap is none.
func (m *Maintenance) of(y int, mo time.Month, d int) (from, to time.Time, ok bool) {
	date := time.Date(y, mo, d, 0, 0, 0, 0, time.UTC)
	if !m.days[date.Weekday()] {
		return from, to, false
	}
	from, _ = wall(date.Add(time.Duration(m.from)*time.Minute), m.zone)
	end := date.Add(time.Duration(m.to) * time.Minute)
	if m.to <= m.from {
		end = end.Add(24 * time.Hour)
	}
	_, to = wall(end, m.zone)
	return from, to, from.Before(to)
}

// wall finds the first and the last moment at which clocks of a zone show a time, given as if in UTC.
func wall(shown time.Time, zone *time.Location) (first, last time.Time) {
	for _, probe := range []time.Duration{-26 * time.Hour, 0, 26 * time.Hour} {
		_, offset := shown.Add(probe).In(zone).Zone()
		at := shown.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, is := at.Zone(); is != offset {
			continue
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if last.IsZero() || at.After(last) {
			last = at
		}
	}
	if first.IsZero() { // skipped
		_, gap := shown.Add(-26 * time.Hour).In(zone).ZoneBounds()
		return gap, gap
	}
	return first, last
}

// When is the window in words: "mon, tue 22:00-04:00 Europe/Berlin".
func (m *Maintenance) When() string {
	days := strings.Join(m.Days, ", ")
	if days == "" {
		days = "daily"
	}
	return fmt.Sprintf("%s %s-%s %s", days, m.From, m.To, m.zone)
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
