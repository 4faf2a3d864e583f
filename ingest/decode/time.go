package decode

import (
	"analytics/engine/event"
)

// setTime sets the timestamp: RFC 3339 in a string, or a number of seconds, or of milliseconds when
// it is at least 1e11 (seconds that large are after the year 5000). Parts of a microsecond are cut.
func (d *Decoder) setTime(e *event.Event, k *key) bool {
	var at event.Micros
	if d.at() == '"' {
		text, _, ok := d.content()
		if !ok || len(text) == 0 {
			return ok
		}
		if at, ok = rfc3339(text); !ok {
			d.report(InvalidValue, k.name,
				"is not RFC 3339, unix seconds or unix milliseconds")
			return true
		}
	} else {
		n, good, ok := d.number(k, d.level)
		if !ok || !good {
			return ok
		}
		at = epoch(n)
	}
	if at < d.window.From || at > d.window.To || at < 0 {
		d.report(OutOfRange, k.name, "is out of range: "+d.window.describe())
		return true
	}
	e.SetInt(event.Timestamp, int64(at))
	e.Timed = true
	return true
}

// describe says what the window is.
func (w Window) describe() string {
	const layout = "2006-01-02T15:04:05Z"
	return "it must be from " + w.From.Time().Format(layout) + " to " + w.To.Time().Format(layout)
}

// never is a moment no window contains.
const never = event.Micros(-1)

// epoch is the moment a number stands for.
func epoch(n number) event.Micros {
	if n.negative {
		return never
	}
	shift := 6
	if seconds, _, fits := n.scaled(0, true); !fits || seconds >= 1e11 {
		shift = 3
	}
	v, _, fits := n.scaled(shift, true)
	if !fits {
		return never
	}
	return event.Micros(v)
}

// rfc3339 reads a timestamp such as 2026-11-21T03:44:00.123Z or …T04:44:00+01:00. The letters may
// be small and a space may stand for T, as the RFC allows; a leap second is not accepted, as no
// number of microseconds stands for it.
func rfc3339(b []byte) (event.Micros, bool) {
	if len(b) < 20 || b[4] != '-' || b[7] != '-' || b[13] != ':' || b[16] != ':' ||
		b[10] != 'T' && b[10] != 't' && b[10] != ' ' {
		return 0, false
	}
	century, year := pair(b[0:]), pair(b[2:])
	month, day := pair(b[5:]), pair(b[8:])
	hour, minute, second := pair(b[11:]), pair(b[14:]), pair(b[17:])
	if century < 0 || year < 0 || month < 1 || month > 12 || day < 1 ||
		uint(hour) > 23 || uint(minute) > 59 || uint(second) > 59 {
		return 0, false
	}
	year += century * 100
	if day > daysIn(year, month) {
		return 0, false
	}
	micros, zone := fraction(b[19:])
	offset, ok := zoneOffset(zone)
	if !ok || micros < 0 {
		return 0, false
	}
	seconds := int64(daysBefore(year, month)+day-1)*86400 +
		int64(hour*3600+minute*60+second-offset)
	return event.Micros(seconds*1e6 + micros), true
}

// pair is the value of two digits, -1 if they are not.
func pair(b []byte) int {
	hi, lo := b[0]-'0', b[1]-'0'
	if hi > 9 || lo > 9 {
		return -1
	}
	return int(hi)*10 + int(lo)
}

// fraction reads the fraction of a second, if there is one, and returns what stands behind it.
func fraction(b []byte) (micros int64, rest []byte) {
	if b[0] != '.' {
		return 0, b
	}
	i, unit := 1, int64(100_000)
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		micros += int64(b[i]-'0') * unit
		unit /= 10
	}
	if i == 1 || i > 10 {
		return -1, nil
	}
	return micros, b[i:]
}

// zoneOffset is how many seconds the zone is ahead of UTC.
func zoneOffset(b []byte) (seconds int, ok bool) {
	if len(b) == 1 {
		return 0, b[0]|0x20 == 'z'
	}
	if len(b) != 6 || b[3] != ':' || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	hours, minutes := pair(b[1:]), pair(b[4:])
	if uint(hours) > 23 || uint(minutes) > 59 {
		return 0, false
	}
	seconds = hours*3600 + minutes*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysIn(year, month int) int {
	switch month {
	case 2:
		if leap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysBefore is the number of days from 1970-01-01 to the first of the month. Years begin in March
// here, so that the day of the leap year is the last.
func daysBefore(year, month int) int {
	if month <= 2 {
		year--
		month += 12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 - 719468
}
