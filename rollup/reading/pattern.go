package reading

// The patterns.
const (
	Bounce  = "bounce"
	Skimmer = "skimmer"
	Scanner = "scanner"
	Reader  = "reader"
	Engaged = "engaged"
)

// Pattern is how a page was read that was in view for so many seconds and scrolled down so many
// percent.
func Pattern(seconds float64, scroll int) string {
	switch {
	case scroll > 75 && seconds > 30:
		return Engaged
	case scroll > 50 && seconds > 15:
		return Reader
	case scroll > 30 && seconds < 20:
		return Scanner
	case scroll < 25 && seconds < 10:
		return Bounce
	}
	return Skimmer
}
