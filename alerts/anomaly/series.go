package anomaly

// Kind is what the values of a series are, which says how they vary by chance.
type Kind uint8

// The kinds.
const (
	// Count is of things that add up: requests, tokens, money.
	Count Kind = iota
	// Share is the part of the events that failed: values are the failures.
	Share
	// Size is a quantile of something measured, such as a latency.
	Size
)

// Series is what is measured each hour of a grid, the oldest first.
type Series struct {
	Kind Kind
	// Values are the numbers; of hours without events those of a Size mean nothing.
	Values []float64
	// Events are how many events each value is made of.
	Events []float64
	// UpOnly says that less of it is no bad news.
	UpOnly bool
	// Lumpy says that events are of very different worth: money and tokens.
	Lumpy bool
}

const (
	week = 168
	day  = 24
	// Weeks is how many weeks are looked back: the median stands three spoiled ones of eight, and a
	// change of habits is known after a month.
	Weeks = 8
	// levelDays is how many days say what the level of a time is.
	levelDays = 7
	// History is how many hours a series should have: of eight weeks before last week, and of the
	// week before those, which says their level.
	History = (Weeks + 2) * week
	// lump is how much more than a plain count a sum varies whose events differ: 1 + cv² of the sizes
	// of requests, which are about log-normal with a deviation of 1 to 1.2.
	lump = 3
)

// Basis is what an expectation is made of.
type Basis string

// The bases, the best first.
const (
	HourOfWeek Basis = "hour of week"
	HourOfDay  Basis = "hour of day"
	FourWeeks  Basis = "rate of four weeks"
	Overall    Basis = "overall median"
	Nothing    Basis = "nothing yet"
)

// The least data for each basis, in hours or samples.
const (
	leastWeeks = 3
	leastDays  = 3
	leastHours = day
	mostDays   = 14 // for the hour of the day
	mostHours  = 3 * day
)

// Model is what is known about a series after its complete hours.
type Model struct {
	grid     *Grid
	s        *Series
	complete int // hours before this one are over
	first    int // the first hour with an event
	last     int // the last hour over with an event, -1 for none
	noise    noise
	share    float64   // of a Share: the usual one
	spread   float64   // of a Size: the standard deviation of its logarithm
	typical  float64   // of a Size: how many events an hour has
	chunks   []float64 // sums of 24 hours, counted back from complete
	levels   map[[2]int]float64
	compared map[int]*comparison
}

// comparison is what an hour is compared with.
type comparison struct {
	samples []float64 // in order
	utc     []float64 // by hours of UTC, nil where that is the same
	basis   Basis
	offs    []off
}

// Fit learns from the hours before complete. Those after it can be judged, a day of them at most.
func Fit(g *Grid, s *Series, complete int) *Model {
	m := &Model{grid: g, s: s, complete: complete, first: complete, last: -1,
		levels: map[[2]int]float64{}, compared: map[int]*comparison{}, noise: noise{unit: 1}}
	for i := range complete {
		if s.Events[i] > 0 {
			m.first, m.last = min(m.first, i), i
		}
	}
	switch s.Kind {
	case Size:
		m.fitSize()
	case Share:
		m.fitShare()
	default:
		m.fitCount()
	}
	return m
}

// Hours is how many hours of data there are.
func (m *Model) Hours() int { return m.complete - m.first }

func (m *Model) fitCount() {
	if m.s.Lumpy {
		m.noise.unit = lump * m.perEvent()
	}
	for end := m.complete; end-day >= m.first; end -= day {
		sum := 0.
		for _, v := range m.s.Values[end-day : end] {
			sum += v
		}
		m.chunks = append(m.chunks, sum)
	}
	var all []off
	for i := max(m.first, m.complete-week); i < m.complete; i++ {
		all = append(all, m.compare(i).offs...)
	}
	m.noise.kappa = kappaOfBusy(all)
}

// kappaOfBusy is the spread of the busier half of the hours, in which chance hides least of it.
func kappaOfBusy(all []off) float64 {
	means := make([]float64, len(all))
	for i, o := range all {
		means[i] = o.mean
	}
	least := median(means)
	var busy []off
	for _, o := range all {
		if o.mean >= least && o.mean > 0 {
			busy = append(busy, o)
		}
	}
	return sqrt(kappaSquared(busy))
}

// perEvent is what an event is usually worth.
func (m *Model) perEvent() float64 {
	var each []float64
	for i := max(m.first, m.complete-4*week); i < m.complete; i++ {
		if m.s.Events[i] > 0 && m.s.Values[i] > 0 {
			each = append(each, m.s.Values[i]/m.s.Events[i])
		}
	}
	if unit := median(each); unit > 0 {
		return unit
	}
	return 1
}

// compare looks up what an hour is compared with.
func (m *Model) compare(i int) *comparison {
	if known := m.compared[i]; known != nil {
		return known
	}
	c := &comparison{}
	var differ bool
	if c.samples, differ = m.weeksBefore(i, false); differ {
		c.utc, _ = m.weeksBefore(i, true)
	}
	if c.basis = HourOfWeek; len(c.samples) < leastWeeks {
		c.utc = nil
		c.samples, c.basis = m.lately(i)
	}
	if len(c.samples) >= leastDays {
		c.offs = offsOf(c.samples, m.noise.unit)
	}
	m.compared[i] = c
	return c
}

// weeksBefore are what an hour was in the weeks before, brought to the level of its day. utc counts
// weeks in hours of UTC, for what does not follow the clock on the wall.
func (m *Model) weeksBefore(i int, utc bool) (samples []float64, differ bool) {
	samples = make([]float64, 0, Weeks)
	for w := 1; w <= Weeks; w++ {
		at, ok := m.grid.back(i, w*week)
		differ = differ || at != i-w*week
		if !ok || utc {
			at = i - w*week
		}
		if at >= m.first && at < m.complete {
			samples = append(samples, m.s.Values[at]*m.level(m.dayOf(i), w))
		}
	}
	return samples, differ
}

// dayOf is which stretch of 24 hours before the end an hour is in; -1 after the end.
func (m *Model) dayOf(i int) int {
	if i >= m.complete {
		return -1
	}
	return (m.complete - 1 - i) / day
}

// level is how much more there was in the week before that day than in the one so many weeks
// earlier: the median over its days, which bears an outage of three. Small counts are drawn to 1.
func (m *Model) level(d, weeks int) float64 {
	key := [2]int{d, weeks}
	if known, ok := m.levels[key]; ok {
		return known
	}
	var room [levelDays]float64
	ratios := room[:0]
	calm := 10 * m.noise.unit
	for j := d + 1; j <= d+levelDays; j++ {
		if then := j + 7*weeks; then < len(m.chunks) {
			ratios = append(ratios, (m.chunks[j]+calm)/(m.chunks[then]+calm))
		}
	}
	ratio := 1.
	if len(ratios) >= 3 {
		ratio = median(ratios)
	}
	m.levels[key] = ratio
	return ratio
}

// lately is what an hour is compared with while there are too few weeks: the same hour of the days
// before, or all hours.
func (m *Model) lately(i int) (samples []float64, b Basis) {
	for d := 1; d <= mostDays; d++ {
		at, ok := m.grid.back(i, d*day)
		if ok && at >= m.first && at < m.complete {
			samples = append(samples, m.s.Values[at])
		}
	}
	if len(samples) >= leastDays {
		return samples, HourOfDay
	}
	samples = samples[:0]
	for at := max(m.first, i-mostHours); at < min(i, m.complete); at++ {
		samples = append(samples, m.s.Values[at])
	}
	if len(samples) >= leastHours {
		return samples, Overall
	}
	return nil, Nothing
}
