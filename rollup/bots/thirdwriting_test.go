package bots_test

import "testing"

// TestJudgementOfTheThirdWriting measures the rules with the same people and families as TestJudgement,
// written a third time by who knew neither the rules nor the other writings: thirdpeople_test.go,
// thirdmachines_test.go and thirdbrowsers_test.go say what each is based on. It was written down before it
// was measured. How many addresses a family comes by is as in fleets, by its name.
//
//	go test ./rollup/bots -run TestJudgementOfTheThirdWriting -v
func TestJudgementOfTheThirdWriting(t *testing.T) {
	c := newCensus(t)
	c.people(thirdPeople(), 0.5, 2)
	c.machines(thirdFamilies(), map[group]float64{declared: 99, disguised: 90, stealth: 60})
}

func thirdPeople() []persona {
	return []persona{
		{"reader", habitual(func(h *habit) { h.scale = 75 })},
		{"tab hoarder", manyTabs},
		{"back button", habitual(func(h *habit) { h.bounce, h.more, h.back, h.restored = 0.1, 6, 0.42, 0.55 })},
		{"configurator clicker", configuring},
		{"screen reader", hearing},
		{"office of 200", manyBehindOne(4, 14, 0.85)},
		{"carrier's address", manyBehindOne(0.7, 5, 0)},
		// Lists have known hosts and names of scripts; a script of the site's own is mostly let through,
		// not by those who block by what it does. The persona is who blocks.
		{"ad block", habitual(func(h *habit) { h.script, h.desk = 0.1, 0.75 })},
		{"no script", withoutScript},
		{"bfcache", habitual(func(h *habit) { h.bounce, h.more, h.back, h.restored = 0.1, 6, 0.42, 0.96 })},
		{"prerender", loadedAhead},
		{"webview", insideApp},
		{"proxy without language", throughProxy},
		{"app with an api", oneDocument},
	}
}

func thirdFamilies() []family {
	return []family{
		{"declared", declared, bySelf(crawlersByName, 0.6, 60)},
		{"curl", declared, bySelf(toolsByName, 0.75, 5)},
		{"headless default", declared, headlessByDefault},
		{"seo", declared, bySelf(auditors, 0.35, 120)},
		{"uptime monitor", declared, watchdog},
		{"ai crawler", declared, bySelf(modelCrawlers, 0.5, 80)},
		{"feed reader", declared, feedByName},
		{"link preview", declared, bySelf(previewers, 0.97, 1)},
		{"path scanner", disguised, probing},
		{"sequential scraper", disguised, inOrder},
		{"forged ai crawler", disguised, underFalseName},
		{"residential one-hit", disguised, onePageEach},
		{"replay", disguised, playedAgain},
		{"paced distributed", stealth, pacing},
		{"stealth headless", stealth, hiddenBrowser},
		{"event forger", stealth, inventing},
		{"ai agent in a browser", stealth, assistantAtWork},
	}
}
