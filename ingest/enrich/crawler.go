package enrich

import (
	"regexp"
	"slices"
	"strings"
)

// crawlers finds which of some 1,500 known bots a user agent names. Nearly all patterns are plain
// text; the others have some that is looked for first.
type crawlers struct {
	list     []crawler
	literals finder
}

type crawler struct {
	name    string
	tag     string // "search-engine", "ai-crawler" …: the first of the list's tags
	literal string
	pattern *regexp.Regexp // nil: the literal is all
}

func (c *crawlers) load(rows [][]string) error {
	rows = slices.Concat(rows, named(assistantNames), named(crawlerNames))
	for _, row := range rows {
		tag, _, _ := strings.Cut(row[1], ",")
		if build.MatchString(row[2]) {
			continue
		}
		bot := crawler{name: row[0], tag: tag, literal: row[2]}
		if row[3] != "" {
			p, err := regexp.Compile(row[3])
			if err != nil {
				return err
			}
			bot.pattern = p
		}
		c.literals.add(bot.literal)
		c.list = append(c.list, bot)
	}
	return nil
}

// build is a version of Android, which the list has for the user agent of one scanner, and phones send.
var build = regexp.MustCompile(`^[A-Z0-9]{4}\.\d{6}\.\d{3}$`)

// named makes lines of the list for names of AI bots that are ours.
func named(names []string) (rows [][]string) {
	for _, name := range names {
		rows = append(rows, []string{name, "ai-crawler", name, ""})
	}
	return rows
}

// find is the bot that ua names, nil for none. Of several, as Googlebot-Image and Googlebot, the
// one with the longest text is meant.
func (c *crawlers) find(ua string) (found *crawler) {
	c.literals.in(ua, func(n int) bool {
		bot := &c.list[n]
		if (found == nil || len(bot.literal) > len(found.literal)) &&
			(bot.pattern == nil || bot.pattern.MatchString(ua)) {
			found = bot
		}
		return true
	})
	return found
}
