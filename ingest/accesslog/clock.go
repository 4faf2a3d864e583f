package accesslog

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// instant reads when a request was made, in microseconds since 1970, in any of the ways that logs have:
//
//	21/Nov/2025:10:00:00 +0100   with or without a fraction; without a zone it is that of the log
//	2025-11-21T10:00:00.123Z     or with a space, or with +01:00 or +0100
//	2025/11/21 10:00:00.123      as Caddy writes it on a terminal
//	1763719200.123               or milli-, micro- or nanoseconds
func instant(v []byte, zone *time.Location) (int64, bool) {
	switch {
	case len(v) >= 20 && v[2] == '/':
		return commonTime(v, zone)
	case len(v) >= 19 && (v[4] == '-' || v[4] == '/'):
		return isoTime(v, zone)
	}
	return epoch(v)
}

// commonTime reads 21/Nov/2025:10:00:00 and what may follow.
func commonTime(v []byte, zone *time.Location) (int64, bool) {
	month := monthOf(v[3:6])
	day, year, ok := number(v[:2]), number(v[7:11]), v[6] == '/' && v[11] == ':'
	if !ok || month == 0 || day < 1 || year < 0 {
		return 0, false
	}
	return join(year, month, day, v[12:], zone)
}

// isoTime reads 2025-11-21, any one character, 10:00:00 and what may follow.
func isoTime(v []byte, zone *time.Location) (int64, bool) {
	year, month, day := number(v[:4]), number(v[5:7]), number(v[8:10])
	if year < 0 || month < 1 || month > 12 || day < 1 || v[7] != v[4] {
		return 0, false
	}
	return join(year, month, day, v[11:], zone)
}

// join adds the time of day, its fraction and zone to a date.
func join(year, month, day int, v []byte, zone *time.Location) (int64, bool) {
	if len(v) < 8 || v[2] != ':' || v[5] != ':' {
		return 0, false
	}
	hour, minute, second := number(v[:2]), number(v[3:5]), number(v[6:8])
	if uint(hour) > 23 || uint(minute) > 59 || uint(second) > 60 || // 60 is a leap second
		day > 28 && time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day {
		return 0, false
	}
	micros, rest := fraction(v[8:])
	offset, known, ok := offsetOf(bytes.TrimLeft(rest, " "))
	if !ok {
		return 0, false
	}
	if !known && zone != time.UTC {
		return time.Date(year, time.Month(month), day, hour, minute, second, 0, zone).Unix()*1e6 + micros, true
	}
	days := daysTo(year, month, day)
	return (int64(days)*86400+int64(hour*3600+minute*60+second-offset))*1e6 + micros, true
}

// fraction reads the fraction of a second, if there is one.
func fraction(v []byte) (micros int64, rest []byte) {
	if len(v) < 2 || v[0] != '.' && v[0] != ',' {
		return 0, v
	}
	unit := int64(100_000)
	v = v[1:]
	for len(v) > 0 && v[0]-'0' <= 9 {
		micros += int64(v[0]-'0') * unit
		unit /= 10
		v = v[1:]
	}
	return micros, v
}

// offsetOf reads a zone: nothing, Z, UTC, +0100 or +01:00.
func offsetOf(v []byte) (seconds int, known, ok bool) {
	switch {
	case len(v) == 0:
		return 0, false, true
	case len(v) == 1 && v[0] == 'Z', string(v) == "UTC", string(v) == "GMT":
		return 0, true, true
	case len(v) == 6 && v[3] == ':':
		v = append(append(make([]byte, 0, 5), v[:3]...), v[4:]...)
	}
	if len(v) != 5 || v[0] != '+' && v[0] != '-' {
		return 0, false, false
	}
	hours, minutes := number(v[1:3]), number(v[3:5])
	if uint(hours) > 15 || uint(minutes) > 59 {
		return 0, false, false
	}
	seconds = hours*3600 + minutes*60
	if v[0] == '-' {
		seconds = -seconds
	}
	return seconds, true, true
}

// epoch reads a number whose size says what it counts.
func epoch(v []byte) (int64, bool) {
	if len(v) == 0 || v[0]-'0' > 9 {
		return 0, false
	}
	if n, err := strconv.ParseInt(str(v), 10, 64); err == nil && n >= 1e14 {
		if n >= 1e17 {
			n /= 1000
		}
		return n, true
	}
	n, err := strconv.ParseFloat(str(v), 64)
	switch {
	case err != nil || n < 1e8 || n >= 1e14:
		return 0, false
	case n < 1e11:
		return int64(math.Round(n * 1e6)), true
	}
	return int64(math.Round(n * 1e3)), true
}

// number is the value of digits, -1 if they are not.
func number(v []byte) (n int) {
	for _, c := range v {
		if c-'0' > 9 {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// monthOf is the number of a month's three letters, 0 if they are none.
func monthOf(v []byte) int {
	name := [3]byte{v[0] | 0x20, v[1] | 0x20, v[2] | 0x20}
	for i := 0; i < len(months); i += 3 {
		if months[i:i+3] == string(name[:]) {
			return i/3 + 1
		}
	}
	return 0
}

// daysTo counts the days from 1970-01-01, with years that begin in March as the leap day is then the
// last one.
func daysTo(year, month, day int) int {
	if month <= 2 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}
