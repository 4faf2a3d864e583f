package event

import "time"

// Micros is a moment: microseconds since 1970-01-01 UTC.
type Micros int64

// MicrosOf is the moment t, cut to whole microseconds.
func MicrosOf(t time.Time) Micros { return Micros(t.UnixMicro()) }

// Time is the moment in UTC.
func (m Micros) Time() time.Time { return time.UnixMicro(int64(m)).UTC() }

// Hour is the hour of the moment.
func (m Micros) Hour() Hour {
	h := int64(m) / microsPerHour
	if int64(m)%microsPerHour < 0 {
		h--
	}
	return Hour(h)
}

// Hour counts hours since 1970-01-01 UTC. It is the unit of storage: journal, segments and ledger
// are kept by hour, in keys as 4 bytes big-endian, so an hour before 1970 has no place.
type Hour uint32

const microsPerHour = int64(time.Hour / time.Microsecond)

// Start is the first moment of the hour.
func (h Hour) Start() Micros { return Micros(int64(h) * microsPerHour) }

// End is the first moment after the hour.
func (h Hour) End() Micros { return (h + 1).Start() }

// NanoUSD is money: 1e-9 USD. Sums of it are exact; the largest is about 9.2 billion USD.
type NanoUSD int64
