package report

import "analytics/engine/fault"

// Subject is what a report is about.
type Subject string

// The subjects.
const (
	Costs   Subject = "costs"
	Traffic Subject = "traffic"
)

// wanted is which reports a word asks for.
type wanted struct {
	subjects []Subject
	unit     Unit
}

// words are those that one asks for reports with.
var words = map[string]wanted{
	"daily": {[]Subject{Costs, Traffic}, Daily}, "weekly": {[]Subject{Costs, Traffic}, Weekly},
	"monthly": {[]Subject{Costs, Traffic}, Monthly},
	"costs":   {[]Subject{Costs}, ""}, "traffic": {[]Subject{Traffic}, ""},
	costsName(Daily): {[]Subject{Costs}, Daily}, trafficName(Daily): {[]Subject{Traffic}, Daily},
	costsName(Weekly): {[]Subject{Costs}, Weekly}, trafficName(Weekly): {[]Subject{Traffic}, Weekly},
	costsName(Monthly): {[]Subject{Costs}, Monthly}, trafficName(Monthly): {[]Subject{Traffic}, Monthly},
}

// named finds reports by a word, and by a unit where the word does not say it; "" is a day.
func named(word, period string) (wanted, error) {
	w, ok := words[word]
	if !ok {
		return w, fault.At(fault.NotFound, "unknown_report", "name",
			"there is no report %.40q; there are daily, weekly, monthly (all), costs and traffic", word)
	}
	switch u := Unit(period); {
	case period == "" && w.unit == "":
		w.unit = Daily
	case period == "":
	case u != Daily && u != Weekly && u != Monthly:
		return w, fault.At(fault.Invalid, "invalid_parameter", "period", "period is day, week or month, not %.20q", period)
	case w.unit != "" && w.unit != u:
		return w, fault.At(fault.Invalid, "invalid_parameter", "period", "%s and period=%s are not the same", word, u)
	default:
		w.unit = u
	}
	return w, nil
}
