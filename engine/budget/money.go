package budget

import (
	"strconv"
	"strings"

	"analytics/engine/config"
	"analytics/engine/event"
)

// USD is money that is an exact decimal number of USD in JSON.
type USD event.NanoUSD

// nanos are in a USD.
const nanos = 1_000_000_000

// MarshalJSON writes a number such as 104.2.
func (u USD) MarshalJSON() ([]byte, error) {
	return []byte(strings.TrimSuffix(strings.TrimRight(u.digits(), "0"), ".")), nil
}

// UnmarshalJSON reads such a number, or its text, without rounding.
func (u *USD) UnmarshalJSON(b []byte) error {
	d, err := config.ParseDecimal(strings.Trim(string(b), `"`))
	if err != nil {
		return err
	}
	nano, err := d.Scaled(9)
	*u = USD(nano)
	return err
}

// String is the money for people, with two digits of cents at least.
func (u USD) String() string {
	text := u.digits()
	short := strings.TrimRight(text, "0")
	return "$" + text[:max(len(short), strings.IndexByte(text, '.')+3)]
}

// digits has all nine digits behind the point.
func (u USD) digits() string {
	sign, n := "", uint64(u)
	if u < 0 {
		sign, n = "-", -n
	}
	part := strconv.FormatUint(n%nanos, 10)
	return sign + strconv.FormatUint(n/nanos, 10) + "." + strings.Repeat("0", 9-len(part)) + part
}
